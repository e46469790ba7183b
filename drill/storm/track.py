"""A typhoon's best track (`formats.typhoon`), and points between its fixes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.errors import InputError
from drill.county.land import distance_km
from formats.typhoon import decode_tracks


@dataclass(frozen=True, slots=True)
class Fix:
    """The storm at one time.

    `wind_ms` is the highest 10-minute wind. `radius7_km` and `radius10_km` are the longest radii of
    30 kt (about force 7) and 50 kt (about force 10), None where none is given.
    """

    time: datetime
    lon: float
    lat: float
    pressure_hpa: float
    wind_ms: float
    radius7_km: float | None
    radius10_km: float | None


def read_track(path: Path) -> list[Fix]:
    """Every analysed fix of the file's first storm. Raises InputError for a file that is no best track."""
    storms, faults = decode_tracks(path.read_bytes())
    if not storms or faults:
        told = faults[0].detail if faults else "it holds no typhoon"
        raise InputError("bad_track", f"{path.name} is no best track: {told}")
    return [
        Fix(
            time=fix.time,
            lon=fix.lon,
            lat=fix.lat,
            pressure_hpa=fix.pressure_hpa or 1010.0,
            wind_ms=fix.wind_ms or 0.0,
            radius7_km=fix.radius7_km,
            radius10_km=fix.radius10_km,
        )
        for fix in storms[0].fixes
    ]


def at(fixes: list[Fix], moment: datetime) -> Fix:
    """The storm between two fixes (linear), or the first or last one outside them."""
    if moment <= fixes[0].time:
        return fixes[0]
    for before, after in itertools.pairwise(fixes):
        if moment <= after.time:
            share = (moment - before.time) / (after.time - before.time)
            return Fix(
                time=moment,
                lon=_between(before.lon, after.lon, share),
                lat=_between(before.lat, after.lat, share),
                pressure_hpa=_between(before.pressure_hpa, after.pressure_hpa, share),
                wind_ms=_between(before.wind_ms, after.wind_ms, share),
                radius7_km=_between_radii(before.radius7_km, after.radius7_km, share),
                radius10_km=_between_radii(before.radius10_km, after.radius10_km, share),
            )
    return fixes[-1]


def motion(before: Fix, after: Fix) -> tuple[float, float]:
    """Direction of motion in degrees from north, clockwise, and speed in km/h; standing still is (0, 0)."""
    hours = (after.time - before.time).total_seconds() / 3600
    east = (after.lon - before.lon) * math.cos(math.radians((before.lat + after.lat) / 2))
    north = after.lat - before.lat
    if hours <= 0 or (east == 0 and north == 0):
        return 0.0, 0.0
    length = distance_km(before.lon, before.lat, after.lon, after.lat)
    return math.degrees(math.atan2(east, north)) % 360, length / hours


def _between(one: float, other: float, share: float) -> float:
    return one + (other - one) * share


def _between_radii(one: float | None, other: float | None, share: float) -> float | None:
    if one is None or other is None:
        return one if share < 0.5 else other
    return _between(one, other, share)
