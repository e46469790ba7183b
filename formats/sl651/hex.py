"""Bodies in HEX/BCD coding (SL 651-2014 6.6.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.faults import Fault, FaultReason
from formats.sl651.bcd import MOST_DECIMALS, NotDecimal, read_number, read_time
from formats.sl651.body import Body, HourTime, Item, Parameter
from formats.sl651.elements import BY_CODE, HOUR_SLOTS, SLOT_BYTES, Kind
from formats.sl651.frame import Frame
from formats.sl651.functions import CATEGORIES, PARAMETERS, TEXTS, WITH_CATEGORY, Function
from formats.sl651.hours import read_slots
from formats.sl651.parameters import BINARY_PARAMETERS
from formats.sl651.questions import read_hex_question
from formats.sl651.steps import read_step_digits

_TIME = b"\xf0\xf0"
_STATION = b"\xf1\xf1"
_TEXT = b"\xf2\xf2"
_KINDS = {int(code, 16): element.kind for code, element in BY_CODE.items()}
_HOUR_CODES = frozenset(code for code, kind in _KINDS.items() if kind in SLOT_BYTES)
_CODES = tuple(f"{lead:02X}" for lead in range(256))


def read_hex_body(frame: Frame, hour_time: Callable[[str], HourTime]) -> Body:
    """What the body of a whole frame or assembled transfer holds; never raises.

    `hour_time` tells how the station of an address labels its hours.
    """
    body = Body()
    data = frame.body
    if len(data) < 8:
        body.faults.append(
            Fault(FaultReason.BAD_FRAME, f"a body of {len(data)} bytes has no serial and time.")
        )
        return body
    body.serial = data[0] << 8 | data[1]
    body.sent = read_time(data[2:8].hex())
    if body.sent is None:
        body.faults.append(
            Fault(FaultReason.TIME_UNREADABLE, f"sending time {data[2:8].hex()} names no real moment.")
        )
    if frame.up:
        _Reader(frame, body, hour_time).read_uplink()
    else:
        read_hex_question(frame, body)
    return body


@dataclass(slots=True)
class _Place:
    """Whose values follow, and of when."""

    address: str
    category: str | None
    time: datetime | None
    group: int


class _Reader:
    """Walks through the data after serial and sending time."""

    def __init__(self, frame: Frame, body: Body, hour_time: Callable[[str], HourTime]) -> None:
        self.data = frame.body
        self.at = 8
        self.function = frame.function
        self.body = body
        self.hour_time = hour_time
        self.place = _Place(frame.address, None, body.sent, 0)

    def read_uplink(self) -> None:
        data = self.data
        if self.function == Function.KEEP_ALIVE:
            return
        if self.function in TEXTS:
            self.body.text = data[10:] if data[8:10] == _TEXT else data[8:]
            return
        if data[self.at : self.at + 2] == _STATION:
            self._read_station()
        if self.function == Function.VERSION:
            size, text = data[self.at : self.at + 1], data[self.at + 1 :]
            self.body.version = text[: size[0]].decode("gbk", "replace") if size else ""
            return
        if self.function == Function.EVENTS:
            counts = data[self.at : self.at + 64]
            self.body.events = {
                place // 2 + 1: counts[place] << 8 | counts[place + 1]
                for place in range(0, len(counts) - 1, 2)
            }
            return
        self._read_elements()

    def _read_elements(self) -> None:
        data, end = self.data, len(self.data)
        while self.at < end and not self.body.is_full():
            if data[self.at] == 0 and not data[self.at :].strip(b"\0"):
                return
            head = data[self.at : self.at + 2]
            if head == _TIME:
                self._read_time()
            elif head == _STATION:
                self._read_station()
            elif not self._read_element():
                break

    def _read_station(self) -> None:
        data = self.data
        address = data[self.at + 2 : self.at + 7].hex().upper()
        if len(address) < 10:
            self._cut_off("F1", "its address is cut off")
            return
        self.at += 7
        category = None
        if self.function in WITH_CATEGORY and self.at < len(data) and data[self.at : self.at + 2] != _TIME:
            lead = data[self.at]
            if lead in CATEGORIES or data[self.at + 1 : self.at + 3] == _TIME:
                category = CATEGORIES.get(lead, chr(lead) if 0x21 <= lead < 0x7F else None)
                self.at += 1
        self.place = _Place(address, category, self.body.sent, self.place.group + 1)

    def _read_time(self) -> None:
        digits = self.data[self.at + 2 : self.at + 7].hex()
        self.at += 7
        time = read_time(digits)
        if time is None:
            self.body.faults.append(
                Fault(
                    FaultReason.TIME_UNREADABLE,
                    f"observation time {digits} names no real moment; its values were left out.",
                )
            )
        old = self.place
        self.place = _Place(old.address, old.category, time, old.group + 1)

    def _read_element(self) -> bool:
        """Reads one element; False if the rest of the body cannot be read."""
        data = self.data
        lead = data[self.at]
        kind = _KINDS.get(lead)
        if self.function not in PARAMETERS:
            if lead in _HOUR_CODES:
                self._read_hour(lead)
                return True
            if kind is Kind.STEP:
                return self._read_series()
            if kind in (Kind.TEXT, Kind.PICTURE, Kind.BULK):
                self._read_rest(kind)
                return True
        head = self._read_head()
        if head is None:
            return False
        code, size, decimals = head
        if self.function in PARAMETERS and code == "0E":
            # The relay's list of stations: all eight bits of the definition are its length (D.1).
            size = data[self.at - 1]
        raw = data[self.at : self.at + size]
        if len(raw) < size:
            self._cut_off(code, f"{size} bytes are promised, {len(raw)} are left")
            return False
        self.at += size
        if self.function in PARAMETERS:
            value = None if code in BINARY_PARAMETERS else _number(raw, decimals)
            self.body.parameters[code] = Parameter(raw.hex().upper(), value)
        else:
            self._keep(code, kind if lead != 0xFF else None, raw, decimals, self.place.time)
        return True

    def _read_head(self) -> tuple[str, int, int] | None:
        """Identifier, data size in bytes and decimals; moves behind them."""
        data = self.data
        lead = data[self.at]
        wide = lead == 0xFF
        if self.at + 1 + wide >= len(data):
            self._cut_off(_CODES[lead], "its definition byte is missing")
            return None
        code = f"FF{data[self.at + 1]:02X}" if wide else _CODES[lead]
        definition = data[self.at + 1 + wide]
        self.at += 2 + wide
        return code, definition >> 3, definition & MOST_DECIMALS

    def _keep(self, code: str, kind: Kind | None, raw: bytes, decimals: int, time: datetime | None) -> None:
        shown = raw.hex().upper()
        value: float | None
        if kind is Kind.WORD:
            value = None if raw.strip(b"\xff") == b"" else float(int.from_bytes(raw, "big"))
        else:
            try:
                value = read_number(raw, decimals)
            except NotDecimal:
                self.body.faults.append(
                    Fault(FaultReason.BAD_ELEMENT, f"element {code}: {shown[:40]} is no decimal number.")
                )
                return
        place = self.place
        self.body.items.append(
            Item(code, place.address, place.category, time, value, shown, kind or Kind.NUMBER, place.group)
        )

    def _read_hour(self, lead: int, *, headed: bool = True) -> None:
        """Twelve slots, of 12 or 24 bytes whatever the definition byte says: it is known to lie."""
        kind = _KINDS[lead]
        size = HOUR_SLOTS * SLOT_BYTES[kind]
        if headed:
            self.at += 2
        raw = self.data[self.at : self.at + size]
        self.at += size
        if len(raw) < size:
            self._cut_off(_CODES[lead], f"{size} bytes are needed, {len(raw)} are left")
        place = self.place
        mode = self.hour_time(place.address)
        for time, value in read_slots(raw, kind, place.time, self.body.sent, mode):
            self.body.items.append(
                Item(_CODES[lead], place.address, place.category, time, value, "", kind, place.group)
            )

    def _read_series(self) -> bool:
        """A time step (0418 ddhhmm) and the series that follows it, one element (6.6.4.4)."""
        digits = self.data[self.at + 2 : self.at + 5].hex()
        self.at += 5
        step = read_step_digits(digits)
        if step is None:
            self._cut_off("04", f"{digits!r} is no time step")
            return False
        if self.at >= len(self.data):
            return False
        if step == timedelta(0) or self.data[self.at] in _HOUR_CODES:
            self._read_hours()
            return True
        head = self._read_head()
        if head is None or head[1] == 0:
            return False
        code, size, decimals = head
        kind = _KINDS.get(int(code, 16)) if len(code) == 2 else None
        time = self.place.time
        while len(raw := self.data[self.at : self.at + size]) == size:
            if self.body.is_full():
                return False
            if size > 1 and raw[:2] in (_TIME, _STATION):
                return True
            self._keep(code, kind, raw, decimals, time)
            self.at += size
            time = None if time is None else time + step
        if raw and raw[:2] not in (_TIME, _STATION):
            self._cut_off(code, f"its last value has {len(raw)} of {size} bytes")
            return False
        return True

    def _read_hours(self) -> None:
        """Hours of twelve slots, one after the other under one identifier, as 38H is answered."""
        lead = self.data[self.at]
        if lead not in _HOUR_CODES:
            return
        size = HOUR_SLOTS * SLOT_BYTES[_KINDS[lead]]
        named = self.place.time
        self._read_hour(lead)
        while self.function == Function.QUERY_PERIOD and len(self.data) - self.at >= size:
            ahead = self.data[self.at : self.at + 2]
            odd = (len(self.data) - self.at) % size
            if ahead in (_TIME, _STATION) or ahead[0] in _HOUR_CODES or odd or self.body.is_full():
                break
            time = self.place.time
            self.place.time = None if time is None else time + timedelta(hours=1)
            self._read_hour(lead, headed=False)
        self.place.time = named

    def _read_rest(self, kind: Kind) -> None:
        rest = self.data[self.at + 2 :]
        self.at = len(self.data)
        if kind is Kind.TEXT:
            self.body.text = rest
        elif kind is Kind.PICTURE:
            self.body.picture = rest
            self.body.picture_time = self.place.time
        else:
            self.body.bulk = rest

    def _cut_off(self, code: str, what: str) -> None:
        self.body.faults.append(
            Fault(FaultReason.BAD_ELEMENT, f"element {code}: {what}; the body ends here.")
        )
        self.at = len(self.data)


def _number(raw: bytes, decimals: int) -> float | None:
    try:
        return read_number(raw, decimals)
    except NotDecimal:
        return None
