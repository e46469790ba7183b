"""Doubtful readings that an alarm stands for (待核实), and the alarms that wait for a person's decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_READINGS: LiteralString = """
select series.id as series, series.station, series.property, series.sensor, series.period_s, observation.time,
       observation.value, observation.quality, observation.reason,
       observation.quality in (3, 4) and observation.by_user is null and observation.value >= %(least)s as doubtful
from series join observation on observation.series = series.id
where series.station = any(%(stations)s) and series.property = any(%(properties)s)
  and series.exercise is not distinct from %(exercise)s
  and observation.time between %(since)s and %(until)s and observation.value is not null
order by series.id, observation.time
limit 20000
"""

_LOWEST: LiteralString = """
select min(value) from standing_limit
where station = %s and property = %s and period_s = 0 and comparable
"""

_WAITING: LiteralString = """
select alarm.id as alarm, coalesce(said.since, alarm.raised_at) as since, told.steps
from alarm
left join lateral (
    select min(at) as since from alarm_event
    where alarm_event.alarm = alarm.id and kind in ('raised', 'worsened')
      and coalesce((detail ->> 'to_verify')::boolean, false)
      and id > coalesce((
        select max(id) from alarm_event as settled
        where settled.alarm = alarm.id
          and (settled.kind in ('verified', 'returned')
               or settled.kind = 'confirmed' and not coalesce((settled.detail ->> 'to_verify')::boolean, false))), 0)
) as said on true
left join lateral (
    select array_agg(distinct detail ->> 'unverified') as steps from alarm_event
    where alarm_event.alarm = alarm.id and kind in ('called', 'uncalled') and detail ? 'unverified'
      and at >= coalesce(said.since, alarm.raised_at)
) as told on true
where alarm.to_verify and alarm.closed_at is null and alarm.called_severity is not null
  and (%(alarm)s::bigint is null or alarm.id = %(alarm)s)
  and alarm.state in ('unacknowledged', 'acknowledged')
  and (alarm.exercise is null or exists (
        select from exercise where exercise.code = alarm.exercise and ended_at is null))
order by alarm.id
"""


@dataclass(frozen=True, slots=True)
class DoubtfulReading:
    """A reading that an alarm may stand for; `doubtful`: flagged by the machine, settled by nobody."""

    series: int
    station: str
    property: str
    sensor: int
    period_s: int
    time: datetime
    value: float
    quality: int
    reason: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alarm that waits to be verified since `since`; `steps` are those who were called for that already."""

    alarm: int
    since: datetime
    steps: tuple[str, ...]


def readings(
    connection: Connection[Any],
    stations: Sequence[str],
    properties: Sequence[str],
    exercise: str | None,
    since: datetime,
    until: datetime,
    least: float,
) -> list[DoubtfulReading]:
    """Readings with a value within [since, until], by series and time; doubtful from `least` on."""
    return rows(
        connection,
        DoubtfulReading,
        _READINGS,
        {
            "stations": list(stations), "properties": list(properties), "exercise": exercise, "since": since,
            "until": until, "least": least,
        },
    )  # fmt: skip


def lowest_limit(connection: Connection[Any], station: str, property: str) -> float | None:
    """The lowest limit of a property at a station that is set and can be compared."""
    found = connection.execute(_LOWEST, (station, property)).fetchone()
    return None if found is None else found[0]


def waiting(connection: Connection[Any], alarm: int | None = None) -> list[Waiting]:
    """Alarms that people were called for and that wait to be verified, oldest first; one alone if asked."""
    return [
        Waiting(id, since, tuple(steps or ()))
        for id, since, steps in connection.execute(_WAITING, {"alarm": alarm})
    ]
