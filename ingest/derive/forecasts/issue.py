"""Takes marks of the consumer `forecast` and issues what the sources of each series say at its newest reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.quality import Quality
from core.settings import Settings
from hydrology.forecasts import Forecast
from hydrology.forecasts.trend import project
from hydrology.trend import LONGEST_S, Point, TrendCode
from ingest.derive.forecasts import skill, tides, upstream
from ingest.derive.levels import LEVELS
from store import derived, forecasts, marks
from store.derived import Range, Subject
from store.forecasts import Due, NewPoint
from store.marks import Mark

MOST_MARKS = 1_000
REST_S = 270.0
"""The least time between two issues of a series, a little less than five minutes because reports jitter."""
CALM_REST_S = 570.0
"""The same while its trend is steady: nothing new is to be said."""
_WATER, _TIDE = "water_level", "tide_level"


@dataclass(frozen=True, slots=True)
class Asked:
    """A series that is due at its newest reading `at_s`, with its readings of the last three hours."""

    series: Subject
    at_s: float
    points: list[Point]

    @property
    def level(self) -> float | None:
        """The newest reading, unless nobody can vouch for it."""
        newest = self.points[-1] if self.points else None
        if newest is None or newest.time_s != self.at_s or newest.value != newest.value:
            return None
        return newest.value if newest.quality in (Quality.GOOD, Quality.NOT_EVALUATED) else None


def step(connection: Connection[Any], settings: Settings, now: datetime, most: int = MOST_MARKS) -> int:
    """One bounded transaction's work, in the caller's transaction; returns how many marks were taken."""
    taken = marks.take(connection, marks.FORECAST, most)
    if not taken:
        return 0
    changed = marks.merged(taken)
    series = {
        one.id: one
        for one in derived.subjects(connection, changed)
        if one.property in LEVELS and one.period_s == 0
    }
    skill.mark(connection, [mark for mark in changed.values() if mark.series in series], now)
    due = [one for one in forecasts.due(connection, list(series)) if is_due(one, changed[one.series])]
    asked = _asked(connection, [(series[one.series], one.newest_s) for one in due])
    made = [(one, _trend(one)) for one in asked if one.series.property == _WATER]
    first = [one for one in asked if one.series.sensor == 1]
    made += tides.forecasts(connection, [one for one in first if one.series.property == _TIDE])
    made += upstream.forecasts(connection, [one for one in first if one.series.property == _WATER])
    points = [point for one, found in made if found is not None for point in _points(one, found)]
    forecasts.replace(connection, [(one.series.id, one.at_s) for one in asked], points)
    return len(taken)


def is_due(one: Due, changed: Mark) -> bool:
    """True after the rest, and at once where a reading changed on which the newest issue stands."""
    if one.issued_s is None:
        return True
    if one.newest_s <= one.issued_s:
        return one.newest_s == one.issued_s and changed.to_time.timestamp() >= one.newest_s - LONGEST_S
    rest = CALM_REST_S if one.trend_code == TrendCode.STEADY else REST_S
    return one.newest_s - one.issued_s >= rest


def _asked(connection: Connection[Any], due: Sequence[tuple[Subject, float]]) -> list[Asked]:
    wanted = [Range(series.id, at_s - LONGEST_S - 1, at_s) for series, at_s in due]
    return [
        Asked(
            series,
            at_s,
            [
                Point(time_s, value, Quality(flag))
                for time_s, value, flag in zip(column.times_s, column.values, column.qualities, strict=True)
            ],
        )
        for (series, at_s), column in zip(due, derived.readings(connection, wanted), strict=True)
    ]


def _trend(asked: Asked) -> Forecast | None:
    """None where the newest reading says nothing: what the one before it says was issued then."""
    made = project(asked.points)
    return made if made is not None and made.issued_s == asked.at_s else None


def _points(asked: Asked, made: Forecast) -> list[NewPoint]:
    return [
        NewPoint(asked.series.id, made.issued_s, one.valid_s, one.value, one.low, one.high, made.source)
        for one in made.points
    ]
