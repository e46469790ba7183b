"""The lines of stations that dialled in: who is on which, what each has earned, what may still come. No I/O.

The protocol proves nothing, so a line is worth nothing by itself: frames are believed by the network that
they came from (`stations.Stations`), and a sender of noise or under a false name is hung up on.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from formats.sl651 import Frame, Noise, StreamReader
from ingest.sl651.talk import Refusal

MOST_WAITING = 32
"""Frames of one line that are not committed yet; then it is not read any further."""
MOST_STRIKES = 5
"""Pieces of noise, or frames under a false name, without a good frame between them."""
TOLD_STRIKES = 3
"""Of them so many reach the quarantine: enough to see what it is."""
MOST_NOISE_BYTES = 16_384
MOST_REFUSALS = 3
HOLD_OFF_S = 60.0
"""An address that nobody is expected from is not heard again for so long."""
_FIRST_FRAME_S = 30.0
_PARTIAL_S = 30.0
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Line:
    """One connection; `number` is its own for ever, `proven` once a station spoke rightly on it."""

    number: int
    place: str
    idle_s: float
    opened: float = 0.0
    proven: bool = False
    reader: StreamReader = field(default_factory=StreamReader)
    waiting: int = 0
    strikes: int = 0
    refusals: int = 0
    noise_bytes: int = 0
    has_spoken: bool = False
    partial_since: float | None = None

    def take(self, found: list[Frame | Noise], now: float) -> tuple[list[bytes], bool]:
        """What of it is to be read, and whether the line may go on."""
        taken: list[bytes] = []
        for one in found:
            taken_whole = isinstance(one, Frame)
            if taken_whole:
                self.has_spoken = True
                self.strikes = self.noise_bytes = 0
            else:
                self.strikes += 1
                self.noise_bytes += len(one.raw)
            if taken_whole or self.strikes <= TOLD_STRIKES:
                taken.append(one.raw)
        if found or not self.reader.pending:
            self.partial_since = None
        if self.reader.pending and self.partial_since is None:
            self.partial_since = now
        self.waiting += len(taken)
        return taken, self.strikes < MOST_STRIKES and self.noise_bytes < MOST_NOISE_BYTES

    def patience(self, now: float) -> float:
        """Seconds that may pass until something comes: less for half a frame, or before the first one.

        Bytes that are no frame do not lengthen either.
        """
        if self.partial_since is not None:
            return max(self.partial_since + _PARTIAL_S - now, 0.0)
        return (
            self.idle_s if self.has_spoken else max(self.opened + min(_FIRST_FRAME_S, self.idle_s) - now, 0.0)
        )


class Lines:
    """All lines of one listener; one thread's."""

    def __init__(self, most: int, most_of_address: int, idle_s: float) -> None:
        self._most = most
        self._most_of_address = most_of_address
        self._idle_s = idle_s
        self._numbers = itertools.count(1)
        self._lines: dict[int, Line] = {}
        self._of_place: Counter[str] = Counter()
        self._of_station: dict[str, int] = {}
        self._held_off: dict[str, float] = {}
        self._proven: set[str] = set()

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, peer: str) -> Line | None:
        """A new line from an address; None if there is no room for it, or it is held off."""
        place = plain_address(peer)
        if (
            len(self._lines) >= self._most
            or self._of_place[place] >= self._most_of_address
            or self.is_held_off(peer)
        ):
            return None
        line = Line(next(self._numbers), place, self._idle_s, time.monotonic())
        self._lines[line.number] = line
        self._of_place[place] += 1
        return line

    def is_held_off(self, peer: str) -> bool:
        """Whether this address is not to be heard for now."""
        return self._held_off.get(plain_address(peer), 0.0) > time.monotonic()

    def in_the_way(self, peer: str) -> Line | None:
        """The line that has to end so that this address can have one: the oldest on which no station has
        spoken, of the same address if that has too many. None if there is room, or all have proved themselves.

        So nobody keeps stations out by holding lines open.
        """
        place = plain_address(peer)
        own = self._of_place[place] >= self._most_of_address
        if not own and len(self._lines) < self._most:
            return None
        waiting = (line for line in self._lines.values() if not line.proven)
        return next((line for line in waiting if not own or line.place == place), None)

    def close(self, line: Line) -> None:
        """The line has ended."""
        if self._lines.pop(line.number, None) is None:
            return
        self._of_place[line.place] -= 1
        if not self._of_place[line.place]:
            del self._of_place[line.place]
        if line.proven:
            for address in [key for key, number in self._of_station.items() if number == line.number]:
                del self._of_station[address]

    def line(self, number: int) -> Line | None:
        """A line that is open."""
        return self._lines.get(number)

    def speaks(self, number: int, address: str) -> None:
        """A station that may speak from there spoke on this line: the newest is the one to answer on."""
        line = self._lines.get(number)
        if line is None:
            return
        line.proven = True
        if len(self._proven) >= _MOST_REMEMBERED:
            self._proven.clear()
        self._proven.add(line.place)
        if self._of_station.get(address, 0) < number:
            self._of_station[address] = number

    def of_station(self, address: str) -> Line | None:
        """The line on which a station is reached."""
        return self._lines.get(self._of_station.get(address, 0))

    def refuse(self, number: int, refusal: Refusal) -> bool:
        """A frame under a false name came; False if the line is to end."""
        line = self._lines.get(number)
        if line is None:
            return False
        line.refusals += 1
        if line.refusals < MOST_REFUSALS:
            return True
        if refusal is Refusal.ADDRESS:
            self._hold_off(line.place)
        return False

    def made_noise(self, line: Line) -> None:
        """A line ended for its noise: an address from which no station ever spoke is held off."""
        if line.place not in self._proven:
            self._hold_off(line.place)

    def _hold_off(self, place: str) -> None:
        if len(self._held_off) >= _MOST_REMEMBERED:
            self._held_off.clear()
        self._held_off[place] = time.monotonic() + HOLD_OFF_S


def plain_address(peer: str) -> str:
    """An IPv4 address that came through an IPv6 socket as what it is; without a zone."""
    address = ip_address(peer.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
