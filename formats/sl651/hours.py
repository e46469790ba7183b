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

MOST_RAIN_MM = 25.4
"""What a slot of one byte can hold: FF is invalid."""

_LEAST_LEVEL = 10
"""Centimetres. A level of less may truly sink to zero within 5 min, a higher one does not."""


def read_slots(
    data: bytes, kind: Kind, named: datetime | None, sent: datetime | None, mode: HourTime
) -> list[tuple[datetime | None, float | None]]:
    """Time and value of each slot; None is invalid or missing. `named` is the time that stands in the frame.

    Slots that lie ahead of the sending are left out. Levels of 0.00 that fill the end after a real level
    were not measured (some makers send 0000 in place of FFFF): they are missing, not a dry river.
    """
    size = SLOT_BYTES[kind]
    divisor = 10 ** SLOT_DECIMALS[kind]
    invalid = (1 << 8 * size) - 1
    counts = [int.from_bytes(data[at : at + size], "big") for at in range(0, len(data) - size + 1, size)]
    measured = _measured(counts, invalid) if kind is Kind.HOUR_LEVEL else len(counts)
    latest = None if sent is None else sent + _EARLY
    first = named
    if named is not None and (
        mode is HourTime.END
        or (mode is HourTime.AUTO and latest is not None and _is_end(named, latest, counts, invalid))
    ):
        first = named - _HOUR
    slots: list[tuple[datetime | None, float | None]] = []
    for place, count in enumerate(counts):
        time = None if first is None else first + place * SLOT
        value = None if count == invalid or place >= measured else count / divisor
        ahead = time is not None and latest is not None and time > latest
        if not (ahead and not value):
            slots.append((time, value))
    return slots


def carry_rain(slots_mm: Sequence[float | None], carried_mm: float = 0.0) -> tuple[list[float | None], float]:
    """Slots as F4 can hold them, and what is left for the next hour, in millimetres.

    A slot holds at most 25.4 mm; what is more goes to the next one (table C.1). Missing slots stay missing.
    """
    found: list[float | None] = []
    for slot in slots_mm:
        if slot is None:
            found.append(None)
            continue
        rain = round(slot + carried_mm, 1)
        found.append(min(rain, MOST_RAIN_MM))
        carried_mm = round(max(rain - MOST_RAIN_MM, 0.0), 1)
    return found, carried_mm


def _is_end(named: datetime, latest: datetime, counts: Sequence[int], invalid: int) -> bool:
    """True if `named` can only be the end of the hour: else there were values of times that are to come.

    Where the slots to come are empty, a report in mid-hour looks the same; then the full hour decides,
    for the first slot of an hour ends five minutes past.
    """
    if named + _HOUR <= latest:
        return False
    for place, count in enumerate(counts):
        if count not in (0, invalid) and named + place * SLOT > latest:
            return True
    return named.minute == 0


def _measured(counts: Sequence[int], invalid: int) -> int:
    """How many slots stand before the zeros that only fill up."""
    last = len(counts)
    while last and counts[last - 1] == 0:
        last -= 1
    if last and counts[last - 1] != invalid and counts[last - 1] >= _LEAST_LEVEL:
        return last
    return len(counts)
