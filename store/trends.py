"""The trend of each level series at its newest reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_NEWEST: LiteralString = """
select series as id, extract(epoch from time)::float8 as time_s from latest where series = any(%s)
"""

_SAVE: LiteralString = """
insert into trend as held (series, time, code, rate, window_s, points, quality, reason)
select series, to_timestamp(time_s), code, rate, window_s, points, quality, reason
from unnest(%s::integer[], %s::float8[], %s::smallint[], %s::float8[], %s::integer[], %s::integer[],
            %s::smallint[], %s::text[])
     as found (series, time_s, code, rate, window_s, points, quality, reason)
order by series
on conflict (series) do update set
    time = excluded.time, code = excluded.code, rate = excluded.rate, window_s = excluded.window_s,
    points = excluded.points, quality = excluded.quality, reason = excluded.reason
where (held.time, held.code, held.rate, held.window_s, held.points, held.quality, held.reason)
      is distinct from (excluded.time, excluded.code, excluded.rate, excluded.window_s, excluded.points,
                        excluded.quality, excluded.reason)
returning held.series
"""

_OF_STATION: LiteralString = """
select series.property, series.sensor, trend.time, trend.code, trend.rate, trend.window_s, trend.points,
       trend.quality, trend.reason
from trend join series on series.id = trend.series
where series.station = %s and series.exercise is not distinct from %s
order by series.property, series.sensor
"""


@dataclass(frozen=True, slots=True)
class NewTrend:
    """What was fitted to one series; `time_s` in epoch seconds, `rate` in m/h."""

    series: int
    time_s: float
    code: int
    rate: float
    window_s: int
    points: int
    quality: int
    reason: str


@dataclass(frozen=True, slots=True)
class StationTrend:
    """Trend of one level at a station; `code` as SL 323 (4 falling, 5 rising, 6 steady)."""

    property: str
    sensor: int
    time: datetime
    code: int
    rate: float
    window_s: int
    points: int
    quality: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Newest:
    id: int
    time_s: float


def newest_times(connection: Connection[Any], series: Sequence[int]) -> dict[int, float]:
    """Epoch second of the newest reading of each series that has one."""
    return {one.id: one.time_s for one in rows(connection, _Newest, _NEWEST, (list(series),))}


def save(connection: Connection[Any], found: Sequence[NewTrend], without: Sequence[int]) -> set[int]:
    """Keeps trends and drops those of series that have none (`without`); returns the series that changed."""
    dropped = connection.execute(
        "delete from trend where series = any(%s) returning series", (list(without),)
    ).fetchall()
    columns = (
        [one.series for one in found], [one.time_s for one in found], [one.code for one in found],
        [one.rate for one in found], [one.window_s for one in found], [one.points for one in found],
        [one.quality for one in found], [one.reason for one in found],
    )  # fmt: skip
    saved = connection.execute(_SAVE, columns).fetchall() if found else []
    return {series for (series,) in [*dropped, *saved]}


def of_station(connection: Connection[Any], station: str, exercise: str | None) -> list[StationTrend]:
    """The trends of a station's levels in the real world (None) or an exercise."""
    return rows(connection, StationTrend, _OF_STATION, (station, exercise))
