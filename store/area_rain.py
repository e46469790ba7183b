"""Mean rain of areas, rivers and basins, and the queue of what is to be computed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_MARK: LiteralString = """
insert into area_rain_mark (kind, place, exercise, from_time, to_time)
select distinct found.kind, found.place, wanted.exercise, wanted.from_time, wanted.to_time
from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
     as wanted (station, exercise, from_time, to_time)
join station on station.code = wanted.station
cross join lateral (
    with recursive up (code, parent, kind, step) as (
        select code, parent, kind, 0 from area where code = station.area
        union all
        select area.code, area.parent, area.kind, up.step + 1
        from area join up on area.code = up.parent where up.step < 16
    )
    select kind, code as place from up where kind in ('county', 'town')
    union all
    select 'river', station.river where station.river is not null
    union all
    select 'basin', station.basin where station.basin is not null
) found
"""

_TAKE: LiteralString = """
delete from area_rain_mark where id in (
    select id from area_rain_mark order by id limit %s for update skip locked
) returning kind, place, exercise, from_time, to_time
"""

_GAUGES: LiteralString = """
select station.code as station, station.period_s, series.id as series, series.period_s as window_s
from station
join series on series.station = station.code and series.property = 'rainfall_sliding' and series.sensor = 1
     and series.exercise is not distinct from %(exercise)s and series.period_s = any(%(windows)s)
where not station.out_of_service
  and case %(kind)s when 'river' then station.river = %(place)s
           when 'basin' then station.basin = %(place)s
           else area_within(station.area, %(place)s) end
order by station.code
"""

_SAVE: LiteralString = """
insert into area_rain as held (kind, place, exercise, window_s, time, mean, highest, highest_at, reporting,
                               stations, coverage)
values (%s, %s, %s, %s, to_timestamp(%s), %s, %s, %s, %s, %s, %s)
on conflict (kind, place, exercise, window_s, time) do update set
    mean = excluded.mean, highest = excluded.highest, highest_at = excluded.highest_at,
    reporting = excluded.reporting, stations = excluded.stations, coverage = excluded.coverage
where (held.mean, held.highest, held.highest_at, held.reporting, held.stations, held.coverage)
      is distinct from (excluded.mean, excluded.highest, excluded.highest_at, excluded.reporting,
                        excluded.stations, excluded.coverage)
"""

_CLEAR: LiteralString = """
delete from area_rain
where kind = %s and place = %s and exercise is not distinct from %s
  and time >= to_timestamp(%s) and time <= to_timestamp(%s)
  and not (window_s, extract(epoch from time)::bigint)
      = any(select * from unnest(%s::integer[], %s::bigint[]))
"""

_NEWEST: LiteralString = """
select area_rain.kind, area_rain.place, area.name, area.name_en, area_rain.window_s, area_rain.time,
       area_rain.mean, area_rain.highest, area_rain.highest_at, area_rain.reporting, area_rain.stations,
       area_rain.coverage
from area_rain
left join area on area.code = area_rain.place and area_rain.kind in ('county', 'town')
where area_rain.exercise is not distinct from %(exercise)s
  and area_rain.time > %(since)s and area_rain.time <= %(now)s
  and (%(kinds)s::text[] is null or area_rain.kind = any(%(kinds)s))
  and (%(window_s)s::integer is null or area_rain.window_s = %(window_s)s)
  and (%(area)s::text is null
       or area_rain.kind in ('county', 'town') and area_within(area_rain.place, %(area)s)
       or area_rain.kind in ('river', 'basin') and exists (
            select from station
            where area_rain.place = case area_rain.kind when 'river' then river else basin end
              and area_within(station.area, %(area)s)))
  and not exists (select from area_rain newer
                  where newer.kind = area_rain.kind and newer.place = area_rain.place
                    and newer.exercise is not distinct from area_rain.exercise
                    and newer.window_s = area_rain.window_s and newer.time > area_rain.time
                    and newer.time <= %(now)s)
order by area_rain.kind, area_rain.mean desc, area_rain.place, area_rain.window_s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A town, the county, or the gauges of a river or basin, in one exercise (None is real); epoch seconds of what changed."""

    kind: str
    place: str
    exercise: str | None
    from_time: datetime
    to_time: datetime


@dataclass(frozen=True, slots=True)
class GaugeSeries:
    """Sums of one window of one gauge in service."""

    station: str
    period_s: int
    series: int
    window_s: int


@dataclass(frozen=True, slots=True)
class AreaRain:
    """Newest mean of one window; `place` is the area's code, or the name of the river or basin."""

    kind: str
    place: str
    name: str | None
    name_en: str | None
    window_s: int
    time: datetime
    mean: float
    highest: float
    highest_at: str
    reporting: int
    stations: int
    coverage: float


def mark(connection: Connection[Any], changed: Sequence[tuple[str, str | None, datetime, datetime]]) -> None:
    """Queues county, town, river and basin of stations (code, exercise, from, to) whose sums changed."""
    if changed:
        columns = tuple([one[place] for one in changed] for place in range(4))
        connection.execute(_MARK, columns)


def put_back(connection: Connection[Any], places: Sequence[Place]) -> None:
    """Queues what was taken and not done."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into area_rain_mark (kind, place, exercise, from_time, to_time) values (%s, %s, %s, %s, %s)",
            [(one.kind, one.place, one.exercise, one.from_time, one.to_time) for one in places],
        )


def take(connection: Connection[Any], limit: int) -> list[Place]:
    """Takes the oldest out of the queue; a roll-back puts them back."""
    return rows(connection, Place, _TAKE, (limit,))


def gauges(connection: Connection[Any], place: Place, windows: Sequence[int]) -> list[GaugeSeries]:
    """Series of sums of the gauges in a place."""
    values = {
        "kind": place.kind, "place": place.place, "exercise": place.exercise, "windows": list(windows),
    }  # fmt: skip
    return rows(connection, GaugeSeries, _GAUGES, values)


def replace(
    connection: Connection[Any],
    place: Place,
    from_s: float,
    to_s: float,
    means: Sequence[tuple[int, int, float, float, str, int, int, float]],
) -> None:
    """Puts means (window_s, epoch second, mean, highest, where, reporting, stations, coverage) in place of what stood."""
    key = (place.kind, place.place, place.exercise)
    connection.execute(_CLEAR, (*key, from_s, to_s, [one[0] for one in means], [one[1] for one in means]))
    with connection.cursor() as cursor:
        cursor.executemany(_SAVE, [(*key, *one) for one in means])


def newest(
    connection: Connection[Any],
    exercise: str | None,
    *,
    since: datetime,
    now: datetime,
    kinds: Sequence[str] | None = None,
    window_s: int | None = None,
    area: str | None = None,
) -> list[AreaRain]:
    """The newest mean after `since` of each place and window, wettest first within a kind."""
    values = {
        "exercise": exercise, "since": since, "now": now, "window_s": window_s, "area": area,
        "kinds": None if kinds is None else list(kinds),
    }  # fmt: skip
    return rows(connection, AreaRain, _NEWEST, values)
