"""From messages to whole frames and transfers, within the transaction of their batch.

The packets of a transfer (mode M3) may come as several messages, over hours of outages, to several
processes. Each is kept in a table in the transaction after which it is acknowledged: whoever is killed
between two packets loses none, and whoever brings the last one finds the others there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason
from formats.sl651 import (
    Assembler,
    Context,
    End,
    Frame,
    Noise,
    StationFacts,
    decode,
    deny,
    read_frame,
    read_frames,
)
from formats.sl651.frame import read_serial
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.routes import Route
from ingest.sl651.gathered import Gathered, Whole
from ingest.sl651.stations import Stations
from ingest.sl651.talk import Ask
from ingest.understood import Known, Limits
from store import quarantine, transfers
from store.transfers import Opening, Transfer

MOST_ASKED = 2
"""How often missing packets are asked for (SL 651-2014 6.3.1)."""
MOST_FRAMES = 1_000
"""Frames in one message."""
_MOST_PACKETS = 1_024
_MOST_TRANSFERS = 256
"""Transfers on their way at once, of the real world and of each exercise."""
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""All packets are there at once: their assembler needs no clock."""
_MOST_DENIALS = 32
"""Packets that are asked for at once; the rest is asked for when these have come."""


@dataclass(frozen=True, slots=True)
class Gatherer:
    """One batch. Without `live` (a retry) nothing waits for packets that would have come long ago."""

    connection: Connection[Any]
    directory: Directory
    stations: Stations
    known: Known
    limits: Limits
    live: bool

    def gather(self, message: Inbound, route: Route) -> Gathered:
        """The whole frames and transfers of a message whose exercise, if it has one, runs."""
        found = read_frames(message.payload)
        gathered = Gathered()
        if route.address:
            gathered.relays = lambda station: self.stations.may_relay(route, station)
        if not found:
            gathered.faults.append(Fault(FaultReason.EMPTY, "there is no frame in it."))
        if len(found) > MOST_FRAMES:
            gathered.faults.append(
                Fault(
                    FaultReason.TOO_MANY_VALUES,
                    f"{len(found)} frames, {MOST_FRAMES} are allowed; send several messages.",
                )
            )
            return gathered
        packets: dict[tuple[str, int], list[Frame]] = {}
        for one in found:
            if isinstance(one, Noise):
                gathered.faults.append(one.fault)
            elif self._admits(one, route, gathered):
                if one.packet is None:
                    self._take(one, message, gathered)
                else:
                    packets.setdefault((one.address, one.function), []).append(one)
        for group in packets.values():
            self._take_packets(group, message, route, gathered)
        if gathered.payload is not None:
            gathered.payload += b"".join(one.raw for one in found)
        if self.live and route.address and not gathered.speakers:
            gathered.kept = self.stations.strangers.may_keep(route.address)
        return gathered

    def _admits(self, frame: Frame, route: Route, gathered: Gathered) -> bool:
        if not frame.up:
            gathered.faults.append(Fault(FaultReason.BAD_FRAME, "the frame is one of a centre to a station."))
            return False
        stranger = self.stations.stranger(self.connection, self.directory, frame, route, self.known)
        if stranger is None:
            if frame.address not in gathered.speakers:
                gathered.speakers.append(frame.address)
            return True
        fault, refusal = stranger
        if fault not in gathered.faults:
            gathered.faults.append(fault)
        gathered.refusal = gathered.refusal or refusal
        return False

    def _take(self, frame: Frame, message: Inbound, gathered: Gathered) -> None:
        def facts(address: str) -> StationFacts:
            return self.stations.facts(self.connection, self.directory, address)

        decoded = decode(frame, Context(facts, message.received_at, self.limits.values))
        source = self.stations.source(self.connection, frame.address)
        gathered.wholes.append(Whole(frame, decoded, source))

    def _take_packets(self, group: list[Frame], message: Inbound, route: Route, gathered: Gathered) -> None:
        """Packets of one function of one station that came in one message."""
        assembler = Assembler(most_packets=_MOST_PACKETS, most_bytes=self.limits.payload_bytes)
        wholes = [whole for one in group if (whole := assembler.add(one, message.received_at)) is not None]
        if wholes:
            self._take(wholes[0], message, gathered)
        elif not self.live:
            gathered.faults += [
                lost.fault for lost in assembler.give_up(message.received_at + timedelta(days=1))
            ]
        else:
            for one in group:
                self._keep_packet(one, message, route, gathered)

    def _keep_packet(self, frame: Frame, message: Inbound, route: Route, gathered: Gathered) -> None:
        assert frame.packet is not None
        total, number = frame.packet
        if total > _MOST_PACKETS:
            text = f"{total} packets are announced, {_MOST_PACKETS} are allowed."
            gathered.faults.append(Fault(FaultReason.TOO_LARGE, text))
            return
        transfer = self._open(frame, message, route)
        if transfer.whole_at is not None:
            self._again(frame, transfer, gathered)
            return
        size, count = transfers.add_packet(self.connection, transfer.id, number, frame.raw)
        if size > self.limits.payload_bytes:
            give_up(self.connection, transfer, f"more than {self.limits.payload_bytes} bytes")
        elif count == total:
            frames = transfers.packets(self.connection, transfer.id)
            gathered.payload = (gathered.payload or b"") + b"".join(frames.values())
            transfers.complete(self.connection, transfer.id, message.received_at)
            self._take(_assembled(frames.values()), message, gathered)
        elif number == total and transfer.asked < MOST_ASKED:
            gathered.denials += denials(self.connection, transfer, message.received_at)

    def _open(self, frame: Frame, message: Inbound, route: Route) -> Transfer:
        """The transfer of a packet; what it replaces goes to the quarantine."""
        assert frame.packet is not None
        total, number = frame.packet
        opening = Opening(
            route.exercise, frame.address, frame.function, total, message.topic, message.received_at
        )
        transfer = transfers.open_transfer(self.connection, opening)
        first = transfers.packet(self.connection, transfer.id, 1) if number == 1 else None
        if transfer.total != total or (first is not None and first != frame.raw):
            give_up(self.connection, transfer, "the station began another one")
            transfer = transfers.open_transfer(self.connection, opening)
        if not transfer.bytes and transfers.on_their_way(self.connection, route.exercise) > _MOST_TRANSFERS:
            for oldest in transfers.oldest(self.connection, route.exercise, _MOST_TRANSFERS // 8):
                give_up(self.connection, oldest, "there are too many transfers at once")
        return transfer

    def _again(self, frame: Frame, transfer: Transfer, gathered: Gathered) -> None:
        first = transfers.packet(self.connection, transfer.id, 1)
        serial = read_serial(_frame(first)) if first is not None else None
        if frame.end is End.ETX and serial is not None:
            source = self.stations.source(self.connection, frame.address)
            gathered.again.append((frame, serial, source))


def denials(connection: Connection[Any], transfer: Transfer, now: datetime) -> list[Ask]:
    """NAK for the packets that are missing, counted as one asking."""
    frames = transfers.packets(connection, transfer.id)
    if not frames:
        return []
    transfers.count_asked(connection, transfer.id, now)
    first = _frame(frames[min(frames)])
    serial = read_serial(first)
    missing = [number for number in range(1, transfer.total + 1) if number not in frames][:_MOST_DENIALS]

    def asking(number: int) -> Ask:
        return lambda at: deny(first, number, at, serial=serial)

    return [asking(number) for number in missing]


def give_up(connection: Connection[Any], transfer: Transfer, why: str) -> None:
    """Ends a transfer. If it is not whole, the packets that came go to the quarantine."""
    frames = transfers.packets(connection, transfer.id)
    if transfer.whole_at is None and frames:
        fault = Fault(
            FaultReason.PACKETS_MISSING,
            f"{transfer.total - len(frames)} of {transfer.total} packets are missing: {why}.",
        )
        kept = quarantine.Quarantined(
            received_at=transfer.started_at,
            topic=transfer.topic,
            exercise=transfer.exercise,
            code=None,
            format="sl651",
            payload=b"".join(frames.values()),
            reason=str(fault.reason),
            detail=f"[{fault.reason}] {fault.detail}",
        )
        quarantine.keep(connection, [kept])
    transfers.close(connection, transfer.id)


def _assembled(frames: Iterable[bytes]) -> Frame:
    assembler = Assembler(most_packets=_MOST_PACKETS, most_bytes=1 << 30)
    whole = None
    for raw in frames:
        whole = assembler.add(_frame(raw), _ONCE)
    if whole is None:
        raise ValueError("the packets that are kept do not make a whole transfer")
    return whole


def _frame(raw: bytes) -> Frame:
    frame = read_frame(raw)
    if not isinstance(frame, Frame):
        raise ValueError("a packet that was kept is no frame any more")
    return frame
