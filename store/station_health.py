"""How complete, late and right each station's readings are, counted from the hourly roll-ups.

Counted are the series by which a station reports: not what is derived here, not battery, signal and status,
and not a series that fell silent a week before its station did (a sensor that was taken off). A series is
expected every reporting period of its station, or every period of its own where that is longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core.properties import DERIVED_PROPERTIES
from core.stations import Station
from store.connection import rows

ACCESSORY = ("battery_voltage", "battery_level", "signal_strength", "station_status")
"""What a station says of itself; it may be told once a day."""

DERIVED_SOMETIMES = ("storage", "flow")
"""Computed by a curve where the station does not report them: then their newest value has that source."""

FOREMOST = (
    "water_level", "tide_level", "rainfall", "flow", "rainfall_cumulative", "gate_opening", "wind_speed",
    "air_temperature",
)  # fmt: skip
"""The value that stands for a station in a list is the first of these that it has."""

MEMBERS: LiteralString = """
member as materialized (
    select series.id, series.station, series.property, series.sensor, series.period_s,
           greatest(scope.period_s, series.period_s)::double precision as every_s,
           latest.time, latest.received_at, latest.value, latest.quality, latest.reason,
           max(latest.received_at) over (partition by series.station) as heard_at,
           series.property = any(%(always)s) or series.property = any(%(sometimes)s) and exists (
               select from observation where observation.series = series.id
                   and observation.time = latest.time and source = 'derived') as derived
    from scope join series on series.station = scope.code
    left join latest on latest.series = series.id
    where series.exercise is not distinct from %(exercise)s
), reporter as materialized (
    select id, station, every_s from member
    where not derived and property <> all(%(accessory)s) and received_at > heard_at - interval '7 days'
)
"""

_STATIONS: LiteralString = f"""
with recursive within (code) as (
    select %(area)s::text union select area.code from area join within on area.parent = within.code
), scope as materialized (
    select station.* from station
    where (%(area)s::text is null or station.area in (select code from within))
      and (%(code)s::text is null or station.code = %(code)s)
      and (exists (select from series where series.station = station.code
                     and series.exercise is not distinct from %(exercise)s)
           or %(exercise)s::text is null
              and (station.origin is null or not exists (select from series where series.station = station.code)))
), {MEMBERS}, expecting as (
    select station, sum(3600 / every_s) as whole,
           sum(greatest(0, floor((%(running_s)s - every_s - 60) / every_s))) as running
    from reporter group by station
), counted as materialized (
    select reporter.station, rollup_hour.bucket,
           sum(least(readings - missing, 3600 / every_s)) as got,
           sum(least(readings - missing, greatest(0, floor((%(running_s)s - every_s - 60) / every_s)))) as got_running,
           sum(readings) as readings, sum(late) as late, sum(suspect + bad) as flagged,
           sum(missing) as missing, sum(revised) as revised
    from reporter join rollup_hour on rollup_hour.series = reporter.id
    where bucket >= %(since)s and bucket <= %(running)s
    group by reporter.station, rollup_hour.bucket
), summed as (
    select station, array_agg(((extract(epoch from bucket - %(since)s)) / 3600)::integer) as hours,
           array_agg((case when bucket = %(running)s then got_running else got end)::double precision) as got,
           sum(readings)::integer as readings, sum(late)::integer as late, sum(flagged)::integer as flagged,
           sum(missing)::integer as missing, sum(revised)::integer as revised
    from counted group by station
), foremost as (
    select distinct on (station) station, property, time, value, quality, reason
    from member where time is not null and not derived
    order by station, array_position(%(foremost)s::text[], property) nulls last,
             property = any(%(accessory)s), sensor, period_s
), told as (
    select station, max(heard_at) as heard_at,
           jsonb_object_agg(property, value order by time) filter
               (where property = any(%(accessory)s) and value is not null) as accessory
    from member group by station
)
select scope.code, scope.name, scope.name_en, scope.kind, scope.area, scope.river, scope.period_s,
       scope.out_of_service, told.heard_at, told.accessory,
       foremost.property, foremost.time, foremost.value, foremost.quality, foremost.reason,
       coalesce(expecting.whole, 0) as expected_whole, coalesce(expecting.running, 0) as expected_running,
       summed.hours, summed.got, coalesce(summed.readings, 0) as readings, coalesce(summed.late, 0) as late,
       coalesce(summed.flagged, 0) as flagged, coalesce(summed.missing, 0) as missing,
       coalesce(summed.revised, 0) as revised,
       station_clock.error_s as clock_error_s, station_clock.measured_at as clock_at,
       coalesce(gap.count, 0) as gaps
