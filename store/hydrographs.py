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
select time, value, quality, by_user is not null and quality = 4 as voided from observation
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
where station = %(station)s and property = %(property)s and comparable and period_s in (0, %(period_s)s)
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
    """One observation of the level; `voided` says that a person has called it false."""

    time: datetime
    value: float | None
    quality: int
    voided: bool


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
    }
    subjects = rows(connection, Subject, _SUBJECT, values)
    if not subjects:
        return None
    subject = subjects[0]
    levels: list[LevelRow] = []
    limits: list[StationLimit] = []
    if subject.series is not None and subject.property is not None:
        levels = rows(connection, LevelRow, _LEVEL, values | {"series": subject.series})[::-1]
        limits = standing_limits(connection, station, subject.property, now, zone)
    gauge = near_gauge(connection, station, exercise)
    rain, bucket = rain_between(connection, gauge, start, now) if gauge else ([], 0)
    return StationPicture(subject, levels, gauge, rain, bucket, limits)


def near_gauge(connection: Connection[Any], station: str, exercise: str | None) -> Gauge | None:
    """The nearest rain gauge within `NEAR_KM`, the station's own first."""
    found = rows(connection, Gauge, _GAUGE, {"station": station, "exercise": exercise, "near": NEAR_KM})
    return found[0] if found else None


def rain_between(
    connection: Connection[Any], gauge: Gauge, start: datetime, now: datetime
) -> tuple[list[RainRow], int]:
    """A gauge's rain in at most some fifty sums, and the seconds that each of them covers."""
    bucket = max(gauge.period_s, _round_bucket((now - start).total_seconds() / 50))
    values = {"series": gauge.series, "start": start, "now": now, "bucket": bucket}
    return rows(connection, RainRow, _RAIN, values), bucket


def standing_limits(
    connection: Connection[Any],
    station: str,
    property: str,
    now: datetime,
    zone: ZoneInfo,
    *,
    period_s: int = 0,
) -> list[StationLimit]:
    """The limits that are in force on the county's present day: of the value itself, and of sums over `period_s`."""
    values = {
        "station": station, "property": property, "day": f"{now.astimezone(zone):%m%d}", "period_s": period_s,
    }  # fmt: skip
    found = rows(connection, _LimitRow, _LIMITS, values)
    return [StationLimit(row.name, Severity(row.severity), row.value) for row in found]


def _round_bucket(seconds: float) -> int:
    """The next length of time that people read easily."""
    return next((size for size in (300, 600, 900, 1800, 3600, 10800, 21600) if size >= seconds), 86400)
