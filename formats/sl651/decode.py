"""From a frame to what it says: readings, pictures, texts, states, and whether it waits for an answer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.faults import Fault, FaultReason
from core.observations import Reading
from formats.sl651.ascii import read_ascii_body
from formats.sl651.body import Body, HourTime, Item, Parameter, PeriodQuery
from formats.sl651.elements import Kind
from formats.sl651.facts import Context
from formats.sl651.frame import Coding, End, Frame, read_serial
from formats.sl651.functions import KNOWN, Function
from formats.sl651.hex import read_hex_body
from formats.sl651.parameters import base_levels
from formats.sl651.readings import implied_bases, read_items
from formats.sl651.status import StationStatus, read_status

_MOST_FAULTS = 20
"""Faults that one body may name: a body read out of step would name hundreds."""


@dataclass(slots=True)
class Decoded:
    """What one frame or assembled transfer says.

    `station` is the sender's code, `address` its 10 digits; a relay's body may hold readings of others.
    `serial` is that of the confirmation; what is not understood here is confirmed too once it is kept,
    for the station would only send it again. `test` marks a maintenance report (30H), which is not to be
    taken for an observation. `partial` is one packet of several: it must be assembled first.
    `base_levels_m` are those that the station was asked for and told (43H), `implied_bases_m` those that
    its own levels give away. `clock_error` is positive where the station's clock is ahead.
    """

    address: str
    station: str
    function: int
    up: bool
    serial: int | None = None
    sent: datetime | None = None
    readings: list[Reading] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    status: StationStatus | None = None
    picture: bytes | None = None
    picture_time: datetime | None = None
    text: str | None = None
    version: str | None = None
    events: dict[int, int] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    base_levels_m: dict[int, float] = field(default_factory=dict)
    implied_bases_m: dict[int, float] = field(default_factory=dict)
    query: PeriodQuery | None = None
    asked: tuple[str, ...] = ()
    bulk: bytes | None = None
    needs_confirmation: bool = False
    test: bool = False
    more: bool = False
    partial: bool = False
    clock_error: timedelta | None = None


def decode(frame: Frame, context: Context | None = None) -> Decoded:
    """What a frame says; never raises. Packets of a transfer go through an Assembler first."""
    context = context or Context()
    decoded = Decoded(frame.address, context.facts(frame.address).code, frame.function, frame.up)
    decoded.more = frame.end is End.ETB
    if frame.packet is not None and frame.packet[0] > 1 and frame.up and not is_assembled(frame):
        decoded.partial = True
        if frame.packet[1] > 1:
            return decoded
    if frame.function not in KNOWN:
        decoded.serial = read_serial(frame)
        decoded.needs_confirmation = frame.up and decoded.serial is not None
        decoded.faults.append(
            Fault(FaultReason.UNKNOWN_FUNCTION, f"function {frame.function:02X}H is not read here.")
        )
        return decoded

    def hour_time(address: str) -> HourTime:
        mode = context.facts(address).hour_time
        if mode is HourTime.AUTO and frame.function == Function.QUERY_PERIOD:
            # An answer about hours that were asked for shows nothing of how the station labels its own.
            return HourTime.FIRST
        return mode

    read = read_hex_body if frame.coding is Coding.HEX else read_ascii_body
    if decoded.partial:
        # The first packet alone has serial and time; the rest of it may end in mid-element.
        frame = dataclasses.replace(frame, function=Function.KEEP_ALIVE)
    body = read(frame, hour_time)
    _take(decoded, body, context)
    decoded.needs_confirmation = (
        frame.up and frame.function != Function.KEEP_ALIVE and body.serial is not None and not decoded.partial
    )
    decoded.test = frame.up and frame.function == Function.TEST
    return decoded


def is_assembled(frame: Frame) -> bool:
    """True of a transfer that an Assembler made whole: it has no bytes of its own on the wire."""
    return frame.packet is not None and not frame.raw


def _take(decoded: Decoded, body: Body, context: Context) -> None:
    decoded.serial, decoded.sent, decoded.items = body.serial, body.sent, body.items
    if decoded.up:
        decoded.readings, faults = read_items(body.items, context.facts)
        body.faults += faults
        decoded.implied_bases_m = implied_bases(body.items)
    if len(decoded.readings) > context.max_values:
        body.faults.append(
            Fault(
                FaultReason.TOO_MANY_VALUES,
                f"{len(decoded.readings)} values, {context.max_values} are allowed; none was taken.",
            )
        )
        decoded.readings = []
    decoded.faults = body.faults[:_MOST_FAULTS]
    if context.received_at is not None and body.sent is not None and decoded.up:
        decoded.clock_error = body.sent - context.received_at
    word = next((item for item in reversed(body.items) if item.kind is Kind.WORD), None)
    if word is not None and word.value is not None:
        decoded.status = read_status(int(word.value))
    decoded.picture, decoded.picture_time = body.picture, body.picture_time
    if body.bulk is not None:
        decoded.faults.append(
            Fault(FaultReason.UNKNOWN_ELEMENT, "bulk data (FD) are of their maker's own making; not read.")
        )
    if body.text is not None:
        decoded.text = body.text.decode("gb18030", "replace").strip()
    decoded.version, decoded.events, decoded.bulk = body.version, body.events, body.bulk
    decoded.parameters, decoded.query, decoded.asked = body.parameters, body.query, body.asked
    decoded.base_levels_m = base_levels(body.parameters)
