"""Irregular readings at even moments; what lies in a gap stays unknown (NaN)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Values = np.ndarray


def at(times_s: Sequence[float], values: Sequence[float], moments_s: Values, gap_s: float) -> Values:
    """The value at each moment, along a straight line between two readings at most `gap_s` apart.

    `times_s` rise. Before the first and after the last reading, and within a longer gap, NaN.
    """
    told = np.asarray(times_s, np.float64)
    if not len(told):
        return np.full(len(moments_s), np.nan)
    levels = np.asarray(values, np.float64)
    place = np.searchsorted(told, moments_s)
    after = np.minimum(place, len(told) - 1)
    exact = told[after] == moments_s
    before = np.maximum(place - 1, 0)
    apart = told[after] - told[before]
    inside = (place > 0) & (place < len(told)) & (apart <= gap_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(apart > 0, (moments_s - told[before]) / apart, 0.0)
    between = levels[before] + (levels[after] - levels[before]) * share
    found: Values = np.where(exact, levels[after], np.where(inside, between, np.nan))
    return found
