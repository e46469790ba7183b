"""Derived series: what they are computed from, read as columns, and their rows, replaced as a whole.

A derived observation is an ordinary one with the source `derived`. It can be computed again at any time, so
it leaves no revision; it never takes the place of what a station reported or a person entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

SOURCE = "derived"

_SUBJECTS: LiteralString = """
select series.id, series.station, series.property, series.sensor, series.period_s, series.exercise,
       station.area, station.river, station.datum, station.lat, station.period_s as station_period_s
from series join station on station.code = series.station
where series.id = any(%s)
"""

_OF_STATIONS: LiteralString = """
select series.id, series.station, series.property, series.sensor, series.period_s, series.exercise,
       station.area, station.river, station.datum, station.lat, station.period_s as station_period_s
from unnest(%s::text[], %s::text[]) as wanted (station, exercise)
join series on series.station = wanted.station and series.exercise is not distinct from wanted.exercise
join station on station.code = series.station
where series.sensor = 1 and series.property = any(%s)
"""

_COLUMNS: LiteralString = """
select wanted.place, array_agg(extract(epoch from found.time)::float8 order by found.time),
       array_agg(case when found.value is null then 'NaN'::float8 when abs(found.value) < 1e-9 then 0
                      else greatest(-1e9, least(1e9, found.value)) end order by found.time),
       array_agg(found.quality::bigint order by found.time),
       case when %b::boolean then '{}' else array_agg(found.reason order by found.time) end
from unnest(%b::integer[], %b::integer[], %b::float8[], %b::float8[]) as wanted (place, series, from_s, to_s)
cross join lateral (
    select time, value, quality, reason from observation
    where observation.series = wanted.series
      and observation.time > to_timestamp(wanted.from_s) and observation.time <= to_timestamp(wanted.to_s)
      and (observation.source <> 'derived') = %b::boolean
    offset 0
) found
group by wanted.place
"""
"""Values are brought within what can be calculated with: 1e308 mm twice would be infinite, and 1e9 is beyond doubt
too."""

_COUNT: LiteralString = """
select wanted.place, count(*)
from unnest(%b::integer[], %b::integer[], %b::float8[], %b::float8[]) as wanted (place, series, from_s, to_s)
join observation on observation.series = wanted.series
  and observation.time >= to_timestamp(wanted.from_s) and observation.time <= to_timestamp(wanted.to_s)
group by wanted.place
"""

_NEXT: LiteralString = """
select wanted.place, extract(epoch from found.time)::float8
from unnest(%b::integer[], %b::integer[], %b::float8[], %b::float8[]) as wanted (place, series, from_s, to_s)
cross join lateral (
    select time from observation
    where observation.series = wanted.series
      and observation.time >= to_timestamp(wanted.from_s) and observation.time <= to_timestamp(wanted.to_s)
    order by time limit 1
) found
"""

_WRITE: LiteralString = """
insert into observation as held (series, time, value, quality, reason, received_at, source)
select series, to_timestamp(time_s), nullif(value, 'NaN'), quality, reason, %b, 'derived'
from unnest(%b::integer[], %b::float8[], %b::float8[], %b::smallint[], %b::text[])
     as computed (series, time_s, value, quality, reason)
order by 1, 2
on conflict (series, time) do update set
    value = excluded.value, quality = excluded.quality, reason = excluded.reason,
    received_at = excluded.received_at
where held.source = 'derived' and held.by_user is null
  and (held.value, held.quality, held.reason)
      is distinct from (excluded.value, excluded.quality, excluded.reason)
returning held.series, extract(epoch from held.time)::float8
"""

_CLEAR: LiteralString = """
delete from observation as held
using unnest(%b::integer[], %b::float8[], %b::float8[]) as wanted (series, from_s, to_s)
where held.series = wanted.series
  and held.time >= to_timestamp(wanted.from_s) and held.time <= to_timestamp(wanted.to_s)
  and held.source = 'derived' and held.by_user is null
  and not exists (
      select from unnest(%b::integer[], %b::float8[]) as computed (series, time_s)
      where computed.series = held.series and to_timestamp(computed.time_s) = held.time)
returning held.series, extract(epoch from held.time)::float8
"""

_NEWEST: LiteralString = """
insert into latest as held (series, time, value, quality, reason, received_at, usable_time, usable_value)
select wanted.series, newest.time, newest.value, newest.quality, newest.reason,
       least(newest.received_at, newest.time), usable.time, usable.value
