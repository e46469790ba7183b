"""Stage–storage (水位容积) and stage–discharge (水位流量) curves of a station (SL 323 ST_ZVARL_B, ST_ZQRL_B).

Straight lines between the points. Outside the curve nothing is computed: below its foot there is no
value; above its top the amount is at least that of the top, and that is all that is said.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

BELOW_CURVE = "below_curve"
ABOVE_CURVE = "above_curve"


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of rising level (m over `datum`); `amounts` in 10⁶ m³ (storage) or m³/s (flow)."""

    datum: str | None
    levels: tuple[float, ...]
    amounts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """What the curve gives; with `above_curve` it is a lower bound, with `below_curve` there is none."""

    value: float | None
    reason: str


def faults(levels: Sequence[float], amounts: Sequence[float]) -> list[tuple[int, str]]:
    """Places (from 0) and reasons (`few`, `level`, `amount`) for which this is no curve.

    Levels must rise from point to point, amounts must not fall: more water never means less storage, and a
    looped discharge curve has no single value.
    """
    found = [(0, "few")] if len(levels) < 2 else []
    for place in range(1, len(levels)):
        if levels[place] <= levels[place - 1]:
            found.append((place, "level"))
        elif amounts[place] < amounts[place - 1]:
            found.append((place, "amount"))
    return found


def amount_at(curve: Curve, level_m: float) -> Amount:
    """Interpolates; the level must be over the curve's datum (the caller compares)."""
    if level_m < curve.levels[0]:
        return Amount(None, BELOW_CURVE)
    if level_m > curve.levels[-1]:
        return Amount(curve.amounts[-1], ABOVE_CURVE)
    place = min(bisect_right(curve.levels, level_m), len(curve.levels) - 1)
    low, high = curve.levels[place - 1], curve.levels[place]
    share = (level_m - low) / (high - low)
    amount = curve.amounts[place - 1] + share * (curve.amounts[place] - curve.amounts[place - 1])
    return Amount(round(amount, 6), "")
