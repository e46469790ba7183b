"""What the frames of one message came to, before it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.faults import Fault
from formats.sl651 import Decoded, Frame
from ingest.sl651.talk import Ask, Refusal
from store.station_sources import StationSource


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole frame or transfer of a sender that may speak; `source` None: nobody has said how to treat it."""

    frame: Frame
    decoded: Decoded
    source: StationSource | None


@dataclass(slots=True)
class Gathered:
    """`wholes` in order; `again` are whole transfers whose end came again for want of a confirmation.

    `denials` ask for packets again. `payload` is what the quarantine would keep: with all packets of a
    transfer, of which the message itself holds the last only. `relays`: whether a connection may bring
    values of a station; None where the topic decides. `kept` is false of one more message of a stranger who has
    said enough.
    """

    wholes: list[Whole] = field(default_factory=list)
    again: list[tuple[Frame, int, StationSource | None]] = field(default_factory=list)
    denials: list[Ask] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    payload: bytes | None = None
    relays: Callable[[str], bool] | None = None
    kept: bool = True

    def stations(self) -> set[str]:
        """All stations that it speaks of."""
        return {reading.station for whole in self.wholes for reading in whole.decoded.readings} | {
            whole.decoded.station for whole in self.wholes
        }