from unnest(%b::integer[]) as wanted (series)
cross join lateral (
    select time, value, quality, reason, received_at from observation
    where observation.series = wanted.series order by time desc limit 1
) newest
left join lateral (
    select time, value from observation
    where observation.series = wanted.series and quality in (1, 2) order by time desc limit 1
) usable on true
order by wanted.series
on conflict (series) do update set
    time = excluded.time, value = excluded.value, quality = excluded.quality, reason = excluded.reason,
    received_at = greatest(held.received_at, excluded.received_at),
    usable_time = excluded.usable_time, usable_value = excluded.usable_value
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A series with what derivation needs of its station."""

    id: int
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
    area: str | None
    river: str | None
    datum: str | None
    lat: float
    station_period_s: int


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of a series in epoch seconds."""

    series: int
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Column:
    """One range in order of time: epoch seconds, values (NaN for none), qualities; of derived ones, reasons."""

    times_s: list[float]
    values: list[float]
    qualities: list[int]
    reasons: list[str]


@dataclass(slots=True)
class Rows:
    """Derived observations to be written, column by column: there are thousands of them."""

    series: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, series: int, time_s: float, value: float | None, quality: int, reason: str) -> None:
        """One row."""
        self.series.append(series)
        self.times_s.append(time_s)
        self.values.append(float("nan") if value is None else value)
        self.qualities.append(quality)
        self.reasons.append(reason)


def subjects(connection: Connection[Any], series: Iterable[int]) -> list[Subject]:
    """The series of these ids."""
    return rows(connection, Subject, _SUBJECTS, (list(series),))


def subjects_of(
    connection: Connection[Any], stations: Sequence[tuple[str, str | None]], properties: Sequence[str]
) -> list[Subject]:
    """First sensors of these properties at stations, each in its exercise (None is real)."""
    columns = ([one[0] for one in stations], [one[1] for one in stations], list(properties))
    return rows(connection, Subject, _OF_STATIONS, columns)


def readings(connection: Connection[Any], ranges: Sequence[Range], *, reported: bool = True) -> list[Column]:
    """What lies in each range (from, to], in its order; what was `reported`, or what was derived."""
    found: list[Column] = [Column([], [], [], []) for _ in ranges]
    if ranges:
        with connection.cursor(binary=True) as cursor:
            values = (reported, *_columns(ranges), reported)
            for place, *columns in cursor.execute(_COLUMNS, values):
                found[place] = Column(*columns)
    return found


def counts(connection: Connection[Any], ranges: Sequence[Range]) -> list[int]:
    """How many observations lie in each range [from, to]."""
    found = [0] * len(ranges)
    for place, count in connection.execute(_COUNT, _columns(ranges)).fetchall() if ranges else ():
        found[place] = count
    return found


def next_times(connection: Connection[Any], ranges: Sequence[Range]) -> list[float | None]:
    """The first time in each range [from, to] at which there is an observation."""
    found: list[float | None] = [None] * len(ranges)
    for place, time_s in connection.execute(_NEXT, _columns(ranges)).fetchall() if ranges else ():
        found[place] = time_s
    return found


def replace(
    connection: Connection[Any], computed: Rows, received_at: Any, stale: Sequence[Range] = ()
) -> dict[int, tuple[float, float]]:
    """Writes what differs, and lets go of derived rows in the ranges `stale` that are not among `computed`.

    Returns first and last time (epoch seconds) of what changed, by series. `latest` follows; it gives the time
    of the observation as received, because computing anew is no sign of life of the station.
    """
    changed: list[tuple[int, float]] = []
    if stale:
        ranges = ([one.series for one in stale], [one.from_s for one in stale], [one.to_s for one in stale])
        changed += connection.execute(_CLEAR, (*ranges, computed.series, computed.times_s)).fetchall()
    if computed.series:
        columns = (
            computed.series, computed.times_s, computed.values, computed.qualities, computed.reasons,
        )  # fmt: skip
        changed += connection.execute(_WRITE, (received_at, *columns)).fetchall()
    extent = dict(_extents(changed))
    if extent:
        connection.execute(_NEWEST, (sorted(extent),))
    return extent


def _extents(changed: Iterable[tuple[int, float]]) -> Iterator[tuple[int, tuple[float, float]]]:
    times: dict[int, list[float]] = {}
    for series, time_s in changed:
        times.setdefault(series, []).append(time_s)
    for series, found in times.items():
        yield series, (min(found), max(found))


def _columns(ranges: Sequence[Range]) -> tuple[list[Any], ...]:
    return (
        list(range(len(ranges))),
        [one.series for one in ranges],
        [one.from_s for one in ranges],
        [one.to_s for one in ranges],
    )
