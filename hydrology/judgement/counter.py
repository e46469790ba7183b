"""Cumulative rain counters (SL 651 element 26): they wrap, and start anew on 1 January or with another RTU."""

from __future__ import annotations

from hydrology.judgement.reasons import Reason

WRAPS_AT_MM = 100_000.0
"""After 99,999.9 comes 0.0 (SL 651 element 26 has five digits before its point)."""
_NEAR_END_MM = 99_000.0
_MOST_AT_WRAP_MM = 500.0


def increment(before: float, after: float) -> tuple[float, Reason | None]:
    """Rain in mm between two readings of the counter, never negative; and what happened to the counter.

    A counter near its end that reads little has wrapped: what fell is known. Any other fall of the counter
    is a reset: what fell between is not known, and nothing is counted.
    """
    if after >= before:
        return after - before, None
    over = WRAPS_AT_MM - before + after
    if before >= _NEAR_END_MM and over <= _MOST_AT_WRAP_MM:
        return over, Reason.COUNTER_WRAPPED
    return 0.0, Reason.COUNTER_RESET
