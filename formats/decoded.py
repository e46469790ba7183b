"""The common interface of all telemetry formats: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from core.faults import Fault
from core.observations import Reading
from formats.mapping import NO_MAPPINGS, Mappings


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder may know beside the bytes.

    `station` is the station of the topic; `total_period_s` is the period of totals that name none (the
    station's reporting period); `max_values` bounds one message.
    `base_level_m` is added to the relative levels that SL 651 sends. `mappings` say what the devices and
    fields of networks mean; `received_at` is the time of values that come without one.
    """

    station: str
    total_period_s: int = 300
    max_values: int = 5_000
    base_level_m: float | None = None
    mappings: Mappings = NO_MAPPINGS
    received_at: datetime | None = None


@dataclass(slots=True)
class Decoded:
    """The readable part of a message, what was wrong with the rest, and the sequences to confirm.

    `unmapped` are values of networks that no mapping gives a meaning: property is the field's own name.
    """

    readings: list[Reading] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    unmapped: list[Reading] = field(default_factory=list)


Decoder = Callable[[bytes, Context], Decoded]
"""A format: pure, never raises for any bytes, keeps what is valid beside what is not."""
