"""What back-tests of equipment read: receipts of a station, and what it said of its battery.

Receipts are gathered station by station into a temporary table with an index by receive time, which observations lack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core import canary
from core.properties import DERIVED_PROPERTIES
from store.connection import rows
from store.liveness import RECEIPTS
from store.station_health import DERIVED_SOMETIMES

_AHEAD = timedelta(days=1)
"""Clocks of stations run ahead by less."""
_AFTER = 50

_PLACES: LiteralString = """
select series.id as series, station.code as station, series.property, series.sensor, series.period_s as own_s,
       station.name, station.name_en, station.area, greatest(station.period_s, series.period_s) as period_s
from series join station on station.code = series.station
where series.exercise is null and station.kind <> %(canary)s and series.property <> all(%(derived)s)
  and (not station.out_of_service or exists (
      select from service_absence where kind = 'station' and subject = station.code and ended_at is null))
  and (%(stations)s::text[] is null or station.code = any(%(stations)s))
  and (%(within)s::text is null or area_within(station.area, %(within)s))
order by station.code, series.id
"""

_COMPUTED: LiteralString = """
select wanted.series from unnest(%(series)s::integer[]) as wanted (series)
where exists (select from observation
              where observation.series = wanted.series and time >= %(begin)s and time < %(end)s
                and source = 'derived')
"""

_CREATE: LiteralString = """
create temp table backtest_receipt (
    series integer not null, at timestamptz not null, spoken boolean not null, readings integer not null
) on commit drop
"""

_GATHER: LiteralString = """
insert into backtest_receipt
select series, received_at, bool_or(quality <> 9), count(*) from (
    select series, received_at, quality from observation
    where series = %(series)s and time >= %(since)s and time < %(until)s and received_at < %(end)s
      and source <> 'derived'
    union all
    select series, received_at, quality from observation_revision
    where series = %(series)s and time >= %(since)s and time < %(until)s and received_at < %(end)s
      and source <> 'derived'
) as received
group by series, received_at
"""

_GAPS: LiteralString = """
select heard.series, heard.at, heard.next
from (select series, at, lead(at) over (partition by series order by at) as next
      from backtest_receipt where spoken) as heard
join unnest(%(series)s::integer[], %(limit_s)s::double precision[]) as wanted (series, limit_s)
    on wanted.series = heard.series
where coalesce(heard.next, %(end)s) - heard.at >= make_interval(secs => wanted.limit_s)
order by heard.series, heard.at
"""

_STATION_GAPS: LiteralString = """
select 0, heard.at, heard.next
from (select at, lead(at) over (order by at) as next from (select distinct at from backtest_receipt) as moments) as heard
where coalesce(heard.next, %(end)s) - heard.at >= make_interval(secs => %(limit_s)s)
order by heard.at
"""

_HABITS: LiteralString = """
select wanted.number, array(
    select distinct extract(epoch from received_at)::double precision from (
        select received_at from observation
        where observation.series = wanted.series and time > wanted.at - %(learn)s and time <= wanted.at + %(ahead)s
          and received_at <= wanted.at
        order by time desc limit %(most)s) as newest
    order by 1)
from unnest(%(number)s::integer[], %(series)s::integer[], %(at)s::timestamptz[]) as wanted (number, series, at)
"""
"""As `store.liveness` learns it, at a moment of the past."""

_HEARD: LiteralString = """
select wanted.series, (select max(at) from backtest_receipt as one
                       where one.series = wanted.series and one.at <= %(at)s and one.spoken)
from unnest(%(series)s::integer[]) as wanted (series)
"""

_LAST: LiteralString = """
select max(last.at) from unnest(%(series)s::integer[]) as wanted (series)
cross join lateral (select max(at) as at from backtest_receipt as one
                    where one.series = wanted.series and one.at <= %(at)s) as last
"""

_AFTERWARDS: LiteralString = """
select found.at from unnest(%(series)s::integer[]) as wanted (series)
cross join lateral (
    select at from backtest_receipt as one
    where one.series = wanted.series and one.at > %(at)s and (one.spoken or not %(spoken)s)
    order by at limit %(most)s) as found
order by 1 limit %(most)s
"""

_POWERS: LiteralString = """
select series, time, received_at, value from (
    select series, time, received_at, value, lag(value) over (partition by series order by time) as before
    from observation
    where series = any(%(series)s) and time >= %(begin)s and time < %(end)s and quality in (1, 2) and value is not null
) as told
join unnest(%(series)s::integer[], %(clear)s::double precision[]) as wanted (series, clear) using (series)
where case when clear is null then value is distinct from before else value < clear or before < clear end
order by time, series
"""
"""What is well and was well before changes nothing; of a status word only changes do (`clear` null)."""

_COUNTED: LiteralString = """
select count(*), min(time), max(time) from observation
where series = any(%s) and time >= %s and time < %s and quality in (1, 2) and value is not null
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A real series of a station in service; `period_s` is the longer of the station's period and its own."""

    series: int
    station: str
    property: str
    sensor: int
    own_s: int
    name: str
    name_en: str
    area: str | None
    period_s: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was heard from `at` to `next` (None: to the end of the range); `series` 0 is the whole station."""

    series: int
    at: datetime
    next: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many readings of the range were read, the first and the last of them."""

    readings: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class ToldPower:
    """What a series said of a battery."""

    series: int
    time: datetime
    received_at: datetime
    value: float


