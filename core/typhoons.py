"""Typhoons: analysed positions and forecasts of their tracks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TyphoonFix:
    """One position; `issued` is None for an analysed one, else when the forecast was issued.

    Wind is the mean near the centre in m/s; `radiusN_km` is how far winds of force N reach; the move is
    towards `move_dir_deg` (degrees from north).
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


@dataclass(frozen=True, slots=True)
class Typhoon:
    """A typhoon by its number (e.g. 2421), with analysed positions and the forecasts known of it."""

    code: str
    name: str
    name_en: str
    fixes: tuple[TyphoonFix, ...] = ()
