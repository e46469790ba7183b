"""A typhoon's best track in the format of RSMC Tokyo (Japan Meteorological Agency), and points between.

Format: https://www.jma.go.jp/jma/jma-eng/jma-center/rsmc-hp-pub-eg/Besttracks/e_format_bst.html
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputError
from drill.county.land import distance_km

KNOT_MS = 0.514444
NAUTICAL_MILE_KM = 1.852


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
    lines = path.read_text(encoding="ascii").splitlines()
    if not lines or not lines[0].startswith("66666"):
        raise InputError("bad_track", f"{path.name}: a best track begins with a line 66666")
    try:
        return [_fix(line) for line in lines[1:] if line.strip() and not line.startswith("66666")]
    except (ValueError, IndexError) as error:
        raise InputError("bad_track", f"{path.name}: {error}") from error


def _fix(line: str) -> Fix:
    words = line.split()
    year = int(words[0][:2])
    moment = datetime.strptime(words[0][2:], "%m%d%H").replace(
        year=(1900 if year > 50 else 2000) + year, tzinfo=UTC
    )
    return Fix(
        time=moment,
        lat=int(words[3]) / 10,
        lon=int(words[4]) / 10,
        pressure_hpa=float(words[5]),
        wind_ms=int(words[6]) * KNOT_MS if len(words) > 6 else 0.0,
        radius10_km=_radius_km(words[7]) if len(words) > 7 else None,
        radius7_km=_radius_km(words[9]) if len(words) > 9 else None,
    )


def _radius_km(word: str) -> float | None:
    """`HRRRR`: direction of the longest radius, and that radius in nautical miles."""
    radius = int(word[1:]) * NAUTICAL_MILE_KM
    return radius or None


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
