"""Why a value is not plainly good: short stable codes, several parted by commas in `reason`."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Kept with the observation; documented in docs/judgement.md, never renamed.

    The app shows each as the text `reason CODE` of its catalogue.
    """

    MISSING = "missing"
    # what can exist at all, and what this series can measure
    ABOVE_RANGE = "above_range"
    BELOW_RANGE = "below_range"
    WRONG_UNIT = "wrong_unit"
    ABOVE_LIMIT = "above_limit"
    BELOW_LIMIT = "below_limit"
    ABOVE_USUAL = "above_usual"
    BELOW_USUAL = "below_usual"
    AT_LEAST = "at_least"
    # against what was read before and after
    RISES_FAST = "rises_fast"
    RISES_ON = "rises_on"
    FALLS_FAST = "falls_fast"
    FALLS_ON = "falls_on"
    SPIKE = "spike"
    STUCK = "stuck"
    DRY_PROBE = "dry_probe"
    COUNTER_RESET = "counter_reset"
    COUNTER_WRAPPED = "counter_wrapped"
    NEIGHBOUR_DIFFERS = "neighbour_differs"
    # time
    CLOCK_WRONG = "clock_wrong"
    TIME_AHEAD = "time_ahead"
    OUT_OF_ORDER = "out_of_order"


INFORMATION = frozenset({Reason.AT_LEAST, Reason.COUNTER_WRAPPED, Reason.OUT_OF_ORDER})
"""Reasons that say something of a value and cast no doubt on it: it stays good."""

OFF_THE_WAY = frozenset(
    {
        Reason.RISES_FAST, Reason.FALLS_FAST, Reason.SPIKE, Reason.COUNTER_RESET, Reason.ABOVE_RANGE,
        Reason.BELOW_RANGE, Reason.WRONG_UNIT,
    }
)  # fmt: skip
"""Reasons for which a reading says nothing of where the water is: what comes next is not compared with it."""


def joined(reasons: str, another: str) -> str:
    """The reasons with one more, each once."""
    if not reasons:
        return str(another)
    return reasons if another in reasons.split(",") else f"{reasons},{another}"
