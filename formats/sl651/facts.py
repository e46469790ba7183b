"""What a decoder must know of a station beside its bytes, and what the station is called here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from formats.sl651.body import HourTime


@dataclass(frozen=True, slots=True)
class StationFacts:
    """`code` is the station's code here; `base_levels_m` the base level (水位基值) by level number 1 to 8,
    to which relative levels are added; `hour_time` how it labels its hours."""

    code: str
    base_levels_m: Mapping[int, float] = field(default_factory=dict)
    hour_time: HourTime = HourTime.AUTO


def station_codes(address: str) -> tuple[str, ...]:
    """What the station of an address (10 hexadecimal digits) may be called, likeliest first (6.2.3.2).

    Hydrological stations: 00 and the 8 digits of SL 502. Others: 6 digits of the region and a number,
    which is written with 5 decimal digits. The address itself is the last choice.
    """
    codes = []
    if address.startswith("00"):
        codes.append(address[2:])
    elif address[:6].isdigit():
        codes.append(f"{address[:6]}{int(address[6:], 16):05d}")
        return address, *codes
    return *codes, address


def default_facts(address: str) -> StationFacts:
    """A station of which nothing is known but its address."""
    return StationFacts(station_codes(address)[0])


@dataclass(frozen=True, slots=True)
class Context:
    """`facts` tells of the stations in a body by their address; `received_at` lets the clock be judged."""

    facts: Callable[[str], StationFacts] = default_facts
    received_at: datetime | None = None
    max_values: int = 5_000
