"""Uplinks as stations send them, for drills and tests (SL 651-2014 6.6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from formats.sl651.bcd import write_number, write_time
from formats.sl651.downlink import Link, identifier
from formats.sl651.elements import BY_CODE, HOUR_SLOTS, SLOT_BYTES, SLOT_DECIMALS, Element, Kind
from formats.sl651.frame import Coding, End, build_frame
from formats.sl651.functions import CATEGORIES, WITH_CATEGORY, Function
from formats.sl651.steps import step_digits, step_letters

_CATEGORY_BYTES = {letter: code for code, letter in CATEGORIES.items()}
PACKET_BODY = 1_000
"""Bytes of one packet of a transfer; mobile networks carry that in one datagram."""


@dataclass(frozen=True, slots=True)
class Value:
    """One element's value in its unit; None is missing. `digits` and `decimals` default to table C.1."""

    code: str
    value: float | None
    digits: int | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """The twelve 5-minute slots of F4 (mm) or F5 to FC (relative level, m); None is invalid."""

    code: str
    slots: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one element at even steps from the observation time on."""

    code: str
    step: timedelta
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one observation time; None leaves the time out, as a status report does."""

    time: datetime | None
    elements: Sequence[Value | Hour | Series] = ()


@dataclass(frozen=True, slots=True)
class Station:
    """What one station reports; `category` is a letter of appendix A, None leaves it out."""

    address: str
    category: str | None
    groups: Sequence[Group] = field(default=())


def encode_report(
    link: Link, function: int, serial: int, sent: datetime, stations: Sequence[Station], end: End = End.ETX
) -> bytes:
    """One frame. Raises ValueError if a value does not fit its digits, or all of it one frame."""
    return _frame(link, function, encode_body(link.coding, function, serial, sent, stations), end)


def encode_body(
    coding: Coding, function: int, serial: int, sent: datetime, stations: Sequence[Station]
) -> bytes:
    """The body alone, which may be too long for one frame."""
    body = _head(coding, serial, sent)
    for station in stations:
        category = station.category if function in WITH_CATEGORY else None
        if coding is Coding.HEX:
            body += b"\xf1\xf1" + bytes.fromhex(station.address)
            body += bytes((_CATEGORY_BYTES[category],)) if category else b""
        else:
            body += f"ST {station.address} {category + ' ' if category else ''}".encode()
        for group in station.groups:
            if group.time is not None:
                digits = write_time(group.time, seconds=False)
                body += bytes.fromhex("F0F0" + digits) if coding is Coding.HEX else f"TT {digits} ".encode()
            for element in group.elements:
                body += _hex(element) if coding is Coding.HEX else _ascii(element).encode()
    return body


def encode_keep_alive(link: Link, serial: int, sent: datetime) -> bytes:
    """2FH: here I am; the serial is that of the last report."""
    return _frame(link, Function.KEEP_ALIVE, _head(link.coding, serial, sent))


def encode_text(link: Link, serial: int, sent: datetime, text: str) -> bytes:
    """35H: what a person typed in."""
    mark = b"\xf2\xf2" if link.coding is Coding.HEX else b"RGZS "
    return _frame(link, Function.MANUAL, _head(link.coding, serial, sent) + mark + text.encode("gb18030"))


def encode_picture(
    link: Link,
    serial: int,
    sent: datetime,
    category: str,
    time: datetime,
    jpeg: bytes,
    packet_body: int = PACKET_BODY,
) -> list[bytes]:
    """36H: a picture, as the packets of one transfer."""
    station = Station(link.address, category, (Group(time),))
    mark = b"\xf3\xf3" if link.coding is Coding.HEX else b"PIC "
    body = encode_body(link.coding, Function.PICTURE, serial, sent, (station,)) + mark + jpeg
    return encode_packets(link, Function.PICTURE, body, packet_body)


def encode_packets(link: Link, function: int, body: bytes, packet_body: int = PACKET_BODY) -> list[bytes]:
    """A body cut into packets (mode M3)."""
    parts = [body[at : at + packet_body] for at in range(0, len(body), packet_body)]
    return [
        _frame(
            link,
            function,
            part,
            End.ETX if number == len(parts) else End.ETB,
            (len(parts), number),
        )
        for number, part in enumerate(parts, 1)
    ]


