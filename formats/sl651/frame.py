"""One frame, HEX/BCD or ASCII coded, taken apart and put together (SL 651-2014 6.2 to 6.5).

The length field, the control characters and the checksum decide what is a frame; the start characters
alone never do, for both codings may hold them in their data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from core.faults import Fault, FaultReason
from formats.sl651.checksum import crc16

LARGEST_BODY = 4_095
"""Bytes between the start and the end character that a frame may have (6.5.2)."""

HEX_START = b"\x7e\x7e"
ASCII_START = b"\x01"
_STX, _SYN = 0x02, 0x16
_HEX_HEAD, _ASCII_HEAD = 14, 24
_ASCII_FIELDS = re.compile(rb"[0-9A-Fa-f]{22}")


class Coding(StrEnum):
    """How everything between the control characters is written."""

    HEX = "hex"
    ASCII = "ascii"


class End(IntEnum):
    """Why a frame ends (table 10)."""

    ETX = 0x03  # uplink: nothing follows
    ETB = 0x17  # uplink: more follows
    ENQ = 0x05  # downlink: a question or command
    ACK = 0x06  # downlink: well received, go on
    EOT = 0x04  # downlink: well received, go off line
    NAK = 0x15  # downlink: send that packet again
    ESC = 0x1B  # downlink: well received, stay on line for 10 min


_UPLINK_ENDS = frozenset({End.ETX, End.ETB})
_DOWNLINK_ENDS = frozenset(End) - _UPLINK_ENDS


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame with a right checksum.

    `address` is the station's, 10 hexadecimal digits; `password` 4. `packet` is (total, number from 1)
    of a transfer in several packets, None of a single frame; `body` leaves it out.
    """

    coding: Coding
    up: bool
    centre: int
    address: str
    password: str
    function: int
    packet: tuple[int, int] | None
    body: bytes
    end: End
    raw: bytes


def read_frame(data: bytes, at: int = 0, largest_body: int = LARGEST_BODY) -> Frame | Fault | None:
    """The frame that begins at `at`; None if more bytes are needed; else why there is none."""
    if data[at : at + 1] == ASCII_START:
        return _read_ascii(data, at, largest_body)
    if data[at : at + 2] == HEX_START:
        return _read_hex(data, at, largest_body)
    return Fault(FaultReason.BAD_FRAME, "a frame begins with 7E7E or SOH (01).")


def _read_hex(data: bytes, at: int, largest_body: int) -> Frame | Fault | None:
    if len(data) < at + _HEX_HEAD:
        return None
    start = data[at + 13]
    if start not in (_STX, _SYN):
        return Fault(FaultReason.BAD_FRAME, f"STX (02) or SYN (16) is missing, there is {start:02X}.")
    length = data[at + 11] << 8 | data[at + 12]
    up = length >> 12 != 8
    if not up:
        length &= 0xFFF
    # An uplink in several packets counts its length with all 16 bits (table 22), others with 12.
    if length > min(largest_body, 0xFFFF if start == _SYN else 0xFFF):
        return Fault(FaultReason.BAD_FRAME, f"a length of {length} bytes is more than {largest_body}.")
    body_at = at + _HEX_HEAD
    end_at = body_at + length
    packet = None
    if start == _SYN:
        if length < 3:
            return Fault(FaultReason.BAD_FRAME, "a packet begins with its number, this is too short.")
        if len(data) >= body_at + 3:
            number = int.from_bytes(data[body_at : body_at + 3], "big")
            packet = number >> 12, number & 0xFFF
        body_at += 3
    if len(data) < end_at + 3:
        return None
    fault = _check(data, at, end_at, up, packet, data[end_at + 1] << 8 | data[end_at + 2])
    if fault is not None:
        return fault
    first, second = (data[at + 2], data[at + 3 : at + 8]) if up else (data[at + 7], data[at + 2 : at + 7])
    return Frame(
        Coding.HEX,
        up,
        first,
        second.hex().upper(),
        data[at + 8 : at + 10].hex().upper(),
        data[at + 10],
        packet,
        bytes(data[body_at:end_at]),
        End(data[end_at]),
        bytes(data[at : end_at + 3]),
    )


