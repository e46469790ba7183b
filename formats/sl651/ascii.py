"""Bodies in ASCII coding (SL 651-2014 6.6.2): identifier, space, data, space."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from core.faults import Fault, FaultReason, quoted
from formats.sl651.bcd import read_time
from formats.sl651.body import Body, HourTime, Item, Parameter
from formats.sl651.elements import BY_LETTERS, HOUR_SLOTS, SLOT_BYTES, Element, Kind
from formats.sl651.frame import Frame
from formats.sl651.functions import CATEGORIES, PARAMETERS, TEXTS, WITH_CATEGORY, Function
from formats.sl651.hours import read_slots
from formats.sl651.parameters import BINARY_PARAMETERS
from formats.sl651.questions import read_ascii_question
from formats.sl651.steps import STEP_LETTERS, read_step_letters

_HEAD = re.compile(rb"([0-9A-Fa-f]{4})(\d{12}) ?")
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{0,7})?|[+-]?\.\d{1,7}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}")
_MISSING = re.compile(r"M+|F{2,}")
_CATEGORIES = frozenset(CATEGORIES.values())
_ADDRESS = re.compile(r"[0-9A-F]{10}")
_BINARY = re.compile(rb"(?:^| )(RGZS|PIC|DATA) ")


def read_ascii_body(frame: Frame, hour_time: Callable[[str], HourTime]) -> Body:
    """What the body of a whole frame or assembled transfer holds; never raises."""
    body = Body()
    head = _HEAD.match(frame.body)
    if head is None:
        body.faults.append(Fault(FaultReason.BAD_FRAME, "the body does not begin with serial and time."))
        return body
    body.serial = int(head[1], 16)
    body.sent = read_time(head[2].decode())
    if body.sent is None:
        body.faults.append(
            Fault(FaultReason.TIME_UNREADABLE, f"sending time {quoted(head[2])} names no real moment.")
        )
    rest = frame.body[head.end() :]
    if frame.function == Function.KEEP_ALIVE:
        return body
    if not frame.up:
        read_ascii_question(frame, rest.decode("latin-1").split(), body)
        return body
    binary = _BINARY.search(rest)
    if binary is not None:
        data, rest = rest[binary.end() :], rest[: binary.start()]
        if binary[1] == b"RGZS":
            body.text = data
        elif binary[1] == b"PIC":
            body.picture = data
        else:
            body.bulk = data
    elif frame.function in TEXTS:
        body.text = rest
        return body
    reader = _Reader(frame, body, rest.decode("latin-1").split(), hour_time)
    reader.read_uplink()
    body.picture_time = reader.time if body.picture is not None else None
    return body


class _Reader:
    """Walks through the words of a body."""

    def __init__(
        self, frame: Frame, body: Body, words: list[str], hour_time: Callable[[str], HourTime]
    ) -> None:
        self.words = words
        self.at = 0
        self.function = frame.function
        self.body = body
        self.hour_time = hour_time
        self.address = frame.address
        self.category: str | None = None
        self.time = body.sent
        self.group = 0

    def _word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.words[place] if place < len(self.words) else ""

    def read_uplink(self) -> None:
        while self.at < len(self.words) and not self.body.is_full():
            word = self._word()
            self.at += 1
            if word == "ST":
                self._read_station()
                if self.function == Function.VERSION:
                    self._read_version()
                    return
            elif word == "TT":
                self._read_time()
            elif STEP_LETTERS.fullmatch(word):
                self._read_series(word)
            elif self.function in PARAMETERS:
                self._read_parameter(word)
            else:
                self._read_element(word)

    def _read_station(self) -> None:
        self.address = self._word().upper()
        self.at += 1
        if not _ADDRESS.fullmatch(self.address):
            self.body.faults.append(
                Fault(
                    FaultReason.BAD_CODE,
                    f"{quoted(self.address, 20)} is no address of ten hexadecimal digits; the values behind it"
                    " were left out.",
                )
            )
            self.address = ""
        self.category = None
        self.time = self.body.sent
        self.group += 1
        word = self._word()
        # Z, H, C and Q are identifiers too: what follows the word decides.
        if self.function in WITH_CATEGORY and (
            word in _CATEGORIES or (word != "TT" and self._word(1) == "TT" and len(word) == 1)
        ):
            self.category = word
            self.at += 1

    def _read_time(self) -> None:
        digits = self._word()
        self.at += 1
        self.group += 1
        self.time = read_time(digits)
        if self.time is None:
            self.body.faults.append(
                Fault(
                    FaultReason.TIME_UNREADABLE,
                    f"observation time {quoted(digits)} names no real moment; its values were left out.",
                )
            )

    def _read_version(self) -> None:
        words = self.words[self.at :]
        # The number of characters stands before the text.
        self.body.version = " ".join(words[1:] if len(words) > 1 else words)

    def _read_parameter(self, word: str) -> None:
        code = word.upper()
        raw = self._word()
        self.at += 1
        number = _NUMBER.fullmatch(raw) and code not in BINARY_PARAMETERS
        self.body.parameters[code] = Parameter(raw, float(raw) if number else None)

    def _read_element(self, word: str) -> None:
        element = BY_LETTERS.get(word.upper())
        if element is None and not _NAME.fullmatch(word):
            self._refuse(word, "is no identifier and was left out")
            return
        data = self._word()
        self.at += 1
        if element is not None and element.kind in SLOT_BYTES:
            self._read_hour(element, data)
        else:
            self._keep(element, word, data, self.time)

    def _keep(self, element: Element | None, word: str, data: str, time: datetime | None) -> None:
        kind = element.kind if element is not None else Kind.NUMBER
        value: float | None
        if kind is Kind.WORD and re.fullmatch(r"[0-9A-Fa-f]{8}", data):
            value = None if data.upper() == "FFFFFFFF" else float(int(data, 16))
        elif _NUMBER.fullmatch(data):
            value = float(data)
        elif _MISSING.fullmatch(data):
            value = None
        else:
            self._refuse(word, f"has {quoted(data, 40)}, which is no number")
            return
        code = element.code if element is not None else word.upper()
        self.body.items.append(Item(code, self.address, self.category, time, value, data, kind, self.group))

    def _read_hour(self, element: Element, data: str) -> None:
        size = HOUR_SLOTS * SLOT_BYTES[element.kind]
        try:
            raw = bytes.fromhex(data)
        except ValueError:
            self._refuse(element.letters, "has data that are not hexadecimal")
            return
        if len(raw) != size:
            self._refuse(element.letters, f"has {len(raw)} bytes of data, not {size}")
        mode = self.hour_time(self.address)
        for time, value in read_slots(raw[:size], element.kind, self.time, self.body.sent, mode):
            self.body.items.append(
                Item(element.code, self.address, self.category, time, value, "", element.kind, self.group)
            )

    def _read_series(self, word: str) -> None:
        """A time step, the identifiers of one or several elements, and rounds of their values (6.6.4.4)."""
        step = read_step_letters(word)
        names: list[str] = []
        while _NAME.fullmatch(self._word()) and not _MISSING.fullmatch(self._word()):
            if step == timedelta(0):
                return
            names.append(self._word())
            self.at += 1
        if not names:
            self._refuse(word, "is a time step without an element")
            return
        elements = [BY_LETTERS.get(name.upper()) for name in names]
        time = self.time
        while self.at < len(self.words) and self._word() not in ("ST", "TT") and not self.body.is_full():
            for element, name in zip(elements, names, strict=True):
                if self.at < len(self.words):
                    self._keep(element, name, self._word(), time)
                    self.at += 1
            time = None if time is None else time + step

    def _refuse(self, word: str, what: str) -> None:
        self.body.faults.append(Fault(FaultReason.BAD_ELEMENT, f"element {quoted(word, 20)} {what}."))
