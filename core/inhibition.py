"""What explains what: while one alarm stands, others that it explains are hidden (suppressed by design)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.alarms import Alarm, AlarmClass, AlarmState


class Equal(StrEnum):
    """What the explaining alarm and the explained one must share."""

    NONE = "none"
    STATION = "station"
    AREA = "area"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alarm of the rule `source` stands, alarms of the rule `target` are hidden.

    For `release_after_s` after the source is over they stay hidden: they need time to be heard again.
    """

    source: str
    target: str
    equal: Equal
    release_after_s: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Muted:
    """An open alarm as its inhibition sees it.

    `ended_at` is when the process returned to normal, None while it is not. `limit_s` is how long its subject
    needs to be judged anew (a silent series: its limit).
    """

    id: int
    rule: str
    alarm_class: AlarmClass
    subject_kind: str
    subject: str
    station: str | None
    area: str | None
    exercise: str | None
    state: AlarmState
    ended_at: datetime | None = None
    limit_s: float = 0.0
    suppressed_by: str | None = None


def seen(alarm: Alarm) -> Muted:
    """A whole alarm as its inhibition sees it."""
    return Muted(
        alarm.id,
        alarm.rule,
        alarm.alarm_class,
        alarm.subject_kind,
        alarm.subject,
        alarm.station,
        alarm.area,
        alarm.exercise,
        alarm.state,
        None if alarm.abnormal or alarm.id == 0 else alarm.returned_at,
        float(alarm.detail.get("limit_s", 0.0)),
        alarm.suppressed_by,
    )