from scope
left join told on told.station = scope.code
left join foremost on foremost.station = scope.code
left join expecting on expecting.station = scope.code
left join summed on summed.station = scope.code
left join station_clock on station_clock.station = scope.code
    and station_clock.exercise is not distinct from %(exercise)s
left join (
    select member.station, count(*)::integer as count
    from station_gap join member on member.id = station_gap.series
    where station_gap.state in ('open', 'asked') group by member.station
) gap on gap.station = scope.code
order by scope.code
"""

_LAG: LiteralString = """
select count(*)::integer, extract(epoch from %s - min(at))::double precision from (
    select at from mark where consumer = 'rollup' order by id limit 10000) as waiting
"""


@dataclass(frozen=True, slots=True)
class StationCounts:
    """A station and its counts since `since`.

    `expected_whole` and `expected_running` are readings of a whole hour and of the running one so far;
    `hours` numbers the hours that have readings, `got` what counts of them. `accessory` are its battery,
    signal and status. `gaps` are stretches that are being asked for again.
    """

    code: str
    name: str
    name_en: str
    kind: str
    area: str | None
    river: str | None
    period_s: int
    out_of_service: bool
    heard_at: datetime | None
    accessory: dict[str, float] | None
    property: str | None
    time: datetime | None
    value: float | None
    quality: int | None
    reason: str | None
    expected_whole: float
    expected_running: float
    hours: list[int] | None
    got: list[float] | None
    readings: int
    late: int
    flagged: int
    missing: int
    revised: int
    clock_error_s: float | None
    clock_at: datetime | None
    gaps: int


def bounds(now: datetime, hours: int) -> tuple[datetime, datetime]:
    """The first of so many hours and the running one, which is the last."""
    running = now.replace(minute=0, second=0, microsecond=0)
    return running - timedelta(hours=hours - 1), running


def station_counts(
    connection: Connection[Any],
    exercise: str | None,
    area: str | None,
    now: datetime,
    hours: int,
    *,
    code: str | None = None,
) -> list[StationCounts]:
    """Every station of the area in the exercise (or the real world), over the last `hours`, the running one too.

    In an exercise those that speak in it; in the real world not those that a scenario made for its exercise.
    `code` asks for one station alone.
    """
    since, running = bounds(now, hours)
    # A week of two thousand stations is a million rows: grouped in memory, or sorted on disk.
    connection.execute("set local work_mem = '96MB'")
    values = {
        "exercise": exercise, "area": area, "code": code, "since": since, "running": running,
        "running_s": (now - running).total_seconds(), **series_kinds(),
    }  # fmt: skip
    return rows(connection, StationCounts, _STATIONS, values)


def unheard(station: Station) -> StationCounts:
    """A station that does not speak here."""
    return StationCounts(
        station.code, station.name, station.name_en, station.kind, station.area, station.river,
        station.period_s, station.out_of_service, None, None, None, None, None, None, None, 0.0, 0.0, None,
        None, 0, 0, 0, 0, 0, None, None, 0,
    )  # fmt: skip


def series_kinds() -> dict[str, list[str]]:
    """The parameters of `MEMBERS` that say which series count."""
    return {
        "always": list(DERIVED_PROPERTIES),
        "sometimes": list(DERIVED_SOMETIMES),
        "accessory": list(ACCESSORY),
        "foremost": list(FOREMOST),
    }


def rollup_lag(connection: Connection[Any], now: datetime) -> tuple[int, float]:
    """Changes that the hourly counts do not know yet (at most 10,000 are counted), and the oldest's age in s."""
    found = connection.execute(_LAG, (now,)).fetchone()
    return (found[0], max(0.0, found[1] or 0.0)) if found else (0, 0.0)
