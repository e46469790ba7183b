"""What stations, cameras and devices say of their own state, as the finders of equipment alarms read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core import canary
from store.connection import rows

_POWER: LiteralString = """
select series.station, series.exercise, station.name, station.name_en, station.area, series.property,
       series.sensor, latest.usable_time as time, latest.received_at,
       array(select value from observation where observation.series = series.id and quality in (1, 2)
               and value is not null order by time desc limit %(samples)s) as newest
from series join latest on latest.series = series.id join station on station.code = series.station
where series.property in ('battery_voltage', 'battery_level', 'station_status')
  and latest.usable_value is not null and station.kind <> %(canary)s
  and (series.property = 'station_status' or latest.usable_value < case series.property
           when 'battery_voltage' then %(voltage)s else %(level)s end)
  and (series.exercise is null
       or exists (select from exercise where exercise.code = series.exercise and ended_at is null))
order by series.exercise nulls first, series.station, series.property, series.sensor
"""

_CLOCKS: LiteralString = """
with told as (
    select station_clock.station as code, station_clock.exercise, station_clock.error_s,
           station_clock.measured_at as at, null::text as reason
    from station_clock where abs(error_s) >= %(error_s)s and measured_at >= %(since)s
    union all
    select series.station, series.exercise, extract(epoch from latest.time - latest.received_at),
           latest.received_at, case when 'time_ahead' = any(string_to_array(latest.reason, ','))
                                    then 'time_ahead' else 'clock_wrong' end
    from latest join series on series.id = latest.series
    where latest.quality = 3 and latest.received_at >= %(since)s
      and string_to_array(latest.reason, ',') && array['time_ahead', 'clock_wrong']
    union all
    select quarantine.code, quarantine.exercise, null, max(quarantine.received_at), 'time_in_future'
    from quarantine
    where quarantine.received_at >= %(refused_since)s and quarantine.reason = 'time_in_future'
      and quarantine.code is not null
    group by quarantine.code, quarantine.exercise
)
select station.code as station, told.exercise, station.name, station.name_en, station.area, told.error_s,
       told.at, told.reason
from told join station on station.code = told.code
where told.exercise is null
   or exists (select from exercise where exercise.code = told.exercise and ended_at is null)
order by told.exercise nulls first, station.code, abs(told.error_s) desc nulls last
"""

_CAMERAS: LiteralString = """
select camera.code, camera_state.exercise, camera.name, camera.name_en, camera.area, camera.kind,
       camera_online(camera_state.online, camera_state.since, camera_state.settled, camera_state.received_at,
                     camera.keepalive_s, camera.settle_s, %(now)s) as online,
       coalesce(camera_state.changes[4] > %(now)s - interval '10 minutes', false) as unsteady,
       case when camera_state.online then camera_state.received_at else camera_state.since end as since,
       camera_state.received_at as heard_at
from camera_state join camera on camera.code = camera_state.camera
where camera_state.exercise is null
   or exists (select from exercise where exercise.code = camera_state.exercise and ended_at is null)
order by camera_state.exercise nulls first, camera.code
"""

_DEVICES: LiteralString = """
select device.code, device_state.exercise, device.name, device.name_en, device.area, device.kind,
       device_state.online, device_state.received_at as heard_at,
       coalesce(outcome.states, '{}') as states, coalesce(outcome.attempts, '{}') as attempts, outcome.at as outcome_at
from device_state join device on device.code = device_state.device
left join lateral (
    select array_agg(newest.state order by newest.id desc) as states,
           array_agg(newest.attempts order by newest.id desc) as attempts, max(newest.submitted_at) as at
    from (select id, state, attempts, submitted_at from delivery
          where recipient_kind = 'device' and recipient = device.code
            and exercise is not distinct from device_state.exercise
            and attempts > 0 and submitted_at >= %(since)s and state not in ('waiting', 'sending', 'withheld')
          order by submitted_at desc limit %(most)s) as newest
) as outcome on true
where device.active and (device_state.exercise is null
   or exists (select from exercise where exercise.code = device_state.exercise and ended_at is null))
order by device_state.exercise nulls first, device.code
"""

_HEARD: LiteralString = """
select distinct on (station.code) station.code as station, series.id as series, station.period_s,
       latest.received_at as heard_at
from latest join series on series.id = latest.series join station on station.code = series.station
where series.exercise is null and not station.out_of_service and latest.received_at >= %(since)s
order by station.code, latest.received_at desc, series.id
"""


@dataclass(frozen=True, slots=True)
class Power:
    """What a station says of its battery by one property: the newest usable values, the newest first."""

    station: str
    exercise: str | None
    name: str
    name_en: str
    area: str | None
    property: str
    sensor: int
    time: datetime
    received_at: datetime
    newest: list[float]


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """Something that says a station's clock is wrong: measured by `error_s` (ahead is positive), or a `reason`."""

    station: str
    exercise: str | None
    name: str
    name_en: str
    area: str | None
    error_s: float | None
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class CameraPresence:
    """Whether a camera counts as there; `since` it does not, by its own word or its silence."""

    code: str
    exercise: str | None
    name: str
    name_en: str
    area: str
    kind: str
    online: bool
    unsteady: bool
    since: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class DevicePresence:
    """A device's link, and how its last deliveries ended (the newest first) with the attempts of each."""

    code: str
    exercise: str | None
    name: str
    name_en: str
    area: str
    kind: str
    online: bool
    heard_at: datetime
    states: list[str]
    attempts: list[int]
    outcome_at: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A real station in service and when anything of it was last received, by which series."""

    station: str
    series: int
    period_s: int
    heard_at: datetime


def powers(
    connection: Connection[Any], *, samples: int, voltage_below: float, level_below: float
) -> list[Power]:
    """Batteries whose newest value lies below what is well, and every status word."""
    values = {
        "samples": samples, "voltage": voltage_below, "level": level_below, "canary": canary.KIND,
    }  # fmt: skip
    return rows(connection, Power, _POWER, values)


def clock_doubts(
    connection: Connection[Any], now: datetime, *, error_s: float, recent: timedelta, refused: timedelta
) -> list[ClockDoubt]:
    """What says now that clocks are wrong by `error_s`; the worst of a station first."""
    values = {"error_s": error_s, "since": now - recent, "refused_since": now - refused}
    return rows(connection, ClockDoubt, _CLOCKS, values)


def camera_presences(connection: Connection[Any], now: datetime) -> list[CameraPresence]:
    """Every camera that was ever heard."""
    return rows(connection, CameraPresence, _CAMERAS, {"now": now})


def device_presences(connection: Connection[Any], *, since: datetime, most: int) -> list[DevicePresence]:
    """Every active device that was ever heard, with its last deliveries after `since`."""
    return rows(connection, DevicePresence, _DEVICES, {"since": since, "most": most})


def heard_stations(connection: Connection[Any], since: datetime) -> list[Heard]:
    """Real stations in service that were heard after `since`."""
    return rows(connection, Heard, _HEARD, {"since": since})
