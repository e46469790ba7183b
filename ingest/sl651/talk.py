"""What is said back to a station, on the way that its message came, and only after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from formats.sl651 import End, Frame, confirm

Ask = Callable[[datetime], bytes]
"""A frame to the station, built right before it is sent: a clock is set to the time of sending."""


class Refusal(Enum):
    """What a connection has earned that spoke as somebody it is not."""

    CONNECTION = auto()  # other stations dial in from there: this connection alone ends
    ADDRESS = auto()  # nobody is expected from that address


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A frame or transfer that is kept; `serial` is its own; `stay` keeps the station on line."""

    frame: Frame
    serial: int
    stay: bool


@dataclass(slots=True)
class Talk:
    """What follows from one message; `speakers` are the addresses of the stations that spoke rightly."""

    confirmations: list[Confirmation] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)
    refusal: Refusal | None = None

    def words(self, now: datetime) -> Iterator[bytes]:
        """Frames in the order in which they are to be sent. Whom something is asked is kept on line (ESC)."""
        for one in self.confirmations:
            end = End.ESC if one.stay or self.asks else End.EOT
            yield confirm(one.frame, now, end, serial=one.serial)
        for ask in self.asks:
            yield ask(now)
