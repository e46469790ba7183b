"""The station's status word (element 45H ZT, SL 651-2014 table 58).

Two bits are the other way round than the rest: door 1 = closed, pump 1 = stopped. Bits 12 to 31 are
reserved; makers use them for themselves, so they are not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

KNOWN_BITS = 0x0FFF


@dataclass(frozen=True, slots=True)
class StationStatus:
    """The word in words; True is the unusual state, except of the IC card."""

    word: int
    mains_off: bool
    battery_low: bool
    level_over_limit: bool
    flow_over_limit: bool
    quality_over_limit: bool
    flow_meter_fault: bool
    level_meter_fault: bool
    door_open: bool
    memory_fault: bool
    card_valid: bool
    pump_running: bool
    water_left_over_limit: bool

    @property
    def reserved(self) -> int:
        """What the maker put into the reserved bits."""
        return self.word & ~KNOWN_BITS


def read_status(word: int) -> StationStatus:
    """Takes the word apart."""
    bits = [bool(word >> place & 1) for place in range(12)]
    bits[7] = not bits[7]
    bits[10] = not bits[10]
    return StationStatus(word, *bits)
