"""What stands around readings that are to be judged: those before and after them, neighbour, battery, clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core.quality import Quality

_BEFORE = 6
"""Readings before the first new one: enough for spike and rate."""
_MOST = 2_000
"""Readings among and after the new ones at most, for what comes late into a series that goes on."""
_REACH = timedelta(days=2)

_LOOK: LiteralString = """
select wanted.series, station.kind, coalesce(power.low, false), other.id, beside.time, beside.value, run.since,
       held.time, held.value, held.quality, held.reason, held.by_person
from unnest(%(series)s::integer[], %(from_time)s::timestamptz[], %(to_time)s::timestamptz[],
            %(value)s::double precision[], %(most)s::integer[], %(run_from)s::timestamptz[],
            %(beside_station)s::text[], %(beside_sensor)s::smallint[])
    as wanted (series, from_time, to_time, value, most, run_from, beside_station, beside_sensor)
join series on series.id = wanted.series
join station on station.code = series.station
left join latest on latest.series = wanted.series
left join lateral (
    select bool_or(newest.value < case battery.property when 'battery_voltage' then 11 else 20 end) as low
    from series as battery join latest as newest on newest.series = battery.id
    where wanted.value = 0 and battery.station = series.station
        and battery.exercise is not distinct from series.exercise
        and battery.property in ('battery_voltage', 'battery_level')
) as power on true
left join series as other on other.station = wanted.beside_station and other.property = series.property
    and other.sensor = wanted.beside_sensor and other.period_s = series.period_s
    and other.exercise is not distinct from series.exercise
left join lateral (
    select observation.time, observation.value from observation
    where other.id is not null and observation.series = other.id and observation.time <= wanted.to_time
        and observation.time > wanted.from_time - interval '1 hour' and observation.value is not null
        and observation.time > %(oldest)s
    order by observation.time desc limit 1
) as beside on true
left join lateral (
    select min(observation.time) as since from observation
    where wanted.run_from is not null and latest.value is not distinct from wanted.value
        and observation.series = wanted.series and observation.time < wanted.from_time
        and observation.time > coalesce((
            select max(another.time) from observation as another
            where another.series = wanted.series and another.time >= wanted.run_from
                and another.time < wanted.from_time and another.value is distinct from wanted.value
        ), wanted.run_from)
) as run on true
left join lateral (
    (select time, value, quality, reason, by_user is not null as by_person from observation
     where latest.time is not null and observation.series = wanted.series
        and observation.time < wanted.from_time
     order by observation.time desc limit %(before)s)
    union
    (select time, value, quality, reason, by_user is not null from observation
     where (latest.quality not in (1, 2) or latest.time >= wanted.from_time)
        and observation.series = wanted.series
        and observation.time < wanted.from_time and observation.value is not null
        and (quality in (1, 2) or quality = 3 and not string_to_array(reason, ',') && %(off_the_way)s::text[])
     order by observation.time desc limit 1)
    union
    (select time, value, quality, reason, by_user is not null from observation
     where latest.time >= wanted.from_time and observation.series = wanted.series
        and observation.time >= wanted.from_time and observation.time > %(oldest)s
     order by observation.time limit wanted.most)
) as held on true
order by wanted.series, held.time
"""
"""`latest` tells which parts have anything to find: for a series that simply goes on, one short look back.
`oldest` is the same for all, so that chunks are left out once and not for every series. The looks back have no
lower bound: with one the planner expects five rows and sorts two days of them."""

_WRONG_CLOCKS: LiteralString = """
select station, exercise from station_clock
where abs(error_s) > %s and measured_at > %s::timestamptz - interval '1 day'
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """New readings of a series, so many, lie within [from_time, to_time]; `value` is that of the first.

    `run_s` asks since when the series has read just that, at most so many seconds back. `beside` is the
    neighbour's station and sensor.
    """

    series: int
    from_time: datetime
    to_time: datetime
    value: float | None
    count: int = 1
    run_s: float | None = None
    beside: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A reading that the store holds."""

    time: datetime
    value: float | None
    quality: Quality
    reason: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the store knows of a series around the new readings; `held` is in order of time.

    `since` is when the run of the first value began, None where it begins with it. `beside` is the series
    of the neighbour, `beside_last` what it read last. `power_low` (below 11 V of 12, or 20 %) is only looked up for a value of 0.
    """

    series: int
    kind: str
    power_low: bool
    beside: int | None
    beside_last: tuple[datetime, float] | None
    since: datetime | None
    held: list[Held] = field(default_factory=list)


def look(
    connection: Connection[Any], wanted: Sequence[Wanted], off_the_way: Collection[str]
) -> dict[int, Surroundings]:
    """The surroundings of every wanted series, in one query.

    Of the readings before, the last few, and the last one whose reasons are none of `off_the_way`.
    """
    found: dict[int, Surroundings] = {}
    if not wanted:
        return found
    values = {
        "series": [one.series for one in wanted],
        "from_time": [one.from_time for one in wanted],
        "to_time": [one.to_time for one in wanted],
        "value": [one.value for one in wanted],
        "most": [2 if one.count == 1 else min(4 * one.count + 10, _MOST) for one in wanted],
        "run_from": [
            None if one.run_s is None else one.from_time - timedelta(seconds=one.run_s) for one in wanted
        ],
        "beside_station": [one.beside[0] if one.beside else None for one in wanted],
        "beside_sensor": [one.beside[1] if one.beside else None for one in wanted],
        "oldest": min(one.from_time for one in wanted) - _REACH,
        "before": _BEFORE,
        "off_the_way": list(off_the_way),
    }
    reach = {one.series: one.from_time - _REACH for one in wanted}
    for row in connection.execute(_LOOK, values):
        series, kind, low, other, other_at, other_value, since, time, *held = row
        around = found.get(series)
        if around is None:
            last = None if other_at is None else (other_at, other_value)
            around = found[series] = Surroundings(series, kind, low, other, last, since)
        if time is not None and time > reach[series]:
            value, quality, reason, by_person = held
            around.held.append(Held(time, value, Quality(quality), reason, by_person))
    return found


def wrong_clocks(connection: Connection[Any], limit_s: float, now: datetime) -> set[tuple[str, str | None]]:
    """Stations (with their exercise) whose clock was found wrong by more than the limit within a day."""
    return {(code, exercise) for code, exercise in connection.execute(_WRONG_CLOCKS, (limit_s, now))}
