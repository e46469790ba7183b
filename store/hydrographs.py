"""What the picture of one station needs: its level, rain at or near it, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from core.severity import Severity
from store.connection import rows

NEAR_KM = 15.0
"""A gauge further away says little about the rain on this river."""

_SUBJECT = """
select station.code, station.name, station.name_en, station.datum, station.period_s, series.id as series, series.property
from station
left join series on series.station = station.code and series.sensor = 1
     and series.exercise is not distinct from %(exercise)s
     and (series.property in ('water_level', 'tide_level'))
where station.code = %(station)s
  and (%(area)s::text is null or area_within(station.area, %(area)s))
order by series.id limit 1
"""

_LEVEL = """
select time, value, quality from observation
where series = %(series)s and time > %(start)s and time <= %(now)s
order by time desc limit 3000
"""

_GAUGE = """
select other.code, other.name, other.name_en, series.id as series, series.period_s,
       111.2 * sqrt(power((other.lon - here.lon) * cos(radians(here.lat)), 2) + power(other.lat - here.lat, 2)) as km
from station here, station other
join series on series.station = other.code and series.property = 'rainfall' and series.sensor = 1
     and series.period_s > 0 and series.exercise is not distinct from %(exercise)s
where here.code = %(station)s and not other.out_of_service
  and 111.2 * sqrt(power((other.lon - here.lon) * cos(radians(here.lat)), 2) + power(other.lat - here.lat, 2))
      <= %(near)s
order by km, series.period_s limit 1
"""

_RAIN = """
select time_bucket(%(bucket)s * interval '1 second', time - interval '1 microsecond')
           + %(bucket)s * interval '1 second' as time,
       sum(value) as millimetres
from observation
where series = %(series)s and quality in (1, 2) and time > %(start)s and time <= %(now)s
group by 1 order by 1
"""

_LIMITS = """
select name, severity, value from standing_limit
where station = %(station)s and property = %(property)s and comparable
  and in_season(season_from, season_to, %(day)s)
order by value
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """The station; `series` None where it has no level of this exercise."""

    code: str
    name: str
    name_en: str
    datum: str | None
    period_s: int
    series: int | None
    property: str | None


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One observation of the level."""

    time: datetime
    value: float | None
    quality: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """The rain gauge whose bars are drawn, `km` away."""

    code: str
    name: str
    name_en: str
    series: int
    period_s: int
    km: float


@dataclass(frozen=True, slots=True)
class RainRow:
    """Rain of the bucket that ends at `time`."""

    time: datetime
    millimetres: float


@dataclass(frozen=True, slots=True)
class _LimitRow:
    name: str
    severity: str
    value: float


@dataclass(frozen=True, slots=True)
class StationLimit:
    """A threshold by its name of the field."""

    name: str
    severity: Severity
    value: float


@dataclass(frozen=True, slots=True)
class StationPicture:
    """Everything for one picture; `gauge` None where no gauge is near."""

    subject: Subject
    levels: list[LevelRow]
    gauge: Gauge | None
    rain: list[RainRow]
    rain_period_s: int
    limits: list[StationLimit]


def station_picture(
    connection: Connection[Any],
    station: str,
    exercise: str | None,
    area: str | None,
    start: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> StationPicture | None:
    """Reads one station's picture; None if there is no such station in `area`.

    Its limits are those in force on the county's present day (its `zone`).

    A station without a level (a rain gauge) shows its rain alone. Rain is summed so that at most
    some fifty bars hang.
    """
    values: dict[str, Any] = {
        "station": station,
        "exercise": exercise,
        "area": area,
        "start": start,
        "now": now,
        "near": NEAR_KM,
        "day": f"{now.astimezone(zone):%m%d}",
    }
    subjects = rows(connection, Subject, _SUBJECT, values)
    if not subjects:
        return None
    subject = subjects[0]
    levels: list[LevelRow] = []
    limits: list[StationLimit] = []
    if subject.series is not None:
        levels = rows(connection, LevelRow, _LEVEL, values | {"series": subject.series})[::-1]
        found = rows(connection, _LimitRow, _LIMITS, values | {"property": subject.property})
        limits = [StationLimit(row.name, Severity(row.severity), row.value) for row in found]
    gauges = rows(connection, Gauge, _GAUGE, values)
    gauge = gauges[0] if gauges else None
    rain: list[RainRow] = []
    bucket = 0
    if gauge is not None:
        bucket = max(gauge.period_s, _round_bucket((now - start).total_seconds() / 50))
        rain = rows(connection, RainRow, _RAIN, values | {"series": gauge.series, "bucket": bucket})
    return StationPicture(subject, levels, gauge, rain, bucket, limits)


def _round_bucket(seconds: float) -> int:
    """The next length of time that people read easily."""
    return next((size for size in (300, 600, 900, 1800, 3600, 10800, 21600) if size >= seconds), 86400)
