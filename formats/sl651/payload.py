"""A whole payload at once: an MQTT message or a file, raw bytes or hexadecimal lines."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from core.faults import Fault, FaultReason, quoted
from formats.decoded import Context as PayloadContext
from formats.decoded import Decoded as Payload
from formats.sl651.assembly import Assembler
from formats.sl651.decode import decode
from formats.sl651.facts import Context, StationFacts, default_facts
from formats.sl651.frame import Frame
from formats.sl651.stream import Noise, StreamReader

_TEXT = re.compile(rb"[\x20-\x7e\s]*")
"""No frame is text alone: there is always an STX or SYN in it."""

_HEX_LINE = re.compile(rb"(?:[0-9A-Fa-f]{2}[ \t]*)+")
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""All packets of one payload are there at once: their assembler needs no clock."""


def read_frames(payload: bytes) -> list[Frame | Noise]:
    """The frames of a payload: raw, or one or several in hexadecimal digits, one a line or run together."""
    if not _TEXT.fullmatch(payload):
        return _frames_of(payload)
    found: list[Frame | Noise] = []
    for line in filter(None, map(bytes.strip, payload.splitlines())):
        if _HEX_LINE.fullmatch(line):
            found += _frames_of(bytes.fromhex(line.decode()))
        else:
            found.append(
                Noise(
                    Fault(
                        FaultReason.BAD_FRAME,
                        f"the line {quoted(line, 40)} is not in pairs of hexadecimal digits.",
                    ),
                    line,
                )
            )
    return found


def decode_payload(payload: bytes, context: PayloadContext) -> Payload:
    """Readings and faults of all frames of a payload, the common interface of formats; never raises.

    Stations are those that the frames name. Maintenance reports (30H) give no readings.
    """

    def facts(address: str) -> StationFacts:
        known = default_facts(address)
        if context.base_level_m is None:
            return known
        return StationFacts(known.code, dict.fromkeys(range(1, 9), context.base_level_m))

    result = Payload()
    assembler = Assembler()
    frames = read_frames(payload)
    if not frames:
        result.faults.append(Fault(FaultReason.EMPTY, "there is no frame in it."))
    for frame in frames:
        if isinstance(frame, Noise):
            result.faults.append(frame.fault)
            continue
        whole = assembler.add(frame, _ONCE)
        if whole is None:
            continue
        decoded = decode(whole, Context(facts, max_values=context.max_values))
        result.faults += decoded.faults
        if not decoded.test:
            result.readings += decoded.readings
    result.faults += [lost.fault for lost in assembler.give_up(datetime.max.replace(tzinfo=UTC))]
    if len(result.readings) > context.max_values:
        result.faults.append(
            Fault(
                FaultReason.TOO_MANY_VALUES,
                f"{len(result.readings)} values, {context.max_values} are allowed; send several messages.",
            )
        )
        result.readings = []
    return result


def _frames_of(data: bytes) -> list[Frame | Noise]:
    reader = StreamReader()
    return reader.feed(data) + reader.finish()
