"""The whole storm over the whole county, computed once; afterwards values are looked up by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from drill.county.model import Model, TideStation
from drill.storm.pools import run_reservoir, run_sluice, storage_10e6_m3
from drill.storm.rain import rate_mm_h
from drill.storm.runoff import Values, catchment_flow, level_m
from drill.storm.tide import astronomic_m, surge_m
from drill.storm.track import Fix, at, motion
from drill.storm.wind import air

STEP_S = 300


@dataclass(frozen=True, slots=True)
class Simulation:
    """Values at `begin` + n × 300 s, n = 1, 2 …; rain is in mm per step, ending at the time."""

    begin: datetime
    rain: dict[str, Values]
    levels: dict[str, dict[str, Values]]

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(seconds=STEP_S * len(next(iter(self.rain.values()))))

    def rate_mm_h(self, station: str, moment: datetime) -> float:
        """Rain intensity in the step that `moment` falls into; dry outside the storm's days."""
        position = int((moment - self.begin).total_seconds() // STEP_S)
        series = self.rain[station]
        return float(series[position]) * 3600 / STEP_S if 0 <= position < len(series) else 0.0

    def values(self, station: str, moment: datetime) -> dict[str, float]:
        """Levels, flows … of a station, between the two nearest steps; the last ones after the end."""
        place = (moment - self.begin).total_seconds() / STEP_S - 1
        found = {}
        for name, series in self.levels[station].items():
            position = min(max(place, 0.0), len(series) - 1.0)
            low = min(int(position), len(series) - 2)
            share = position - low
            found[name] = float(series[low] * (1 - share) + series[low + 1] * share)
        return found


def simulate(model: Model, fixes: list[Fix], begin: datetime, end: datetime) -> Simulation:
    """Runs the storm from `begin` to `end`."""
    steps = int((end - begin).total_seconds() // STEP_S)
    rain = _rain(model, fixes, begin, steps)
    sea = {station.station: _sea(station, fixes, begin, steps) for station in model.tides}
    levels: dict[str, dict[str, Values]] = {code: {"tide_level": values} for code, values in sea.items()}
    for river in model.rivers:
        flow = catchment_flow(river.catchment, rain, STEP_S)
        levels[river.station] = {"water_level": level_m(river, flow)}
        if river.reports_flow:
            levels[river.station]["flow"] = flow
    for reservoir in model.reservoirs:
        run = run_reservoir(reservoir, catchment_flow(reservoir.catchment, rain, STEP_S), STEP_S)
        levels[reservoir.station] = {
            "water_level": run.level,
            "inflow": run.inflow,
            "outflow": run.outflow,
            "storage": storage_10e6_m3(reservoir, run.level),
        }
    for sluice in model.sluices:
        inflow = catchment_flow(sluice.catchment, rain, STEP_S)
        run = run_sluice(sluice, inflow, sea[sluice.tide], STEP_S)
        levels[sluice.station] = {
            "water_level": run.level,
            "tide_level": sea[sluice.tide],
            "gate_opening": run.opening,
            "outflow": run.outflow,
        }
    return Simulation(begin, rain, levels)


def _rain(model: Model, fixes: list[Fix], begin: datetime, steps: int) -> dict[str, Values]:
    rain = {gauge.station: np.zeros(steps) for gauge in model.gauges}
    for step in range(steps):
        middle = begin + timedelta(seconds=(step + 0.5) * STEP_S)
        fix = at(fixes, middle)
        heading, speed = _motion(fixes, middle)
        for gauge in model.gauges:
            wind = air(fix, heading, speed, gauge.lon, gauge.lat).speed_ms
            rate = rate_mm_h(fix, heading, wind, middle, gauge.lon, gauge.lat, gauge.elevation_m)
            rain[gauge.station][step] = rate * STEP_S / 3600
    return rain


def _sea(station: TideStation, fixes: list[Fix], begin: datetime, steps: int) -> Values:
    levels = np.empty(steps)
    for step in range(steps):
        moment = begin + timedelta(seconds=(step + 1) * STEP_S)
        heading, speed = _motion(fixes, moment)
        here = air(at(fixes, moment), heading, speed, station.lon, station.lat)
        levels[step] = astronomic_m(station, moment) + surge_m(station, here)
    return levels


def _motion(fixes: list[Fix], moment: datetime) -> tuple[float, float]:
    """Of the three hours around the moment, so that the heading does not jump at a fix."""
    half = timedelta(minutes=90)
    return motion(at(fixes, moment - half), at(fixes, moment + half))
