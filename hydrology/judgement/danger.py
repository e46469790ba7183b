"""In which direction a property is dangerous."""

from __future__ import annotations

DANGEROUS_HIGH = frozenset(
    {
        "water_level", "tide_level", "rainfall", "rainfall_cumulative", "rainfall_today", "flow", "inflow",
        "outflow", "storage", "velocity", "wave_height", "wind_speed", "wind_gust", "wind_force",
    }
)  # fmt: skip
"""Properties where more means danger."""

DANGEROUS_LOW = frozenset({"air_pressure"})
"""Properties where less means danger (the eye of a typhoon)."""


def danger(property: str) -> int:
    """1 where more means danger, -1 where less does, 0 where neither does."""
    return 1 if property in DANGEROUS_HIGH else -1 if property in DANGEROUS_LOW else 0
