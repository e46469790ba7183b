"""Sliding rain sums over period-ending totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RainSum:
    """Rain of a window in mm and the share of the window that the totals cover (0 to 1).

    A sum with little coverage says little: missing rain is unknown, never zero.
    """

    mm: float
    coverage: float


def sliding_sum(
    totals: Sequence[tuple[datetime, float | None]], end: datetime, window: timedelta, period_s: int
) -> RainSum:
    """Sum of the totals whose period ends within (end - window, end].

    `totals` are (end of the period, mm); None is missing. A value at the window's very start belongs
    to the time before it. A total that reaches over the window's start counts whole: a warning rather
    sees five minutes too much than too little.
    """
    held = {time: mm for time, mm in totals if mm is not None and end - window < time <= end}
    covered_s = len(held) * period_s
    return RainSum(sum(held.values()), min(1.0, covered_s / window.total_seconds()))
