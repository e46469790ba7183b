"""What is measured: name, unit, how it adds up, and the widest range that is physically possible."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Property:
    """One observed property.

    `total` properties hold a sum over a period that ends at the observation time; the others hold
    at an instant. `low` and `high` bound what can exist at all, in `unit`: outside is a wrong unit
    or a broken sensor, never weather.
    """

    name: str
    unit: str
    total: bool
    low: float
    high: float
    decimals: int


PROPERTIES: dict[str, Property] = {
    entry.name: entry
    for entry in (
        Property("water_level", "m", False, -100.0, 9000.0, 2),
        Property("tide_level", "m", False, -20.0, 20.0, 2),
        Property("rainfall", "mm", True, 0.0, 2000.0, 1),  # a day of 1,825 mm was measured (WMO)
        Property("rainfall_cumulative", "mm", False, 0.0, 100_000.0, 1),
        Property("flow", "m³/s", False, -100_000.0, 200_000.0, 1),
        Property("inflow", "m³/s", False, -100_000.0, 200_000.0, 1),
        Property("outflow", "m³/s", False, 0.0, 200_000.0, 1),
        Property("storage", "10⁶ m³", False, 0.0, 100_000.0, 3),
        Property("gate_opening", "m", False, 0.0, 50.0, 2),
        Property("wind_speed", "m/s", False, 0.0, 120.0, 1),
        Property("wind_gust", "m/s", False, 0.0, 150.0, 1),
        Property("wind_direction", "°", False, 0.0, 360.0, 0),
        Property("air_pressure", "hPa", False, 800.0, 1100.0, 1),
        Property("air_temperature", "°C", False, -60.0, 60.0, 1),
        Property("battery_voltage", "V", False, 0.0, 60.0, 2),
        Property("battery_level", "%", False, 0.0, 100.0, 0),
        Property("signal_strength", "dBm", False, -150.0, 0.0, 0),
        Property("rainfall_today", "mm", False, 0.0, 3000.0, 1),
        Property("evaporation", "mm", True, 0.0, 100.0, 1),
        Property("evaporation_today", "mm", False, 0.0, 100.0, 1),
        Property("velocity", "m/s", False, -30.0, 30.0, 3),
        Property("wave_height", "m", False, 0.0, 40.0, 2),
        Property("gates_open", "", False, 0.0, 999.0, 0),
        Property("pumps_running", "", False, 0.0, 999.0, 0),
        Property("wind_force", "Bft", False, 0.0, 18.0, 0),
        Property("water_temperature", "°C", False, -5.0, 60.0, 1),
        Property("humidity", "%", False, 0.0, 100.0, 1),
        Property("soil_moisture", "%", False, 0.0, 100.0, 1),
        Property("groundwater_depth", "m", False, -10.0, 1000.0, 2),
        Property("station_status", "", False, 0.0, 4_294_967_295.0, 0),
    )
}

DERIVED_PROPERTIES: dict[str, Property] = {
    entry.name: entry
    for entry in (
        Property("rainfall_sliding", "mm", False, 0.0, 3000.0, 1),
        Property("rainfall_day", "mm", False, 0.0, 3000.0, 1),
        Property("tide_residual", "m", False, -20.0, 20.0, 2),
        Property("rise_rate", "m/h", False, -1000.0, 1000.0, 2),
        Property("fall_rate", "m/h", False, -1000.0, 1000.0, 2),
    )
}
"""What only this system computes, so that no station may send it; storage and flow may come from either.

A sliding sum is known at an instant (of what fell in the `period_s` before it): adding up such sums would
count the same rain many times, so it is no `total`.
"""

LEVEL_PROPERTIES = ("water_level", "tide_level")
"""Properties that are heights over a datum (基面) and compared with level thresholds."""


KNOWN_PROPERTIES: dict[str, Property] = PROPERTIES | DERIVED_PROPERTIES
"""Everything that has values, and so may have limits."""


def known_property(name: str) -> Property:
    """What is known of a property, measured or derived. Raises KeyError."""
    return KNOWN_PROPERTIES[name]
