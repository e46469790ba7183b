"""The flood of alarms at a desk: when it begins and ends. Pure.

Counted are the alarms that ask for people, as ISA-18.2 counts them (field.md §1.4), and not the notices, which are
few in a flood by design (`pace`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.cadence import WINDOW, Cadence


@dataclass(frozen=True, slots=True)
class Look:
    """What a look finds: alarms in the last 10 minutes, whether it is a flood, and when to look again by itself."""

    count: int
    is_flood: bool
    again_at: datetime | None


def look(asked: Sequence[datetime], now: datetime, cadence: Cadence, *, was_flood: bool) -> Look:
    """Judges a desk by the times at which alarms asked for people there (in any order)."""
    recent = sorted(time for time in asked if time > now - WINDOW)
    count = len(recent)
    is_flood = count > cadence.flood_above or (was_flood and count >= cadence.flood_below)
    return Look(count, is_flood, recent[-min(cadence.flood_below, count)] + WINDOW if is_flood else None)
