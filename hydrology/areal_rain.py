"""Mean rain of an area (面雨量) from its gauges.

Arithmetic mean of the gauges that report, as county systems give it. Thiessen polygons would need
surveyed outlines of towns and basins, which a county rarely has in its system (ours may be schematic), change
all weights whenever one gauge falls silent, and give two gauges in a town nearly the same weights
anyway. The mean therefore always goes with the number of gauges that it stands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GaugeSum:
    """The verified sum of one gauge, and the share of its window that was reported."""

    station: str
    millimetres: float
    coverage: float


@dataclass(frozen=True, slots=True)
class ArealRain:
    """Mean and heaviest of the `reporting` among `stations`; `coverage` over all windows of all gauges."""

    mean: float
    highest: float
    highest_at: str
    reporting: int
    stations: int
    coverage: float


def areal_rain(sums: Sequence[GaugeSum], stations: int) -> ArealRain | None:
    """None where no gauge reported; of equals the first by code counts as the heaviest."""
    if not sums:
        return None
    heaviest = min(sums, key=lambda one: (-one.millimetres, one.station))
    return ArealRain(
        round(sum(one.millimetres for one in sums) / len(sums), 3),
        heaviest.millimetres,
        heaviest.station,
        len(sums),
        stations,
        round(sum(one.coverage for one in sums) / stations, 4),
    )
