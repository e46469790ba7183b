"""What desks were asked and how alarms moved, over a time: rows for `alerts.performance`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.alarm_load import Asked, Load, Source, Stood, Turn
from core.severity import Severity
from store.connection import rows

_WHERE: LiteralString = """
    and alarm.exercise is not distinct from %(exercise)s
    and (%(areas)s::text[] is null or alarm.area = any(%(areas)s))
"""
_SOURCE: LiteralString = "alarm.subject_kind || '/' || alarm.subject || '/' || alarm.rule"

_ASKED: LiteralString = f"""
select annunciation.alarm, annunciation.asked_at as at, annunciation.desk, annunciation.severity,
       {_SOURCE} as source,
       (select min(alarm_event.at) from alarm_event where alarm_event.alarm = annunciation.alarm
          and alarm_event.kind = 'acknowledged' and alarm_event.at >= annunciation.asked_at) as acknowledged_at,
       alarm.closed_at as over_at,
       exists (select from alarm_event where alarm_event.alarm = annunciation.alarm
          and alarm_event.kind = 'uncalled' and alarm_event.at >= annunciation.asked_at
          and alarm_event.detail ->> 'reason' in ('no_area', 'nobody_on_duty')) as uncalled
from annunciation join alarm on alarm.id = annunciation.alarm
where annunciation.asked_at >= %(start)s and annunciation.asked_at < %(end)s
  and alarm.exercise is not distinct from %(exercise)s
  and (%(areas)s::text[] is null or annunciation.desk = any(%(areas)s))
  and (%(desk)s::text is null or annunciation.desk = %(desk)s)
order by annunciation.asked_at, annunciation.id
"""

_TURNS: LiteralString = f"""
select {_SOURCE} as source, alarm_event.at, alarm_event.kind = 'raised' as raised
from alarm_event join alarm on alarm.id = alarm_event.alarm
where alarm_event.kind in ('raised', 'returned') and alarm_event.at >= %(start)s and alarm_event.at < %(end)s
{_WHERE}
"""

_STOOD: LiteralString = f"""
select alarm.id as alarm, {_SOURCE} as source, alarm.raised_at as since,
       coalesce(alarm.returned_at, alarm.closed_at) as until
from alarm
where alarm.raised_at < %(end)s - %(least)s
  and coalesce(alarm.returned_at, alarm.closed_at, 'infinity') >= greatest(%(start)s, alarm.raised_at + %(least)s)
{_WHERE}
"""

_SOURCES: LiteralString = f"""
select distinct on (1) {_SOURCE} as source, alarm.rule, alarm.subject_kind, alarm.subject, alarm.station,
       coalesce(station.name, area.name, device.name, camera.name, alarm.title ->> 'zh', alarm.subject) as name,
       coalesce(station.name_en, area.name_en, device.name_en, camera.name_en, alarm.title ->> 'en', alarm.subject)
           as name_en,
       alarm.id as alarm
from unnest(%(kinds)s::text[], %(subjects)s::text[], %(rules)s::text[]) as wanted (subject_kind, subject, rule)
join alarm using (subject_kind, subject, rule)
left join station on station.code = alarm.station
left join area on alarm.subject_kind in ('county', 'town', 'village', 'hamlet') and area.code = alarm.subject
left join device on alarm.subject_kind = 'device' and device.code = alarm.subject
left join camera on alarm.subject_kind = 'camera' and camera.code = alarm.subject
where alarm.exercise is not distinct from %(exercise)s
order by 1, alarm.id desc
"""


def load(
    connection: Connection[Any],
    start: datetime,
    end: datetime,
    *,
    exercise: str | None,
    areas: frozenset[str] | None = None,
    desk: str | None = None,
    stale_after: timedelta,
) -> Load:
    """All rows from `start` to `end` (not included) in one reading.

    `areas`: only of desks and alarms there; `desk`: only what one desk was asked (turns and standing alarms stay those
    of all `areas`, because a condition is nobody's desk).
    """
    values = {
        "start": start, "end": end, "exercise": exercise, "desk": desk, "least": stale_after,
        "areas": None if areas is None else sorted(areas),
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        asked = tuple(
            Asked(**{**row, "severity": Severity(row["severity"])}) for row in cursor.execute(_ASKED, values)
        )
    return Load(
        start,
        end,
        asked,
        tuple(rows(connection, Turn, _TURNS, values)),
        tuple(rows(connection, Stood, _STOOD, values)),
    )


def sources(connection: Connection[Any], exercise: str | None, wanted: Iterable[str]) -> dict[str, Source]:
    """What is shown of these sources, by source."""
    split = [_parts(source) for source in sorted(set(wanted))]
    if not split:
        return {}
    kinds, subjects, rules = (list(column) for column in zip(*split, strict=True))
    values = {"kinds": kinds, "subjects": subjects, "rules": rules, "exercise": exercise}
    return {one.source: one for one in rows(connection, Source, _SOURCES, values)}


def _parts(source: str) -> tuple[str, str, str]:
    """(subject kind, subject, rule); a subject may hold the stroke itself."""
    kind, _, rest = source.partition("/")
    subject, _, rule = rest.rpartition("/")
    return kind, subject, rule
