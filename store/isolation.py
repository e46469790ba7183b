"""What can be heard of an area, and what of it is silent: stations, devices, cameras and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core import canary
from store.connection import rows

_THINGS: LiteralString = """
with spoken as (
    select distinct 'station' as kind, station.code, series.exercise, station.area, station.name, station.name_en
    from series join station on station.code = series.station
    join latest on latest.series = series.id
    where station.kind <> %(canary)s and station.area is not null
    union all
    select 'device', device.code, device_state.exercise, device.area, device.name, device.name_en
    from device_state join device on device.code = device_state.device where device.active
    union all
    select 'camera', camera.code, camera_state.exercise, camera.area, camera.name, camera.name_en
    from camera_state join camera on camera.code = camera_state.camera where camera.kind = 'fixed'
)
select spoken.kind, spoken.code, spoken.exercise, array[spoken.area] as areas, spoken.name, spoken.name_en,
       alarm.observed_at as since
from spoken
left join alarm on alarm.closed_at is null and alarm.colourless
    and alarm.subject_kind = spoken.kind and alarm.subject = spoken.code
    and alarm.exercise is not distinct from spoken.exercise
    and alarm.rule = case spoken.kind when 'station' then 'silence_station' else spoken.kind end
    and (spoken.kind <> 'device' or alarm.detail ->> 'how' = 'offline')
where (spoken.exercise is null
       or exists (select from exercise where exercise.code = spoken.exercise and ended_at is null))
  and not exists (select from service_absence where service_absence.kind = spoken.kind
                    and service_absence.subject = spoken.code and ended_at is null)
  and not (spoken.kind = 'station' and exists (
      select from station where station.code = spoken.code and out_of_service))
order by spoken.exercise nulls first, spoken.kind, spoken.code
"""

_PEOPLE: LiteralString = """
with called as (
    select recipient as code, exercise,
           max(answered_at) as answered_at,
           min(submitted_at) filter (where answered_at is null) as unanswered_at
    from delivery
    where recipient_kind = 'person' and submitted_at >= %(since)s and submitted_at <= %(until)s
    group by recipient, exercise
)
select 'person' as kind, person.code, called.exercise,
       array(select distinct area from (select person.area union
             select area from responsibility where responsibility.person = person.code) as held (area)) as areas,
       person.name, person.name as name_en,
       case when called.answered_at is null or called.answered_at < called.unanswered_at
            then called.unanswered_at end as since
from called join person on person.code = called.code
where called.exercise is null
   or exists (select from exercise where exercise.code = called.exercise and ended_at is null)
order by called.exercise nulls first, person.code
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be heard, or a person who was called; `since` it is silent, None while it is heard.

    `areas` are where it stands or what the person answers for.
    """

    kind: str
    code: str
    exercise: str | None
    areas: list[str]
    name: str
    name_en: str
    since: datetime | None


def things(connection: Connection[Any]) -> list[Thing]:
    """Stations, devices and fixed cameras in service that were ever heard; silent by their own alarms.

    An alarm that is hidden counts like any other: what mutes it does not make anybody heard.
    """
    return rows(connection, Thing, _THINGS, {"canary": canary.KIND})


def people(
    connection: Connection[Any], now: datetime, *, called: timedelta, answer: timedelta
) -> list[Thing]:
    """Persons called within `called` who have had `answer` to answer; silent since the first unanswered call."""
    return rows(connection, Thing, _PEOPLE, {"since": now - called, "until": now - answer})