def encode_parameters(
    link: Link,
    function: int,
    serial: int,
    sent: datetime,
    values: Mapping[str, float],
    digits: int = 7,
    decimals: int = 3,
) -> bytes:
    """42H or 43H: settings of one kind, by default levels in metres as N(7,3)."""
    body = _head(link.coding, serial, sent)
    if link.coding is Coding.HEX:
        body += b"\xf1\xf1" + bytes.fromhex(link.address)
        for code, value in values.items():
            raw = write_number(value, digits, decimals)
            body += bytes((int(code, 16), len(raw) << 3 | decimals)) + raw
    else:
        body += f"ST {link.address} ".encode()
        body += "".join(f"{code} {value:.{decimals}f} " for code, value in values.items()).encode()
    return _frame(link, function, body)


def encode_version(link: Link, serial: int, sent: datetime, version: str) -> bytes:
    """45H: the station's software."""
    text = version.encode("gbk")
    if link.coding is Coding.HEX:
        rest = b"\xf1\xf1" + bytes.fromhex(link.address) + bytes((len(text),)) + text
    else:
        rest = f"ST {link.address} {len(text):02X} ".encode() + text + b" "
    return _frame(link, Function.VERSION, _head(link.coding, serial, sent) + rest)


def _hex(element: Value | Hour | Series) -> bytes:
    if isinstance(element, Hour):
        return identifier(element.code) + _slots(element)
    if isinstance(element, Series):
        data = [_hex_number(Value(element.code, value))[1] for value in element.values]
        sizes = {len(one) for one in data}
        if len(sizes) > 1:
            raise ValueError("all values of a series have one length: negative and positive do not mix")
        step = bytes.fromhex("0418" + step_digits(element.step))
        return step + _hex_number(Value(element.code, element.values[0]))[0] + b"".join(data)
    head, raw = _hex_number(element)
    return head + raw


def _hex_number(value: Value) -> tuple[bytes, bytes]:
    """Identifier with definition, and data."""
    element = BY_CODE.get(value.code)
    lead = bytes.fromhex(value.code)
    if element is not None and element.kind is Kind.WORD:
        word = 0xFFFF_FFFF if value.value is None else int(value.value)
        return lead + b"\x20", word.to_bytes(4, "big")
    digits, decimals = _precision(value, element)
    raw = write_number(value.value, digits, decimals)
    return lead + bytes((len(raw) << 3 | decimals,)), raw


def _ascii(element: Value | Hour | Series) -> str:
    known = BY_CODE.get(element.code)
    letters = known.letters if known is not None else element.code
    if isinstance(element, Hour):
        return f"{letters} {_slots(element).hex().upper()} "
    if isinstance(element, Series):
        values = "".join(_ascii_number(Value(element.code, value)) + " " for value in element.values)
        return f"{step_letters(element.step)} {letters} {values}"
    return f"{letters} {_ascii_number(element)} "


def _ascii_number(value: Value) -> str:
    element = BY_CODE.get(value.code)
    if element is not None and element.kind is Kind.WORD:
        return f"{0xFFFF_FFFF if value.value is None else int(value.value):08X}"
    if value.value is None:
        return "M"
    decimals = _precision(value, element)[1]
    return f"{round(value.value, decimals):.{decimals}f}"


def _precision(value: Value, element: Element | None) -> tuple[int, int]:
    if element is None and (value.digits is None or value.decimals is None):
        raise ValueError(f"element {value.code} is not in table C.1: say its digits and decimals")
    digits = value.digits if value.digits is not None or element is None else element.digits
    decimals = value.decimals if value.decimals is not None or element is None else element.decimals
    assert digits is not None and decimals is not None
    return digits, decimals


def _slots(hour: Hour) -> bytes:
    kind = BY_CODE[hour.code].kind
    size = SLOT_BYTES[kind]
    if len(hour.slots) != HOUR_SLOTS:
        raise ValueError(f"an hour has {HOUR_SLOTS} slots, not {len(hour.slots)}")
    invalid = (1 << 8 * size) - 1
    data = b""
    for value in hour.slots:
        count = invalid if value is None else round(value * 10 ** SLOT_DECIMALS[kind])
        if value is not None and not 0 <= count < invalid:
            raise ValueError(f"{value} does not fit a slot of {size} bytes")
        data += count.to_bytes(size, "big")
    return data


def _head(coding: Coding, serial: int, sent: datetime) -> bytes:
    text = f"{serial:04X}{write_time(sent, seconds=True)}"
    return bytes.fromhex(text) if coding is Coding.HEX else text.encode()


def _frame(
    link: Link, function: int, body: bytes, end: End = End.ETX, packet: tuple[int, int] | None = None
) -> bytes:
    return build_frame(
        link.coding,
        up=True,
        centre=link.centre,
        address=link.address,
        password=link.password,
        function=function,
        body=body,
        end=end,
        packet=packet,
    )
