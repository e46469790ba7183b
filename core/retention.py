"""Classes of readings that are kept equally long."""

from __future__ import annotations

from core.properties import DERIVED_PROPERTIES

WATER, RAIN, TIDE, WEATHER = "water", "rain", "tide", "weather"
HOUSEKEEPING, DERIVED = "housekeeping", "derived"

READING_CLASSES: dict[str, frozenset[str]] = {
    WATER: frozenset(
        {
            "water_level", "flow", "inflow", "outflow", "storage", "gate_opening", "gates_open", "pumps_running",
            "velocity", "wave_height", "water_temperature", "groundwater_depth",
        }
    ),
    RAIN: frozenset(
        {"rainfall", "rainfall_cumulative", "rainfall_today", "evaporation", "evaporation_today", "soil_moisture"}
    ),
    TIDE: frozenset({"tide_level"}),
    WEATHER: frozenset(
        {
            "wind_speed", "wind_gust", "wind_direction", "wind_force", "air_pressure", "air_temperature",
            "humidity",
        }
    ),
    HOUSEKEEPING: frozenset({"battery_voltage", "battery_level", "signal_strength", "station_status"}),
    DERIVED: frozenset(DERIVED_PROPERTIES),
}  # fmt: skip
"""Every property by the class whose days hold for it; one that stands nowhere is kept for ever."""
