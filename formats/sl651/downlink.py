"""What the centre sends: confirmations, questions, the clock (SL 651-2014 6.6.4).

Commands that act on the field (clear the memory, restore, passwords, pumps, valves, gates) are left out
on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from formats.sl651.bcd import write_time
from formats.sl651.elements import BY_CODE, SLOT_BYTES, Kind
from formats.sl651.frame import Coding, End, Frame, build_frame, read_serial
from formats.sl651.functions import Function
from formats.sl651.steps import step_digits, step_letters

CLOCK_TWICE = timedelta(minutes=5)
"""A clock that is wrong by more is to be set twice (6.6.4.24)."""


@dataclass(frozen=True, slots=True)
class Link:
    """How a station is spoken to: as it speaks itself."""

    address: str
    centre: int = 1
    password: str = "0000"
    coding: Coding = Coding.HEX

    @classmethod
    def of(cls, frame: Frame) -> Link:
        """The link that a frame came on."""
        return cls(frame.address, frame.centre, frame.password, frame.coding)


def confirm(frame: Frame, now: datetime, end: End = End.EOT, *, serial: int | None = None) -> bytes:
    """The confirmation of a whole frame or assembled transfer; send it only after the commit.

    EOT lets the station go off line, ESC keeps it there for 10 min. `serial` is that of the frame if none
    is given. Raises ValueError if there is none.
    """
    packet = None if frame.packet is None else (frame.packet[0], frame.packet[0])
    return _answer(frame, now, end, _known_serial(frame, serial), packet)


def deny(frame: Frame, number: int, now: datetime, *, serial: int | None = None) -> bytes:
    """Asks for packet `number` of the transfer that `frame` belongs to once more (NAK).

    Where the first packet is the missing one, its serial is unknown and goes as 0.
    """
    if frame.packet is None:
        raise ValueError("only a packet of a transfer can be asked for again")
    return _answer(frame, now, End.NAK, serial or 0, (frame.packet[0], number))


def query_now(link: Link, now: datetime) -> bytes:
    """37H: the newest values of all elements."""
    return _ask(link, Function.QUERY_NOW, now)


def query_period(
    link: Link, now: datetime, start: datetime, end: datetime, code: str, step: timedelta = timedelta(0)
) -> bytes:
    """38H: values of one element from hour `start` to hour `end`.

    `step` zero asks for the hours of twelve slots, and then `code` is one of F4 to FC; otherwise whole
    minutes (1 to 59), hours (1 to 23) or days (1 to 31). Raises ValueError if it is none of them.
    """
    hours = (SLOT_BYTES.get(BY_CODE[code].kind) is not None) if code in BY_CODE else False
    if hours != (step == timedelta(0)):
        raise ValueError("a step of zero belongs to F4 to FC, any other step to any other element")
    period = [write_time(moment, seconds=False)[:8] for moment in (start, end)]
    if link.coding is Coding.ASCII:
        return _ask(
            link,
            Function.QUERY_PERIOD,
            now,
            f"{period[0]} {period[1]} {step_letters(step)} {BY_CODE[code].letters} ".encode(),
        )
    return _ask(
        link,
        Function.QUERY_PERIOD,
        now,
        bytes.fromhex("".join(period) + "0418" + step_digits(step)) + identifier(code),
    )


def query_elements(link: Link, now: datetime, codes: Sequence[str]) -> bytes:
    """3AH: the newest values of some elements."""
    if link.coding is Coding.ASCII:
        return _ask(
            link,
            Function.QUERY_ELEMENTS,
            now,
            "".join(f"{BY_CODE[code].letters} " for code in codes).encode(),
        )
    return _ask(link, Function.QUERY_ELEMENTS, now, b"".join(map(identifier, codes)))


def query_picture(link: Link, now: datetime) -> bytes:
    """36H: a picture, now."""
    return _ask(link, Function.PICTURE, now)


def query_status(link: Link, now: datetime) -> bytes:
    """46H: the status word."""
    return _ask(link, Function.STATUS, now)


def query_version(link: Link, now: datetime) -> bytes:
    """45H: the station's software."""
    return _ask(link, Function.VERSION, now)


def query_clock(link: Link, now: datetime) -> bytes:
    """51H: the station's clock; the answer's sending time is it."""
    return _ask(link, Function.QUERY_CLOCK, now)


def query_bases(link: Link, now: datetime, numbers: Sequence[int] = (1,)) -> bytes:
    """43H: base levels of some levels (1 to 8)."""
    codes = [f"{0x28 + number - 1:02X}" for number in numbers]
    if link.coding is Coding.ASCII:
        return _ask(link, Function.READ_SETTINGS, now, "".join(f"{code} " for code in codes).encode())
    return _ask(link, Function.READ_SETTINGS, now, b"".join(bytes.fromhex(code) + b"\x23" for code in codes))


def set_clock(link: Link, now: datetime) -> bytes:
    """4AH: the sending time is the time to set. Build it right before it is sent."""
    return _ask(link, Function.SET_CLOCK, now)


def clock_settings(error: timedelta, tolerance: timedelta = timedelta(minutes=1)) -> int:
    """How often a clock with this error is to be set: not at all, once, or twice (6.6.4.24)."""
    if abs(error) <= tolerance:
        return 0
    return 2 if abs(error) > CLOCK_TWICE else 1


def identifier(code: str) -> bytes:
    """Leading and definition byte of an element as the standard defines it (table C.1)."""
    element = BY_CODE.get(code)
    if element is None:
        raise ValueError(f"element {code} is not in table C.1")
    if element.kind in SLOT_BYTES:
        return bytes((int(code, 16), 12 * SLOT_BYTES[element.kind] << 3))
    size = 4 if element.kind is Kind.WORD else (element.digits + 1) // 2
    return bytes((int(code, 16), size << 3 | element.decimals))


def _known_serial(frame: Frame, serial: int | None) -> int:
    known = serial if serial is not None else read_serial(frame)
    if known is None:
        raise ValueError("the frame has no serial number: confirm the assembled transfer")
    return known


def _answer(frame: Frame, now: datetime, end: End, serial: int, packet: tuple[int, int] | None) -> bytes:
    return _downlink(Link.of(frame), frame.function, end, _head(frame.coding, serial, now), packet)


def _ask(link: Link, function: int, now: datetime, rest: bytes = b"") -> bytes:
    return _downlink(link, function, End.ENQ, _head(link.coding, 0, now) + rest, None)


def _head(coding: Coding, serial: int, now: datetime) -> bytes:
    text = f"{serial:04X}{write_time(now, seconds=True)}"
    return bytes.fromhex(text) if coding is Coding.HEX else text.encode()


def _downlink(link: Link, function: int, end: End, body: bytes, packet: tuple[int, int] | None) -> bytes:
    return build_frame(
        link.coding,
        up=False,
        centre=link.centre,
        address=link.address,
        password=link.password,
        function=function,
        body=body,
        end=end,
        packet=packet,
    )
