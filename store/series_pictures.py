"""What the picture of one series needs, over any length of time: its values or their roll-ups, rain, limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from psycopg import Connection

from core.properties import LEVEL_PROPERTIES, PROPERTIES
from store.connection import rows
from store.hydrographs import (
    Gauge,
    LevelRow,
    RainRow,
    StationLimit,
    near_gauge,
    rain_between,
    standing_limits,
)

RAW = timedelta(days=8)
"""Up to here every value is drawn; beyond, hours; beyond `HOURLY`, days."""
HOURLY = timedelta(days=60)

_SERIES: LiteralString = """
select series.id, station.name, station.name_en, station.datum, station.period_s
from series join station on station.code = series.station
where series.station = %(station)s and series.property = %(property)s and series.sensor = %(sensor)s
  and series.period_s = %(period_s)s and series.exercise is not distinct from %(exercise)s
  and (%(area)s::text is null or area_within(station.area, %(area)s))
"""

_VALUES: LiteralString = """
select time, value, quality, by_user is not null and quality = 4 as voided from observation
where series = %(series)s and time > %(start)s and time <= %(now)s
order by time desc limit 12000
"""

_HOURS: LiteralString = """
select bucket + interval '30 minutes' as time, low, high from rollup_hour
where series = %(series)s and bucket >= %(start)s and bucket <= %(now)s and usable > 0 order by bucket
"""

_DAYS: LiteralString = """
select bucket + interval '12 hours' as time, low, high from rollup_day
where series = %(series)s and bucket >= %(start)s and bucket <= %(now)s and usable > 0 order by bucket
"""

_DAY_TOTALS: LiteralString = """
select time_bucket(%(bucket)s * interval '1 second', bucket) + %(bucket)s * interval '1 second' as time,
       sum(total) as millimetres
from rollup_day where series = %(series)s and bucket >= %(start)s and bucket <= %(now)s and usable > 0
group by 1 order by 1
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A series by its names; `exercise` None is the real world."""

    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None


@dataclass(frozen=True, slots=True)
class BandRow:
    """Lowest and highest usable value around `time`."""

    time: datetime
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SeriesPicture:
    """Either `levels` (every value) or `band` (hours or days); of a total only `rain`, its own sums."""

    datum: str | None
    period_s: int
    levels: list[LevelRow] = field(default_factory=list)
    band: list[BandRow] = field(default_factory=list)
    gauge: Gauge | None = None
    rain: list[RainRow] = field(default_factory=list)
    rain_period_s: int = 0
    limits: list[StationLimit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Series:
    id: int
    name: str
    name_en: str
    datum: str | None
    period_s: int


def series_picture(
    connection: Connection[Any],
    chosen: Chosen,
    area: str | None,
    start: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> SeriesPicture | None:
    """Reads it; None if there is no such series in `area`."""
    names = {
        "station": chosen.station, "property": chosen.property, "sensor": chosen.sensor,
        "period_s": chosen.period_s, "exercise": chosen.exercise, "area": area,
    }  # fmt: skip
    found = rows(connection, _Series, _SERIES, names)
    if not found:
        return None
    series, length = found[0], now - start
    values = {"series": series.id, "start": start, "now": now}
    known = PROPERTIES.get(chosen.property)
    if known is not None and known.total:
        gauge = Gauge(chosen.station, series.name, series.name_en, series.id, chosen.period_s, 0.0)
        rain, bucket = _sums(connection, gauge, start, now)
        return SeriesPicture(None, series.period_s, gauge=gauge, rain=rain, rain_period_s=bucket)
    level = chosen.property in LEVEL_PROPERTIES
    gauge_near = (
        near_gauge(connection, chosen.station, chosen.exercise) if level and length <= HOURLY else None
    )
    rain, bucket = _sums(connection, gauge_near, start, now) if gauge_near else ([], 0)
    raw = length <= RAW
    return SeriesPicture(
        datum=series.datum if level else None,
        period_s=series.period_s,
        levels=rows(connection, LevelRow, _VALUES, values)[::-1] if raw else [],
        band=[] if raw else rows(connection, BandRow, _HOURS if length <= HOURLY else _DAYS, values),
        gauge=gauge_near,
        rain=rain,
        rain_period_s=bucket,
        limits=standing_limits(
            connection, chosen.station, chosen.property, now, zone, period_s=chosen.period_s
        ),
    )


def _sums(
    connection: Connection[Any], gauge: Gauge, start: datetime, now: datetime
) -> tuple[list[RainRow], int]:
    """Some fifty sums; of a long time from the days."""
    if now - start <= HOURLY:
        return rain_between(connection, gauge, start, now)
    bucket = max(1, round((now - start).total_seconds() / 60 / 86400)) * 86400
    values = {"series": gauge.series, "start": start, "now": now, "bucket": bucket}
    return rows(connection, RainRow, _DAY_TOTALS, values), bucket
