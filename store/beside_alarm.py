"""What stands beside an alarm that is to be verified: levels and rain of neighbours, the newest picture near by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core.geometry import Place, distance_km
from store.connection import rows

NEAR_KM = 30.0
_LEVELS = ("water_level", "tide_level")
RAIN_S = 10_800

_PLACES: LiteralString = """
select station.code, station.name, station.name_en, station.kind, station.river, station.lon, station.lat
from station where not station.out_of_service and exists (
    select from series where series.station = station.code and series.property = any(%s)
      and series.exercise is not distinct from %s)
"""

_LEVEL: LiteralString = """
select series.station, series.property, latest.time, latest.value, latest.quality, latest.reason,
       latest.usable_time, latest.usable_value, trend.code as trend, trend.rate as rate_m_h,
       (select min(value) from standing_limit
        where standing_limit.station = series.station and standing_limit.property = series.property
          and standing_limit.comparable and standing_limit.period_s = 0) as lowest_limit
from series join latest on latest.series = series.id left join trend on trend.series = series.id
where series.station = any(%s) and series.property = any(%s) and series.period_s = 0
  and series.exercise is not distinct from %s
order by series.station, series.property, series.sensor
"""

_RAIN: LiteralString = """
select series.station, latest.time, latest.value, latest.quality, latest.reason
from series join latest on latest.series = series.id
where series.station = any(%s) and series.property = 'rainfall_sliding' and series.period_s = %s
  and series.exercise is not distinct from %s and latest.time > %s
order by series.station
"""

_PICTURES: LiteralString = """
select camera.code, camera.name, camera.name_en, camera.lon, camera.lat, picture.id, picture.received_at
from camera
cross join lateral (
    select id, received_at from camera_snapshot
    where camera_snapshot.camera = camera.code and camera_snapshot.exercise is not distinct from %s
      and received_at > %s
    order by received_at desc limit 1
) picture
where %s::text is null or area_within(camera.area, %s)
"""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A gauge near by, with what it read last; `rate_m_h` is its trend, `lowest_limit` the first that it has."""

    station: str
    name: str
    name_en: str
    km: float
    same_river: bool
    property: str
    time: datetime
    value: float | None
    quality: int
    reason: str
    usable_time: datetime | None
    usable_value: float | None
    trend: int | None
    rate_m_h: float | None
    lowest_limit: float | None


@dataclass(frozen=True, slots=True)
class RainNear:
    """The sum of three hours of a gauge near by; a reason tells of what is missing or doubtful in it."""

    station: str
    name: str
    name_en: str
    km: float
    time: datetime
    value: float | None
    quality: int
    reason: str


@dataclass(frozen=True, slots=True)
class PictureNear:
    """The newest picture of the nearest camera."""

    camera: str
    name: str
    name_en: str
    km: float
    picture: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class _Gauge:
    code: str
    name: str
    name_en: str
    kind: str
    river: str | None
    lon: float
    lat: float


def neighbours(
    connection: Connection[Any], place: Place, exercise: str | None, *, but: str | None, most: int = 5
) -> list[Neighbour]:
    """Level gauges within 30 km, those of the same river first, then the nearest."""
    gauges = rows(connection, _Gauge, _PLACES, (list(_LEVELS), exercise))
    river = next((one.river for one in gauges if one.code == but), None)

    def order(one: _Gauge) -> tuple[bool, float]:
        return not (river and one.river == river), distance_km(place, (one.lon, one.lat))

    near = _near(gauges, place, but)
    chosen = {one.code: one for one in sorted(near, key=order)[:most]}
    found = [
        Neighbour(
            station, chosen[station].name, chosen[station].name_en, _km(place, chosen[station]),
            bool(river and chosen[station].river == river), *values,
        )
        for station, *values in connection.execute(_LEVEL, (list(chosen), list(_LEVELS), exercise))
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.same_river, one.km, one.station))


def rain_near(
    connection: Connection[Any],
    place: Place,
    exercise: str | None,
    now: datetime,
    *,
    but: str | None = None,
    most: int = 5,
) -> list[RainNear]:
    """Sums of the last three hours of the nearest rain gauges that reported within three hours."""
    near = _near(rows(connection, _Gauge, _PLACES, (["rainfall_sliding"], exercise)), place, but)
    known = {one.code: one for one in near}
    found = [
        RainNear(station, known[station].name, known[station].name_en, _km(place, known[station]), *values)
        for station, *values in connection.execute(
            _RAIN, (list(known), RAIN_S, exercise, now - timedelta(seconds=RAIN_S))
        )
    ]
    return sorted(found, key=lambda one: (one.km, one.station))[:most]


def picture_near(
    connection: Connection[Any], place: Place, exercise: str | None, now: datetime, *, within: str | None
) -> PictureNear | None:
    """The newest picture (of the last day) of the nearest camera within 30 km; with `within` of that area's."""
    found = [
        PictureNear(code, name, name_en, round(distance_km(place, (lon, lat)), 1), picture, at)
        for code, name, name_en, lon, lat, picture, at in connection.execute(
            _PICTURES, (exercise, now - timedelta(days=1), within, within)
        )
    ]
    return min((one for one in found if one.km <= NEAR_KM), key=lambda one: one.km, default=None)


def place_of(
    connection: Connection[Any], station: str | None, area: str | None, detail: dict[str, Any]
) -> Place | None:
    """Where an alarm is: its own position, its station's, else that of its area."""
    if isinstance(detail.get("lon"), float) and isinstance(detail.get("lat"), float):
        return detail["lon"], detail["lat"]
    found = connection.execute("select lon, lat from station where code = %s", (station,)).fetchone()
    if found is None:
        query = "select lon, lat from area where code = %s and lon is not null and lat is not null"
        found = connection.execute(query, (area,)).fetchone()
    return None if found is None else (found[0], found[1])


def _near(gauges: Sequence[_Gauge], place: Place, but: str | None) -> list[_Gauge]:
    return [one for one in gauges if one.code != but and _km(place, one) <= NEAR_KM]


def _km(place: Place, one: _Gauge) -> float:
    return round(distance_km(place, (one.lon, one.lat)), 1)
