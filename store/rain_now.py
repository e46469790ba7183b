"""Rain as it stands: newest sliding sums of gauges, rain of the days before, measured moisture of the soil."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_SUMS: LiteralString = """
select station.code as station, station.name, station.name_en, station.area, series.exercise, series.period_s as window_s,
       latest.time, latest.value, latest.quality, latest.reason
from series join latest on latest.series = series.id join station on station.code = series.station
where series.property = 'rainfall_sliding' and series.period_s = any(%s) and not station.out_of_service
  and (series.exercise is null or series.exercise = any(%s)) and latest.value is not null
"""

_DAYS: LiteralString = """
select series.station, floor((extract(epoch from observation.time) - 1) / 86400)::bigint as day,
       max(observation.value) as mm
from series join observation on observation.series = series.id
where series.property = 'rainfall_day' and series.station = any(%s) and series.exercise is not distinct from %s
  and observation.time > to_timestamp(%s) and observation.time <= to_timestamp(%s)
  and observation.value is not null
group by 1, 2
"""

_MOISTURE: LiteralString = """
select wanted.area, avg(latest.usable_value)
from unnest(%s::text[]) as wanted (area)
join series on series.property = 'soil_moisture' and series.exercise is not distinct from %s
join station on station.code = series.station and area_within(station.area, wanted.area)
join latest on latest.series = series.id and latest.usable_time > %s and latest.usable_value is not null
group by wanted.area
"""


@dataclass(frozen=True, slots=True)
class GaugeRain:
    """The newest sum of one window at one gauge, as it is kept: suspect rain is part of `value`."""

    station: str
    name: str
    name_en: str
    area: str | None
    exercise: str | None
    window_s: int
    time: datetime
    value: float
    quality: int
    reason: str


def sums(connection: Connection[Any], windows: Sequence[int], exercises: Iterable[str]) -> list[GaugeRain]:
    """Newest sums of gauges in service, real ones and those of the exercises."""
    return rows(connection, GaugeRain, _SUMS, (list(windows), list(exercises)))


def days_before(
    connection: Connection[Any], gauges: Sequence[str], exercise: str | None, first: int, last: int
) -> dict[str, dict[int, float]]:
    """Rain (mm) of each gauge and hydrological day (days since 1970 of its beginning, UTC) within [first, last]."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    if gauges:
        span = (list(gauges), exercise, first * 86_400, (last + 1) * 86_400)
        for station, day, mm in connection.execute(_DAYS, span):
            found[station][day] = mm
    return dict(found)


def moisture(
    connection: Connection[Any], areas: Sequence[str], exercise: str | None, since: datetime
) -> dict[str, float]:
    """Mean moisture of the soil (%) that was measured after `since` in each area where any was."""
    if not areas:
        return {}
    return dict(connection.execute(_MOISTURE, (list(areas), exercise, since)).fetchall())
