"""From rain to flow and level: two equal linear reservoirs in series, and a rating.

Nash, J. E. (1957): The form of the instantaneous unit hydrograph. IASH Publ. 45, 114–121. The step is
exact for an inflow that is constant within it, so no water is made or lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drill.county.model import Catchment, RiverStation

Values = NDArray[np.float64]


def linear_reservoir(inflow: Values, storage_s: float, step_s: float) -> Values:
    """Mean outflow of each step of a linear reservoir (S = K Q) that is empty at first."""
    keep = math.exp(-step_s / storage_s)
    stored = 0.0
    outflow = np.empty_like(inflow)
    for position, rate in enumerate(inflow):
        after = stored * keep + rate * storage_s * (1 - keep)
        outflow[position] = rate - (after - stored) / step_s
        stored = after
    return outflow


def catchment_flow(catchment: Catchment, rain_mm: dict[str, Values], step_s: float) -> Values:
    """Flow in m³/s from the mean rain (mm per step) of the catchment's gauges, base flow included."""
    mean: Values = np.mean([rain_mm[gauge] for gauge in catchment.gauges], axis=0)
    effective = mean * catchment.runoff / 1000 / step_s * catchment.area_km2 * 1e6
    late = round(catchment.lag_h * 3600 / step_s)
    shifted = np.concatenate([np.zeros(late), effective[: len(effective) - late]])
    storage_s = catchment.storage_h * 3600
    flow = linear_reservoir(linear_reservoir(shifted, storage_s, step_s), storage_s, step_s)
    return flow + catchment.base_flow


def level_m(station: RiverStation, flow: Values | Sequence[float]) -> Values:
    """Level for a flow by the station's rating Q = a (z - bed)^(5/3)."""
    depth: Values = (np.maximum(np.asarray(flow, dtype=float), 0.0) / station.rating_a) ** 0.6
    return station.bed_m + depth
