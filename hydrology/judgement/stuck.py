"""The stuck-value test (QARTOD flat line), and the zero of a probe that hangs dry."""

from __future__ import annotations

from hydrology.judgement.limits import SeriesLimits
from hydrology.judgement.reasons import Reason

_ZERO_IS_NORMAL = frozenset({"rainfall", "wind_speed", "wind_gust", "flow", "inflow", "outflow", "velocity"})
"""Properties of which nothing may be there for weeks."""


def stuck(value: float, seconds: float, limits: SeriesLimits, *, power_low: bool) -> Reason | None:
    """Why the same value for so many seconds is doubtful, if it is.

    0.000 m for hours on a good battery is a probe above the water: the water is low, the number says
    nothing. On a low battery it is a sensor without power, that is, stuck. A gauge at the top of its range
    stands still because the water is higher, and is not stuck.
    """
    if value >= limits.sensor_top:
        return None
    if value == 0:
        if limits.property in _ZERO_IS_NORMAL:
            return None
        if seconds >= limits.zero_s:
            return Reason.STUCK if power_low else Reason.DRY_PROBE
    return Reason.STUCK if seconds >= limits.stuck_s else None
