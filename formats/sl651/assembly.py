"""Transfers in several packets (mode M3, SYN): put together, asked for again, given up.

A pure state: the clock is passed in, nothing is sent. It is bounded in transfers, packets and bytes, so
that a babbling station cannot fill the memory.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.faults import Fault, FaultReason
from formats.sl651.frame import End, Frame, read_serial

_Key = tuple[str, int]


@dataclass(slots=True)
class _Transfer:
    total: int
    first: Frame
    started: datetime
    heard: datetime
    packets: dict[int, bytes] = field(default_factory=dict)
    last_seen: bool = False
    asked: int = 0
    whole: Frame | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.packets.values())) + (len(self.whole.body) if self.whole else 0)


@dataclass(frozen=True, slots=True)
class Gap:
    """Packets to ask for: one NAK for each number (`downlink.deny`), as an answer to `frame`.

    `serial` is None if the first packet, which alone holds it, is among the missing.
    """

    frame: Frame
    serial: int | None
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A transfer that never became whole: why, and what came of it, by number."""

    frame: Frame
    fault: Fault
    packets: dict[int, bytes]


class Assembler:
    """Puts packets together by station and function.

    `most_asked` is how often a missing packet is asked for (the standard says twice), `patience` how long
    a transfer may stay silent before it is given up, and how long a whole one is remembered so that a
    station that did not hear the confirmation can be given it again.
    """

    def __init__(
        self,
        *,
        most_transfers: int = 64,
        most_packets: int = 1_024,
        most_bytes: int = 2_000_000,
        most_asked: int = 2,
        patience: timedelta = timedelta(minutes=5),
    ) -> None:
        self._most_transfers = most_transfers
        self._most_packets = most_packets
        self._most_bytes = most_bytes
        self._most_asked = most_asked
        self._patience = patience
        self._transfers: dict[_Key, _Transfer] = {}
        self._given_up: list[GivenUp] = []

    def add(self, frame: Frame, now: datetime) -> Frame | None:
        """The whole of which `frame` was the last missing packet, or None.

        A frame that is no packet is whole by itself. A whole transfer comes once; again only with the
        packet that ends it, if the station sends it again for want of a confirmation.
        """
        if frame.packet is None or not frame.up:
            return frame
        total, number = frame.packet
        if total > self._most_packets:
            self._give_up_packet(frame, f"{total} packets are announced, {self._most_packets} are allowed")
            return None
        key = frame.address, frame.function
        transfer = self._transfers.get(key)
        if transfer is not None and _is_another(transfer, frame):
            self._close(key, "the station began another one")
            transfer = None
        if transfer is None:
            self._make_room()
            transfer = self._transfers[key] = _Transfer(total, frame, now, now)
        transfer.heard = now
        if number == total:
            transfer.last_seen = True
        if transfer.whole is not None:
            return transfer.whole if frame.end is End.ETX else None
        transfer.packets[number] = frame.body
        if number < (transfer.first.packet or (0, 0))[1]:
            transfer.first = frame
        if transfer.size > self._most_bytes:
            self._close(key, f"more than {self._most_bytes} bytes")
            return None
        if len(transfer.packets) < total:
            return None
        body = b"".join(transfer.packets[place] for place in range(1, total + 1))
        transfer.whole = dataclasses.replace(
            transfer.first, body=body, packet=(total, total), end=End.ETX, raw=b""
        )
        # The first packet tells another transfer from this one sent again; the others may go.
        transfer.packets = {1: transfer.packets[1]}
        return transfer.whole

    def gaps(self, now: datetime, silence: timedelta = timedelta(seconds=10)) -> list[Gap]:
        """What to ask for now: transfers whose last packet came, or which fell silent, with holes.

        Each call counts as one asking for these transfers and starts their silence anew.
        """
        found = []
        for transfer in self._transfers.values():
            if transfer.whole is not None or transfer.asked >= self._most_asked:
                continue
            if not transfer.last_seen and now - transfer.heard < silence:
                continue
            if transfer.asked and now - transfer.heard < silence:
                continue
            transfer.asked += 1
            transfer.heard = now
            found.append(Gap(transfer.first, _serial(transfer), _missing(transfer)))
        return found

    def give_up(self, now: datetime) -> list[GivenUp]:
        """Transfers that were lost since the last call: too large, replaced, or silent for too long."""
        for key, transfer in list(self._transfers.items()):
            if now - transfer.heard >= self._patience:
                self._close(key, f"nothing came for {self._patience.total_seconds():.0f} s")
        found, self._given_up = self._given_up, []
        return found

    def _make_room(self) -> None:
        while len(self._transfers) >= self._most_transfers or (
            self._transfers and sum(one.size for one in self._transfers.values()) > 4 * self._most_bytes
        ):
            whole = [key for key, transfer in self._transfers.items() if transfer.whole is not None]
            oldest = min(whole or self._transfers, key=lambda key: self._transfers[key].heard)
            self._close(oldest, "there are too many transfers at once")

    def _close(self, key: _Key, why: str) -> None:
        transfer = self._transfers.pop(key)
        if transfer.whole is not None:
            return
        missing = _missing(transfer)
        self._keep(
            GivenUp(
                transfer.first,
                Fault(
                    FaultReason.PACKETS_MISSING,
                    f"{len(missing)} of {transfer.total} packets are missing: {why}.",
                ),
                transfer.packets,
            )
        )

    def _give_up_packet(self, frame: Frame, why: str) -> None:
        number = frame.packet[1] if frame.packet else 1
        self._keep(GivenUp(frame, Fault(FaultReason.TOO_LARGE, f"{why}."), {number: frame.body}))

    def _keep(self, lost: GivenUp) -> None:
        self._given_up.append(lost)
        # Nobody asked for a long time: the newest are worth more.
        del self._given_up[: -self._most_transfers]


def _is_another(transfer: _Transfer, frame: Frame) -> bool:
    """True if the packet cannot belong: another total, or a first packet that says something else."""
    total, number = frame.packet or (1, 1)
    if total != transfer.total:
        return True
    return number == 1 and transfer.packets.get(1, frame.body) != frame.body


def _missing(transfer: _Transfer) -> tuple[int, ...]:
    return tuple(number for number in range(1, transfer.total + 1) if number not in transfer.packets)


def _serial(transfer: _Transfer) -> int | None:
    first = transfer.packets.get(1)
    return None if first is None else read_serial(dataclasses.replace(transfer.first, body=first))
