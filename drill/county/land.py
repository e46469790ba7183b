"""The invented county's land: what lies within its outline, and how high it is."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from functools import cache

from drill.county import DATA

_HILLS = (
    (121.74, 29.44, 520.0, 0.06),
    (121.83, 29.40, 380.0, 0.05),
    (121.80, 29.29, 330.0, 0.05),
    (121.90, 29.55, 260.0, 0.04),
    (121.92, 29.16, 210.0, 0.03),
)
"""Longitude, latitude, height in m and width in degrees of the hills that make the rain heavier."""

KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Town:
    """A town of the county at the middle of its settlement."""

    code: str
    name: str
    lon: float
    lat: float


@cache
def outline() -> dict[str, object]:
    """GeoJSON geometry of the county (WGS 84)."""
    geometry: dict[str, object] = json.loads((DATA / "outline.geojson").read_text())["features"][0][
        "geometry"
    ]
    return geometry


@cache
def towns() -> tuple[Town, ...]:
    """The 18 towns by code."""
    features = json.loads((DATA / "towns.geojson").read_text())["features"]
    return tuple(
        Town(one["properties"]["code"], one["properties"]["name"], *one["geometry"]["coordinates"])
        for one in features
    )


def is_land(lon: float, lat: float) -> bool:
    """True within the outline and outside its holes (even-odd rule)."""
    polygons = outline()["coordinates"]
    assert isinstance(polygons, list)
    return any(sum(_inside(lon, lat, ring) for ring in polygon) % 2 for polygon in polygons)


def _inside(lon: float, lat: float, ring: list[list[float]]) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def elevation_m(lon: float, lat: float) -> float:
    """Height of the invented hills."""
    return sum(
        height * math.exp(-((lon - x) ** 2 + (lat - y) ** 2) / (2 * width**2))
        for x, y, height, width in _HILLS
    )


def near(town: Town, chance: random.Random, radius_km: float = 4.0) -> tuple[float, float]:
    """A place on land near a town's middle, rounded to about 10 m."""
    for attempt in range(200):
        reach = radius_km * math.sqrt(chance.random()) * (1 - attempt / 220) / KM_PER_DEGREE
        angle = chance.uniform(0, 2 * math.pi)
        lon = round(town.lon + reach * math.cos(angle) / math.cos(math.radians(town.lat)), 4)
        lat = round(town.lat + reach * math.sin(angle), 4)
        if is_land(lon, lat):
            return lon, lat
    return town.lon, town.lat


def distance_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Distance on a sphere (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(half))
