"""What the storm acts upon: catchments, reservoirs, sluices and coasts behind the invented stations."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from drill.county import DATA

DATUM = "85高程"
"""All levels of the county are over the 1985 national height datum."""


@dataclass(frozen=True, slots=True)
class RainGauge:
    """A rain gauge; `elevation_m` makes its rain heavier."""

    station: str
    lon: float
    lat: float
    elevation_m: float


@dataclass(frozen=True, slots=True)
class Catchment:
    """Land above a station: area, the gauges that stand for it, and how fast it answers.

    Two equal linear reservoirs in series of `storage_h` hours (Nash 1957) after `lag_h` hours;
    `runoff` is the share of the rain that flows off.
    """

    area_km2: float
    gauges: tuple[str, ...]
    storage_h: float
    lag_h: float
    runoff: float
    base_flow: float


@dataclass(frozen=True, slots=True)
class RiverStation:
    """A river gauge with its rating Q = `rating_a` (z - `bed_m`)^(5/3); flow is reported by kind ZQ."""

    station: str
    catchment: Catchment
    bed_m: float
    rating_a: float
    reports_flow: bool


@dataclass(frozen=True, slots=True)
class Reservoir:
    """Level pool with a free spillway (Q = 1.7 B h^1.5 above `crest_m`) and a steady release in m³/s.

    `surface_km2` is held constant over the range that matters.
    """

    station: str
    catchment: Catchment
    surface_km2: float
    normal_m: float
    normal_storage_10e6_m3: float
    start_m: float
    crest_m: float
    crest_width_m: float
    release: float


@dataclass(frozen=True, slots=True)
class Sluice:
    """A polder that drains into the sea through a gate while the sea is lower."""

    station: str
    catchment: Catchment
    surface_km2: float
    target_m: float
    sill_m: float
    gate_width_m: float
    gate_height_m: float
    tide: str


@dataclass(frozen=True, slots=True)
class TideStation:
    """A tide gauge: mean level, constituents (name, amplitude m, phase °), and how wind piles up water.

    `setup_m_per_m2s2` is the rise per squared onshore wind; `onshore_deg` is where such wind comes from.
    """

    station: str
    lon: float
    lat: float
    mean_m: float
    constituents: tuple[tuple[str, float, float], ...]
    onshore_deg: float
    setup_m_per_m2s2: float


@dataclass(frozen=True, slots=True)
class Model:
    """The whole county as the storm sees it."""

    gauges: tuple[RainGauge, ...]
    rivers: tuple[RiverStation, ...]
    reservoirs: tuple[Reservoir, ...]
    sluices: tuple[Sluice, ...]
    tides: tuple[TideStation, ...]


def load_model() -> Model:
    """The model as the generator wrote it."""
    return msgspec.json.decode((DATA / "model.json").read_bytes(), type=Model)
