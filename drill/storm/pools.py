"""Waters with a level surface: reservoirs behind a spillway, polders behind a sluice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drill.county.model import Reservoir, Sluice
from drill.storm.runoff import Values

GRAVITY = 9.81
WEIR = 1.7
"""m^0.5/s of a broad-crested weir."""
GATE = 0.6
"""Discharge factor of a gate flowing full."""
_SMALLEST_HEAD_M = 0.02


@dataclass(frozen=True, slots=True)
class PoolRun:
    """Level in m, inflow and outflow in m³/s, and gate opening in m, at the end of each step."""

    level: Values
    inflow: Values
    outflow: Values
    opening: Values


def spillway_flow(reservoir: Reservoir, level: float) -> float:
    """Flow over the free spillway."""
    head = max(level - reservoir.crest_m, 0.0)
    return WEIR * reservoir.crest_width_m * head * math.sqrt(head)


def storage_10e6_m3(reservoir: Reservoir, level: Values) -> Values:
    """Stored water over the range in which the surface hardly changes."""
    return reservoir.normal_storage_10e6_m3 + (level - reservoir.normal_m) * reservoir.surface_km2


def run_reservoir(reservoir: Reservoir, inflow: Values, step_s: float) -> PoolRun:
    """Level pool routing: what comes in and does not go out lifts the surface."""
    surface = reservoir.surface_km2 * 1e6
    level = reservoir.start_m
    levels, outflows = np.empty_like(inflow), np.empty_like(inflow)
    for position, rate in enumerate(inflow):
        outflow = reservoir.release + spillway_flow(reservoir, level)
        level += (rate - outflow) * step_s / surface
        levels[position], outflows[position] = level, outflow
    return PoolRun(levels, inflow, outflows, np.zeros_like(inflow))


def run_sluice(sluice: Sluice, inflow: Values, sea: Values, step_s: float) -> PoolRun:
    """A polder drained while it stands above its target and above the sea; else the gate is shut.

    No step lets out more than would level both sides, so the polder never falls below the sea by it.
    """
    surface = sluice.surface_km2 * 1e6
    level = sluice.target_m
    levels, outflows, openings = (np.empty_like(inflow) for _ in range(3))
    for position, rate in enumerate(inflow):
        outflow = opening = 0.0
        head = level - sea[position]
        if level > sluice.target_m and head > _SMALLEST_HEAD_M:
            opening = min(sluice.gate_height_m, max(level - sluice.sill_m, 0.0))
            free = GATE * sluice.gate_width_m * opening * math.sqrt(2 * GRAVITY * head)
            excess = min(head, level - sluice.target_m) * surface / step_s
            outflow = min(free, excess + rate)
        level += (rate - outflow) * step_s / surface
        levels[position], outflows[position], openings[position] = level, outflow, opening
    return PoolRun(levels, inflow, outflows, openings)
