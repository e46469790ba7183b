"""How wet the soil is, from the rain of the days before: Pa(t+1) = K · (Pa(t) + P(t)), at most Im.

Pa is the antecedent rain (前期影响雨量) in millimetres, P the rain of a day, K the share that is left after a day, Im
the most that the soil holds. K and Im differ from place to place (0.85 and 100 mm are common in the humid south of
China) and are the county's to set. The classes are those of the analysis of flash floods (山洪灾害分析评价): dry below
half of Im, wet from 0.8 of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.rain_limits import Soil, SoilSource

DAYS = 15
"""Rain before that counts for less than a tenth (0.85 ^ 15 = 0.087)."""


@dataclass(frozen=True, slots=True)
class SoilTerms:
    """`k` (0 to 1), `most_mm` (Im); `dry_below` and `wet_from` are shares of Im; moisture in %."""

    k: float
    most_mm: float
    dry_below: float
    wet_from: float
    least_days: int
    moisture_dry_below: float
    moisture_wet_from: float


@dataclass(frozen=True, slots=True)
class Wetness:
    """The class, how it is known, and the value (% or mm) that says so; `days` whose rain is known."""

    state: Soil
    source: SoilSource
    value: float | None = None
    days: int | None = None


def antecedent_mm(days: Sequence[float | None], k: float, most_mm: float) -> float:
    """Pa after days of rain (mm, oldest first); a day that nobody measured adds nothing."""
    pa = 0.0
    for rain in days:
        pa = min(most_mm, k * (pa + (rain or 0.0)))
    return pa


def wetness(moisture: float | None, days: Sequence[float | None], terms: SoilTerms) -> Wetness:
    """By measured moisture (%), else by the rain of the days before; normal is assumed where too little is known."""
    if moisture is not None:
        state = _classed(moisture, terms.moisture_dry_below, terms.moisture_wet_from)
        return Wetness(state, SoilSource.MOISTURE, round(moisture, 1))
    known = sum(rain is not None for rain in days)
    if known < terms.least_days:
        return Wetness(Soil.NORMAL, SoilSource.ASSUMED, None, known)
    pa = antecedent_mm(days, terms.k, terms.most_mm)
    state = _classed(pa, terms.dry_below * terms.most_mm, terms.wet_from * terms.most_mm)
    return Wetness(state, SoilSource.ANTECEDENT, round(pa, 1), known)


def _classed(value: float, dry_below: float, wet_from: float) -> Soil:
    return Soil.DRY if value < dry_below else Soil.WET if value >= wet_from else Soil.NORMAL
