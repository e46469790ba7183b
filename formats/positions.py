"""Positions of things that move, checked: on Earth, and not the zeros of a receiver without satellites."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.cameras import Position
from core.faults import Fault, FaultReason, quoted

_BOUNDS = {
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "accuracy_m": (0.0, 100_000.0),
    "speed_ms": (0.0, 350.0),
    "heading_deg": (0.0, 360.0),
    "altitude_m": (-500.0, 9_000.0),
}
FIELDS = tuple(_BOUNDS)
"""Names of a position's fields in our JSON."""


def read_position(fields: Mapping[str, Any], time: datetime) -> Position | Fault:
    """The position in WGS84 that the fields give, or what is wrong with it.

    Longitude and latitude must be right; of the rest what cannot be is left out, since knowing where a patrol
    is matters more than how fast it goes. Exactly 0°, 0° is what receivers say that see no satellites.
    """
    values: dict[str, float | None] = {}
    for name, (low, high) in _BOUNDS.items():
        given = fields.get(name)
        good = isinstance(given, int | float) and not isinstance(given, bool) and low <= given <= high
        if not good and name in ("lon", "lat"):
            return Fault(
                FaultReason.OUT_OF_RANGE,
                f"{name} {quoted(given)} is no number of degrees from {low:g} to {high:g}; the position was left out.",
            )
        values[name] = float(given) if good and given is not None else None
    lon, lat = values.pop("lon"), values.pop("lat")
    if lon is None or lat is None or (lon == 0 and lat == 0):
        return Fault(
            FaultReason.OUT_OF_RANGE,
            "the position is 0°, 0°: the receiver sees no satellites; the position was left out.",
        )
    return Position(time, lon, lat, **values)
