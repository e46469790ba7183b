"""When alarms of some rules were abnormal, and how severe: read from their histories."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.severity import Severity

_SPANS: LiteralString = """
select alarm.id, alarm.rule, alarm.exercise, alarm.subject, alarm.station, alarm.area, alarm_event.severity,
       alarm_event.kind <> 'returned' as abnormal, alarm_event.at,
       lead(alarm_event.at) over (partition by alarm.id order by alarm_event.id) as until
from alarm join alarm_event on alarm_event.alarm = alarm.id
where alarm.rule = any(%s) and (alarm.closed_at is null or alarm.closed_at >= %s)
  and alarm_event.kind in ('raised', 'worsened', 'improved', 'returned')
order by alarm.id, alarm_event.id
"""


@dataclass(frozen=True, slots=True)
class AlarmSpan:
    """An alarm was abnormal, of one severity (None: without a colour), from `start` until `end` (None: still)."""

    rule: str
    exercise: str | None
    subject: str
    station: str | None
    area: str | None
    severity: Severity | None
    start: datetime
    end: datetime | None


def spans(connection: Connection[Any], rules: Collection[str], since: datetime) -> list[AlarmSpan]:
    """The spans of alarms of these rules that are open or were closed after `since`, by the centre's time."""
    return [
        AlarmSpan(
            rule, exercise, subject, station, area, Severity(severity) if severity else None, start, end
        )
        for _, rule, exercise, subject, station, area, severity, abnormal, start, end in connection.execute(
            _SPANS, (sorted(rules), since)
        )
        if abnormal
    ]
