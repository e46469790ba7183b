"""Time steps of even series, as digits ddhhmm and as letters DRxnn (SL 651-2014 tables C.2 and C.3)."""

from __future__ import annotations

import re
from datetime import timedelta

STEP_LETTERS = re.compile(r"DR([DHN])(\d\d)")


def read_step_digits(digits: str) -> timedelta | None:
    """Days, hours and minutes of a time step, two digits each; None if it is none."""
    if len(digits) != 6 or not digits.isdigit():
        return None
    days, hours, minutes = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if days > 31 or hours > 23 or minutes > 59:
        return None
    return timedelta(days=days, hours=hours, minutes=minutes)


def read_step_letters(word: str) -> timedelta:
    """The step of a word that STEP_LETTERS matches: D days, H hours, N minutes."""
    unit, count = word[2], int(word[3:])
    if unit == "D":
        return timedelta(days=count)
    return timedelta(hours=count) if unit == "H" else timedelta(minutes=count)


def step_digits(step: timedelta) -> str:
    """ddhhmm of a time step (table C.3). Raises ValueError if only several units could express it."""
    minutes = step // timedelta(minutes=1)
    if step != timedelta(minutes=minutes) or minutes < 0:
        raise ValueError(f"a time step has whole minutes, not {step}")
    if minutes < 60:
        return f"0000{minutes:02d}"
    if minutes % 60 == 0 and minutes < 1440:
        return f"00{minutes // 60:02d}00"
    if minutes % 1440 == 0 and minutes <= 31 * 1440:
        return f"{minutes // 1440:02d}0000"
    raise ValueError(f"a time step is 1 to 59 minutes, 1 to 23 hours or 1 to 31 days, not {step}")


def step_letters(step: timedelta) -> str:
    """DRxnn of a time step (table C.2)."""
    digits = step_digits(step)
    if digits[:2] != "00":
        return f"DRD{digits[:2]}"
    return f"DRN{digits[4:]}" if digits[4:] != "00" else f"DRH{digits[2:4]}"