def _read_ascii(data: bytes, at: int, largest_body: int) -> Frame | Fault | None:
    head = data[at + 1 : at + _ASCII_HEAD - 1]
    if len(head) < 22:
        # A start of one character is often none: refuse it as soon as it cannot be one.
        likely = _ASCII_FIELDS.fullmatch(head.ljust(22, b"0")) is not None
        return None if likely else Fault(FaultReason.BAD_FRAME, "the head is not in hexadecimal digits.")
    if not _ASCII_FIELDS.fullmatch(head):
        return Fault(FaultReason.BAD_FRAME, "the head is not in hexadecimal digits.")
    if len(data) < at + _ASCII_HEAD:
        return None
    start = data[at + _ASCII_HEAD - 1]
    word = int(head[18:22], 16)
    length = word & 0xFFF
    if start not in (_STX, _SYN) or word >> 12 not in (0, 8) or length > largest_body:
        return Fault(FaultReason.BAD_FRAME, "no STX or SYN after the head, or an impossible length.")
    up = word >> 12 == 0
    body_at = at + _ASCII_HEAD
    end_at = body_at + length
    packet = None
    if start == _SYN:
        digits = data[body_at : body_at + 6]
        if length < 6 or not re.fullmatch(rb"[0-9A-Fa-f]*", digits):
            return Fault(FaultReason.BAD_FRAME, "a packet begins with its number in hexadecimal digits.")
        if len(digits) == 6:
            packet = int(digits[:3], 16), int(digits[3:], 16)
        body_at += 6
    if len(data) < end_at + 5:
        return None
    written = data[end_at + 1 : end_at + 5]
    if not re.fullmatch(rb"[0-9A-Fa-f]{4}", written):
        return Fault(FaultReason.BAD_CHECKSUM, "the checksum is not four hexadecimal digits.")
    fault = _check(data, at, end_at, up, packet, int(written, 16))
    if fault is not None:
        return fault
    text = head.decode().upper()
    centre, address = (text[:2], text[2:12]) if up else (text[10:12], text[:10])
    return Frame(
        Coding.ASCII,
        up,
        int(centre, 16),
        address,
        text[12:16],
        int(text[16:18], 16),
        packet,
        bytes(data[body_at:end_at]),
        End(data[end_at]),
        bytes(data[at : end_at + 5]),
    )


def _check(
    data: bytes, at: int, end_at: int, up: bool, packet: tuple[int, int] | None, written: int
) -> Fault | None:
    if data[end_at] not in (_UPLINK_ENDS if up else _DOWNLINK_ENDS):
        return Fault(
            FaultReason.BAD_FRAME, f"where the length says that the frame ends there is {data[end_at]:02X}."
        )
    counted = crc16(data[at : end_at + 1])
    if counted != written:
        return Fault(
            FaultReason.BAD_CHECKSUM, f"the frame says checksum {written:04X}, its bytes give {counted:04X}."
        )
    if packet is not None and not 1 <= packet[1] <= packet[0]:
        return Fault(FaultReason.BAD_FRAME, f"there is no packet {packet[1]} of {packet[0]}.")
    return None


def build_frame(
    coding: Coding,
    *,
    up: bool,
    centre: int,
    address: str,
    password: str,
    function: int,
    body: bytes,
    end: End,
    packet: tuple[int, int] | None = None,
) -> bytes:
    """The bytes of a frame. Raises ValueError if the body is too long for its length field."""
    start = _STX if packet is None else _SYN
    names = f"{centre:02X}{address}" if up else f"{address}{centre:02X}"
    number = "" if packet is None else f"{packet[0]:03X}{packet[1]:03X}"
    length = len(body) + (len(number) // 2 if coding is Coding.HEX else len(number))
    if length > LARGEST_BODY:
        raise ValueError(f"a body of {length} bytes is too long: send it in packets")
    head = f"{names}{password}{function:02X}{length if up else length | 0x8000:04X}"
    if coding is Coding.HEX:
        data = HEX_START + bytes.fromhex(head) + bytes((start,)) + bytes.fromhex(number) + body
    else:
        data = ASCII_START + head.encode() + bytes((start,)) + number.encode() + body
    data += bytes((end,))
    crc = crc16(data)
    return data + (crc.to_bytes(2, "big") if coding is Coding.HEX else f"{crc:04X}".encode())


def read_serial(frame: Frame) -> int | None:
    """The serial number at the head of a body; None if it is not there."""
    if frame.packet is not None and frame.packet[1] > 1 and frame.raw:
        return None
    if frame.coding is Coding.HEX:
        return int.from_bytes(frame.body[:2], "big") if len(frame.body) >= 2 else None
    digits = frame.body[:4]
    return int(digits, 16) if re.fullmatch(rb"[0-9A-Fa-f]{4}", digits) else None
