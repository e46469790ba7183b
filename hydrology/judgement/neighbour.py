"""The neighbour test (QARTOD): another gauge that should read nearly the same."""

from __future__ import annotations

LONGEST_S = 900.0
"""An older reading of the neighbour says nothing."""


def differs(value: float, time_s: float, other: float, other_s: float, limit: float) -> bool:
    """True if both were read at nearly the same time and lie apart by more than the limit.

    Which of the two is right is not known: each is doubtful when it comes.
    """
    return abs(time_s - other_s) <= LONGEST_S and abs(value - other) > limit
