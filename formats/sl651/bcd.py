"""Numbers and times as packed decimal digits (BCD), SL 651-2014 6.6.3.3 and 6.6.2.5."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8), "UTC+08:00")
"""Stations keep Beijing time, whatever the standard of the place."""

MOST_DECIMALS = 7
"""The definition byte has three bits for them."""

_POWERS: tuple[int, ...] = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)


class NotDecimal(ValueError):
    """The bytes are no packed decimal number: this element is worthless, its neighbours are not."""


def read_number(raw: bytes, decimals: int) -> float | None:
    """The number; None if all digits are F (missing). A first byte FF is the minus sign.

    Raises NotDecimal.
    """
    digits = raw.hex()
    if digits.isdigit():
        return int(digits) / _POWERS[decimals]
    if not digits.strip("f"):
        return None
    if digits.startswith("ff") and digits[2:].isdigit():
        return -int(digits[2:]) / _POWERS[decimals]
    raise NotDecimal(digits)


def write_number(value: float | None, digits: int, decimals: int) -> bytes:
    """The other way; missing is as many F. Raises ValueError if the number has more digits than that."""
    if value is None:
        return b"\xff" * ((digits + 1) // 2)
    scaled = round(value * _POWERS[decimals])
    text = str(abs(scaled)).zfill(digits)
    if len(text) > digits:
        raise ValueError(f"{value} does not fit N({digits},{decimals})")
    if scaled < 0:
        text = ("FF0" if digits % 2 else "FF") + text
    elif digits % 2:
        text = "0" + text
    return bytes.fromhex(text)


@lru_cache(maxsize=4096)
def read_time(digits: str) -> datetime | None:
    """The moment in UTC of YYMMDDHHmm or YYMMDDHHmmSS in Beijing time; None if there is none such.

    The century is 2000: a clock that says year 59 is wrong, and is to be seen as wrong.
    """
    if len(digits) not in (10, 12) or not (digits.isascii() and digits.isdigit()):
        return None
    year, month, day, hour, minute, second = (
        int(digits[place : place + 2] or "0") for place in range(0, 12, 2)
    )
    try:
        local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        return None
    return local.astimezone(UTC)


def write_time(moment: datetime, *, seconds: bool) -> str:
    """The digits of `moment` in Beijing time: with seconds as a sending time, without as an observation's."""
    return moment.astimezone(BEIJING).strftime("%y%m%d%H%M%S" if seconds else "%y%m%d%H%M")
