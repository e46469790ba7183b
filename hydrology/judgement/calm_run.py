"""Whether many readings of one series that follow each other are such that no test can object to any.

A pack brings a hundred. One by one each is a dozen comparisons in Python; as columns they are a few in all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hydrology.judgement.limits import SeriesLimits


def calm_since(
    limits: SeriesLimits,
    before: tuple[float, float],
    run_since_s: float,
    times_s: Sequence[float],
    values: Sequence[float],
) -> float | None:
    """Since when the last value has stood, in seconds; None if one of the readings must be looked at alone.

    `before` is the reading before them (seconds, value), on which the tests of all take their stand, and
    `run_since_s` since when its value has stood.
    """
    time_s = np.array((before[0], *times_s))
    value = np.array((before[1], *values))
    change = np.diff(value)
    calm = (
        bool((np.diff(time_s) > 0).all())
        and limits.calm_low <= value.min()
        and value.max() <= limits.calm_high
        and bool((np.abs(change) <= limits.calm_change).all())
    )
    if not calm:
        return None
    changed_s = np.maximum.accumulate(np.where(change != 0, time_s[1:], -math.inf))
    since_s = np.where(np.isinf(changed_s), run_since_s, changed_s)
    stands = bool((time_s[1:] - since_s < limits.calm_s).all())
    return float(since_s[-1]) if stands else None
