"""The program of a simulated RTU: what it sends, when it sends it again, and what it answers. Pure.

As the standard has it (6.3): in M2 a frame waits for its confirmation and is sent again at most twice, then it
stays in the memory alone, and the centre must ask for it. A transfer in packets (M3) is confirmed once, and
single packets are sent again on NAK. Questions (M4) are answered from the memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from drill.rtu.memory import Memory
from formats.sl651 import Decoded, End, Frame, Function, Link, StreamReader, decode
from formats.sl651.encode import (
    Group,
    Station,
    Value,
    encode_body,
    encode_keep_alive,
    encode_packets,
    encode_parameters,
    encode_picture,
    encode_report,
    encode_text,
    encode_version,
)
from formats.sl651.frame import LARGEST_BODY

RESENDS = 2
_MOST_WAITING = 200
_BASE_PARAMETER = "28"
VERSION = "ANLAN-DRILL-RTU 1.0"


class Mode(StrEnum):
    """M1 waits for no confirmation, M2 does."""

    M1 = "m1"
    M2 = "m2"


@dataclass(slots=True)
class _Sending:
    serial: int
    frames: list[bytes]
    tries: int = 0
    sent_at: datetime | None = None


class Unit:
    """One RTU; times are the true ones, its own clock may be wrong by `clock_error`."""

    def __init__(
        self,
        link: Link,
        category: str,
        *,
        mode: Mode = Mode.M2,
        base_m: float = 0.0,
        wait: timedelta = timedelta(seconds=10),
        clock_error: timedelta = timedelta(0),
        picture: Callable[[datetime], bytes] | None = None,
    ) -> None:
        self.link = link
        self.category = category
        self.mode = mode
        self.wait = wait
        self.clock_error = clock_error
        self.memory = Memory(base_m)
        self.clock_set = 0
        self.confirmed: list[int] = []
        self.unconfirmed: list[int] = []
        self._picture = picture
        self._serial = 0
        self._queue: deque[_Sending] = deque()
        self._reader = StreamReader()

    def clock(self, now: datetime) -> datetime:
        """What its own clock shows."""
        return now + self.clock_error

    def report(self, now: datetime, function: Function, groups: Sequence[Group]) -> int:
        """Queues a report; its serial."""
        station = Station(self.link.address, self.category, groups)
        serial = self._next_serial()
        self._add(_Sending(serial, [encode_report(self.link, function, serial, self.clock(now), (station,))]))
        return serial

    def measure(self, now: datetime, values: dict[str, float]) -> int:
        """Keeps values of this moment and queues a report of them (32H)."""
        self.memory.measure(now, values)
        return self.report(now, Function.TIMED, [Group(now, [Value(*item) for item in values.items()])])

    def report_hour(self, now: datetime, end: datetime, codes: tuple[str, ...]) -> int:
        """Queues the hour that ended at `end` (34H)."""
        first = end - timedelta(minutes=55)
        return self.report(now, Function.HOURLY, [self.memory.hour(first, codes)])

    def report_text(self, now: datetime, text: str) -> int:
        """Queues what a person typed in (35H)."""
        serial = self._next_serial()
        self._add(_Sending(serial, [encode_text(self.link, serial, self.clock(now), text)]))
        return serial

    def send_picture(self, now: datetime, jpeg: bytes) -> int:
        """Queues a picture in packets (36H, M3)."""
        serial = self._next_serial()
        moment = self.clock(now)
        self._add(_Sending(serial, encode_picture(self.link, serial, moment, self.category, moment, jpeg)))
        return serial

    def keep_alive(self, now: datetime) -> bytes:
        """2FH; nobody confirms it."""
        return encode_keep_alive(self.link, self._serial, self.clock(now))

    @property
    def waiting(self) -> int:
        """Reports that are queued or wait for their confirmation."""
        return len(self._queue)

    def due(self, now: datetime) -> list[bytes]:
        """Frames to be sent now: one exchange after the other."""
        frames: list[bytes] = []
        while self._queue:
            first = self._queue[0]
            if first.sent_at is not None and now - first.sent_at < self.wait:
                break
            if first.tries > RESENDS:
                self.unconfirmed.append(first.serial)
                self._queue.popleft()
                continue
            first.tries += 1
            first.sent_at = now
            frames += first.frames
            if self.mode is Mode.M2 or len(first.frames) > 1:
                break
            self._queue.popleft()
        return frames

    def line_lost(self) -> None:
        """The connection ended: what was not confirmed counts as not sent, and half a frame is worth nothing."""
        self._reader = StreamReader()
        for sending in self._queue:
            sending.sent_at = None
            sending.tries = min(sending.tries, RESENDS)

    def hear(self, data: bytes, now: datetime) -> list[bytes]:
        """What the centre said; answers to it."""
        answers: list[bytes] = []
        for found in self._reader.feed(data):
            if isinstance(found, Frame) and not found.up and found.address == self.link.address:
                answers += self._answer(found, now)
        return answers

    def _answer(self, frame: Frame, now: datetime) -> list[bytes]:
        if frame.end in (End.EOT, End.ESC):
            self._confirmed(decode(frame).serial)
            return []
        if frame.end is End.NAK and frame.packet is not None:
            if not self._queue or frame.packet[1] > len(self._queue[0].frames):
                return []
            self._queue[0].sent_at = now
            return [self._queue[0].frames[frame.packet[1] - 1]]
        return self._question(frame, decode(frame), now) if frame.end is End.ENQ else []

    def _confirmed(self, serial: int | None) -> None:
        if self._queue and self._queue[0].serial == serial and self._queue[0].tries:
            self.confirmed.append(self._queue.popleft().serial)

    def _question(self, frame: Frame, asked: Decoded, now: datetime) -> list[bytes]:
        link, serial = Link.of(frame), self._next_serial()
        if frame.function == Function.SET_CLOCK and asked.sent is not None:
            self.clock_error = asked.sent - now
            self.clock_set += 1
        sent = self.clock(now)
        if frame.function in (Function.SET_CLOCK, Function.QUERY_CLOCK):
            return [encode_report(link, frame.function, serial, sent, ())]
        if frame.function == Function.QUERY_PERIOD and asked.query is not None:
            return self._packed(link, frame.function, serial, sent, self.memory.answer(asked.query))
        if frame.function in (Function.QUERY_NOW, Function.QUERY_ELEMENTS):
            latest = self.memory.latest()
            groups = [] if latest is None else [Group(*latest)]
            return self._packed(link, frame.function, serial, sent, groups)
        if frame.function == Function.READ_SETTINGS:
            return [
                encode_parameters(link, frame.function, serial, sent, {_BASE_PARAMETER: self.memory.base_m})
            ]
        if frame.function == Function.STATUS:
            station = Station(link.address, None, (Group(None, (Value("45", 0x0480),)),))
            return [encode_report(link, frame.function, serial, sent, (station,))]
        if frame.function == Function.VERSION:
            return [encode_version(link, serial, sent, VERSION)]
        if frame.function == Function.PICTURE and self._picture is not None:
            self.send_picture(now, self._picture(now))
        return []

    def _packed(
        self, link: Link, function: int, serial: int, sent: datetime, groups: Sequence[Group]
    ) -> list[bytes]:
        """One frame, or the packets of one transfer."""
        body = encode_body(
            link.coding, function, serial, sent, (Station(link.address, self.category, groups),)
        )
        if len(body) <= LARGEST_BODY:
            return [
                encode_report(link, function, serial, sent, (Station(link.address, self.category, groups),))
            ]
        return encode_packets(link, function, body)

    def _next_serial(self) -> int:
        self._serial = self._serial % 0xFFFF + 1
        return self._serial

    def _add(self, sending: _Sending) -> None:
        if len(self._queue) >= _MOST_WAITING:
            self.unconfirmed.append(self._queue.popleft().serial)
        self._queue.append(sending)
