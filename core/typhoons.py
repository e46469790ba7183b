"""Typhoons: analysed positions and forecasts of their tracks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

GRADES = ("TD", "TS", "STS", "TY", "STY", "SUPER", "L")
"""热带低压, 热带风暴, 强热带风暴, 台风, 强台风, 超强台风 (GB/T 19201-2006), and 温带气旋 (extratropical)."""


_GRADE_FROM_MS = ((51.0, "SUPER"), (41.5, "STY"), (32.7, "TY"), (24.5, "STS"), (17.2, "TS"), (10.8, "TD"))


def grade_of(wind_ms: float) -> str | None:
    """The grade of a tropical cyclone by its highest mean wind (GB/T 19201-2006); None below a depression's."""
    return next((grade for least, grade in _GRADE_FROM_MS if wind_ms >= least), None)


@dataclass(frozen=True, slots=True)
class WindCircle:
    """How far winds of a force reach. Either round about (`shortest_km` is `longest_km`), or farthest towards one
    direction and least against it (Tokyo), or by quadrants NE, SE, SW, NW (Beijing).
    """

    force: int
    longest_km: float
    shortest_km: float
    towards_deg: float | None = None
    quadrants_km: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class TyphoonFix:
    """One position; `issued` is None for an analysed one, else when the forecast was issued.

    Wind is the mean near the centre in m/s; `radiusN_km` is how far winds of force N reach; the move is
    towards `move_dir_deg` (degrees from north). `circles` tell the shape where it is known; `grade` is one of GRADES.
    """

    time: datetime
    lon: float
    lat: float
    issued: datetime | None = None
    pressure_hpa: float | None = None
    wind_ms: float | None = None
    radius7_km: float | None = None
    radius10_km: float | None = None
    radius12_km: float | None = None
    move_dir_deg: float | None = None
    move_kmh: float | None = None
    grade: str | None = None
    circles: tuple[WindCircle, ...] = ()


@dataclass(frozen=True, slots=True)
class Typhoon:
    """A typhoon by its number (e.g. 2421), with analysed positions and the forecasts known of it."""

    code: str
    name: str
    name_en: str
    fixes: tuple[TyphoonFix, ...] = ()