def places(connection: Connection[Any], stations: Sequence[str] | None, within: str | None) -> list[Place]:
    """What is measured at stations that are in service; of all by default, of an area `within`."""
    asked = {
        "stations": None if stations is None else list(stations), "within": within, "canary": canary.KIND,
        "derived": list(DERIVED_PROPERTIES),
    }  # fmt: skip
    return rows(connection, Place, _PLACES, asked)


def computed(connection: Connection[Any], known: Sequence[Place], begin: datetime, end: datetime) -> set[int]:
    """Series that a curve fills in the range: nobody waits for them."""
    asked = [one.series for one in known if one.property in DERIVED_SOMETIMES]
    values = {"series": asked, "begin": begin, "end": end}
    return {row[0] for row in connection.execute(_COMPUTED, values)} if asked else set()


class Receipts:
    """When the series of one station were heard, corrections' originals included; within the caller's transaction."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        connection.execute("drop table if exists pg_temp.backtest_receipt")
        connection.execute(_CREATE)
        connection.execute("create index on backtest_receipt (series, at)")
        self._series: list[int] = []
        self._end: datetime | None = None

    def gather(
        self,
        series: Sequence[int],
        begin: datetime,
        end: datetime,
        learn: timedelta,
        told: Callable[[float], None],
    ) -> Count:
        """Takes a station instead of the one before; `learn` before the range is read too. `told` hears which part is
        gathered (0 to 1)."""
        self._series, self._end = list(series), end
        self._connection.execute("truncate backtest_receipt")
        for number, one in enumerate(series):
            told(number / len(series))
            values = {"series": one, "since": begin - learn, "until": end + _AHEAD, "end": end}
            self._connection.execute(_GATHER, values)
        self._connection.execute("analyze backtest_receipt")
        (found,) = rows(
            self._connection,
            Count,
            "select coalesce(sum(readings), 0)::bigint as readings, min(at) as first, max(at) as last"
            " from backtest_receipt where at >= %s",
            (begin,),
        )
        return found

    def gaps(self, limit_s: Mapping[int, float]) -> list[Gap]:
        """Gaps between values of each series that reach its limit, in time order."""
        values = {"series": list(limit_s), "limit_s": list(limit_s.values()), "end": self._end}
        return [Gap(*row) for row in self._connection.execute(_GAPS, values)]

    def station_gaps(self, limit_s: float) -> list[Gap]:
        """Gaps that reach the limit, in which nothing of the station came."""
        return [
            Gap(*row)
            for row in self._connection.execute(_STATION_GAPS, {"limit_s": limit_s, "end": self._end})
        ]

    def habits(self, asked: Sequence[tuple[int, datetime]], learn: timedelta) -> list[list[float]]:
        """For each series and moment when its last readings had come (epoch seconds, ascending)."""
        values = {
            "number": list(range(len(asked))), "series": [one[0] for one in asked], "at": [one[1] for one in asked],
            "learn": learn, "ahead": _AHEAD, "most": RECEIPTS,
        }  # fmt: skip
        found = dict(self._connection.execute(_HABITS, values).fetchall()) if asked else {}
        return [found[number] for number in range(len(asked))]

    def heard(self, at: datetime) -> dict[int, datetime | None]:
        """When the last value of each series had come at a moment."""
        return dict(self._connection.execute(_HEARD, {"series": self._series, "at": at}).fetchall())

    def station_heard(self, at: datetime) -> datetime | None:
        """When anything of the station had come last at a moment."""
        found = self._connection.execute(_LAST, {"series": self._series, "at": at}).fetchone()
        return found[0] if found else None

    def after(self, at: datetime, *, series: int | None = None, spoken: bool = False) -> Iterator[datetime]:
        """What came after a moment, of one series or of the station; only values if `spoken`."""
        while True:
            values = {
                "series": self._series if series is None else [series], "at": at, "spoken": spoken, "most": _AFTER,
            }  # fmt: skip
            found = [row[0] for row in self._connection.execute(_AFTERWARDS, values)]
            yield from found
            if len(found) < _AFTER:
                return
            at = found[-1]


def told_powers(
    connection: Connection[Any], clear: Mapping[int, float | None], begin: datetime, end: datetime
) -> list[ToldPower]:
    """What each series said of its battery, in time order, but what is well and was well before (`clear`)."""
    values = {"series": list(clear), "clear": list(clear.values()), "begin": begin, "end": end}
    return rows(connection, ToldPower, _POWERS, values)


def counted(connection: Connection[Any], series: Sequence[int], begin: datetime, end: datetime) -> Count:
    """The usable readings of the range."""
    found = connection.execute(_COUNTED, (list(series), begin, end)).fetchone()
    return Count(*found) if found else Count(0, None, None)
