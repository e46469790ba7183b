"""The spike test (QARTOD): a reading that stands out from the one before and from the one after."""

from __future__ import annotations

LONGEST_S = 3 * 3600.0
"""Three readings over a longer time say nothing of a spike: a flood may have come and gone."""


def is_spike(before: float, middle: float, after: float, seconds: float, limit: float) -> bool:
    """True if the middle one lies on the same side of both others by more than the limit.

    `seconds` are those from the first to the third. (The "differential" method of ioos_qc.)
    """
    up, down = middle - before, middle - after
    return seconds <= LONGEST_S and up * down > 0 and min(abs(up), abs(down)) > limit
