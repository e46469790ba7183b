"""How good forecasts were: what they said beside what was read at that time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hydrology.forecasts.grid import at

LEADS_S = (1_800, 3_600, 7_200, 10_800)
"""Lead times that are scored: 30 min, 1, 2 and 3 h."""
ROUNDING_M = 0.005
"""Half the last digit of a gauge: so much outside its range a reading may stand and be inside."""


@dataclass(frozen=True, slots=True)
class Said:
    """One stored point of a forecast, with the level from which it started."""

    source: str
    issued_s: float
    valid_s: float
    value: float
    low: float
    high: float
    start: float


@dataclass(frozen=True, slots=True)
class Score:
    """Sums over the forecasts of one source and lead time that could be compared; metres."""

    source: str
    lead_s: int
    count: int
    sum_error: float
    sum_absolute: float
    sum_square: float
    within: int
    sum_unchanged: float
    """Absolute error of the word "it stays as it is": a forecast that is no better is worth nothing."""


def score(
    said: Sequence[Said], times_s: Sequence[float], values: Sequence[float], gap_s: float
) -> list[Score]:
    """Scores by source and lead, in this order. `times_s` and `values` are the usable readings, in order of time.

    The level at the valid time lies on the line between two readings at most `gap_s` apart. What was never
    observed is not scored; the error is the forecast less the reading.
    """
    scored = [one for one in said if round(one.valid_s - one.issued_s) in LEADS_S]
    read = at(times_s, values, np.array([one.valid_s for one in scored], np.float64), gap_s)
    groups: dict[tuple[str, int], list[tuple[Said, float]]] = {}
    for one, level in zip(scored, read, strict=True):
        if not np.isnan(level):
            groups.setdefault((one.source, round(one.valid_s - one.issued_s)), []).append((one, float(level)))
    return [_summed(source, lead_s, pairs) for (source, lead_s), pairs in sorted(groups.items())]


def _summed(source: str, lead_s: int, pairs: Sequence[tuple[Said, float]]) -> Score:
    errors = np.array([one.value - level for one, level in pairs])
    unchanged = np.array([one.start - level for one, level in pairs])
    within = sum(one.low - ROUNDING_M <= level <= one.high + ROUNDING_M for one, level in pairs)
    return Score(
        source, lead_s, len(pairs), float(errors.sum()), float(np.abs(errors).sum()),
        float((errors**2).sum()), within, float(np.abs(unchanged).sum()),
    )  # fmt: skip
