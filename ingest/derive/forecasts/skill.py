"""Scores forecasts when their time has passed: whole days of a series anew, so late and corrected readings count.

Days gather for a while before they are scored: a reading of every five minutes does not score its day 288 times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from psycopg import Connection

from core.quality import Quality
from core.settings import Settings
from hydrology.forecasts.skill import LEADS_S, Said, score
from store import derived, forecast_skill
from store.derived import Range, Subject
from store.forecast_skill import DaySums, SeriesDay
from store.marks import Mark

GATHER = timedelta(minutes=15)
MOST_DAYS = 50
"""Days of series scored in one transaction."""
_MARKED_DAYS = 60
"""A longer change (curves or constants of years) has only its last so many days scored anew."""
_LEAST_GAP_S = 5_400.0
_PERIODS = 3
"""Readings further apart than three periods (at least 90 min, for hourly gauges that jitter) say nothing between."""
_USABLE = (Quality.GOOD, Quality.NOT_EVALUATED)


def mark(connection: Connection[Any], changed: Sequence[Mark], now: datetime) -> None:
    """Has the days scored anew on which readings changed, and those whose levels are read between them."""
    days = {SeriesDay(one.series, day) for one in changed for day in _days(one.from_time, one.to_time)}
    forecast_skill.mark(connection, sorted(days, key=lambda one: (one.series, one.day)), now)


def _days(first: datetime, last: datetime) -> list[date]:
    margin = timedelta(seconds=_LEAST_GAP_S)
    start, end = (first - margin).astimezone(UTC).date(), (last + margin).astimezone(UTC).date()
    start = max(start, end - timedelta(days=_MARKED_DAYS))
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def step(connection: Connection[Any], settings: Settings, now: datetime) -> int:
    """Scores at most `MOST_DAYS` days, in the caller's transaction; returns how many."""
    wanted = forecast_skill.take(connection, now - GATHER, MOST_DAYS)
    if not wanted:
        return 0
    series = {one.id: one for one in derived.subjects(connection, {one.series for one in wanted})}
    kept_from = None
    if settings.retention.forecasts_days:
        kept_from = now.astimezone(UTC).date() - timedelta(days=settings.retention.forecasts_days)
    for one in wanted:
        if one.series in series:
            _score(connection, one, series[one.series], kept_from)
    return len(wanted)


def _score(connection: Connection[Any], wanted: SeriesDay, series: Subject, kept_from: date | None) -> None:
    said = [
        Said(one.source, one.issued_s, one.valid_s, one.value, one.low, one.high, one.start)
        for one in forecast_skill.said(connection, wanted, LEADS_S)
    ]
    gap_s = max(_PERIODS * series.station_period_s, _LEAST_GAP_S)
    start_s = datetime.combine(wanted.day, time(), UTC).timestamp()
    around = Range(series.id, start_s - gap_s, start_s + 86_400 + gap_s)
    column = derived.readings(connection, [around])[0]
    usable = [
        (time_s, value)
        for time_s, value, flag in zip(column.times_s, column.values, column.qualities, strict=True)
        if flag in _USABLE and value == value
    ]
    scores = score(said, [one[0] for one in usable], [one[1] for one in usable], gap_s)
    part_is_gone = kept_from is not None and wanted.day - timedelta(days=1) < kept_from
    if part_is_gone and sum(one.count for one in scores) < forecast_skill.count(connection, wanted):
        return  # retention has let go of forecasts that were scored when they were there
    forecast_skill.save(
        connection,
        wanted,
        [
            DaySums(
                one.source, one.lead_s, one.count, one.sum_error, one.sum_absolute, one.sum_square,
                one.within, one.sum_unchanged,
            )
            for one in scores
        ],
    )  # fmt: skip
