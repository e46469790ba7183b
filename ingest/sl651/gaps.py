"""Which question (38H) asks a station for the hours that are missing of a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from formats.sl651 import Link, query_period
from store import gaps

ASKED_FOR = ("rainfall", "rainfall_cumulative", "water_level", "tide_level", "flow")
"""What floods are judged by; the rest may be missing an hour."""

_RAIN_CODES = {60: "21", 300: "F4", 600: "23", 1800: "24", 3600: "1A"}
"""Elements of rain by their period; only five minutes come as twelve slots."""
_HOURS_OF_LEVELS = ("F5", "F6", "F7", "F8", "F9", "FA", "FB", "FC")
_LEVEL_CODES = {1: "39", 2: "3A", 3: "39", **{11 + place: f"{0x3C + place:02X}" for place in range(8)}}
_FLOW_CODES = {1: "27", **{11 + place: f"{0x28 + place:02X}" for place in range(8)}}


@dataclass(frozen=True, slots=True)
class Question:
    """One 38H: element `code` from hour `begins` to hour `ends`; `step` zero asks for hours of twelve slots."""

    code: str
    step: timedelta
    begins: datetime
    ends: datetime

    def frame(self, link: Link, now: datetime) -> bytes:
        """As it is sent."""
        return query_period(link, now, self.begins, self.ends, self.code, self.step)


def question_of(gap: gaps.DueGap) -> Question | None:
    """What asks for a gap; None where the standard has no element for the series. Pure."""
    code: str | None
    if gap.property == "rainfall":
        code = _RAIN_CODES.get(gap.period_s)
    elif gap.property == "rainfall_cumulative":
        code = "26"
    elif gap.property == "flow":
        code = _FLOW_CODES.get(gap.sensor)
    elif gap.over_base and gap.sensor <= len(_HOURS_OF_LEVELS):
        code = _HOURS_OF_LEVELS[gap.sensor - 1]
    else:
        code = _LEVEL_CODES.get(gap.sensor)
    if code is None:
        return None
    step = timedelta(0) if code[0] == "F" else _step(gap.period_s or gap.station_period_s)
    return Question(code, step, gap.begins, gap.ends)


def next_question(
    connection: Connection[Any], station: str, exercise: str | None, now: datetime
) -> Question | None:
    """The question for the station's newest gap that is due, counted as asked."""
    gap = gaps.due(connection, station, exercise, now)
    if gap is None:
        return None
    gaps.asked(connection, gap.id, now)
    return question_of(gap)


def _step(period_s: int) -> timedelta:
    """The nearest step that the standard can say: 1 to 59 minutes, or whole hours."""
    if period_s >= 3600:
        return timedelta(hours=min(period_s // 3600, 23))
    return timedelta(minutes=max(period_s // 60, 1))
