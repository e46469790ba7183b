"""The twelve 5-minute slots of elements F4 to FC: which time each has, and which were not measured yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from formats.sl651.body import HourTime
from formats.sl651.elements import HOUR_SLOTS, SLOT_BYTES, SLOT_DECIMALS, Kind

SLOT = timedelta(minutes=5)
_HOUR = SLOT * (HOUR_SLOTS - 1)
_EARLY = timedelta(minutes=2)
"""A report may be sent so much before its last slot is due: clocks and sending take their time."""

_LEAST_LEVEL = 10
"""Centimetres. A level of less may truly sink to zero within 5 min, a higher one does not."""


def first_time(named: datetime, sent: datetime | None, mode: HourTime) -> datetime:
    """The time of the first slot, from the observation time that stands in the frame."""
    if mode is HourTime.END:
        return named - _HOUR
    if mode is HourTime.AUTO and sent is not None and named + _HOUR > sent + _EARLY:
        return named - _HOUR
    return named


def read_slots(
    data: bytes, kind: Kind, first: datetime | None, sent: datetime | None
) -> list[tuple[datetime | None, float | None]]:
    """Time and value of each slot; None is invalid or missing.

    Slots that lie ahead of the sending are left out. Levels of 0.00 that fill the end after a real level
    were not measured (some makers send 0000 in place of FFFF): they are missing, not a dry river.
    """
    size = SLOT_BYTES[kind]
    divisor = 10 ** SLOT_DECIMALS[kind]
    invalid = (1 << 8 * size) - 1
    counts = [int.from_bytes(data[at : at + size], "big") for at in range(0, len(data) - size + 1, size)]
    measured = _measured(counts, invalid) if kind is Kind.HOUR_LEVEL else len(counts)
    slots: list[tuple[datetime | None, float | None]] = []
    for place, count in enumerate(counts):
        time = None if first is None else first + place * SLOT
        value = None if count == invalid or place >= measured else count / divisor
        ahead = time is not None and sent is not None and time > sent + _EARLY
        if not (ahead and (value is None or value == 0.0)):
            slots.append((time, value))
    return slots


def _measured(counts: Sequence[int], invalid: int) -> int:
    """How many slots stand before the zeros that only fill up."""
    last = len(counts)
    while last and counts[last - 1] == 0:
        last -= 1
    if last and counts[last - 1] != invalid and counts[last - 1] >= _LEAST_LEVEL:
        return last
    return len(counts)
