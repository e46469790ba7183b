"""Frames out of a stream of bytes: several in one read, halves, noise between them (6.3, 6.5).

A frame is found by its start, its length and its checksum together. Where a candidate turns out to be
none, the search goes on one byte further, so no noise can swallow a good frame behind it. A candidate
that waits for more bytes does not hold up a whole frame behind it either: the whole one proves that the
first was a cut-off or a chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.faults import Fault, FaultReason
from formats.sl651.frame import ASCII_START, HEX_START, LARGEST_BODY, Frame, read_frame

_START = re.compile(re.escape(HEX_START) + b"|" + re.escape(ASCII_START))
_FILLER = b"\x7e\x00\r\n \t"
"""What stations put between frames without meaning anything: a 7E after the checksum, line ends."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that are no frame, and why the likeliest candidate in them was none."""

    fault: Fault
    raw: bytes


def _candidate(data: bytes, at: int) -> int | None:
    """Where the next frame may begin."""
    match = _START.search(data, at)
    return match.start() if match else None


class StreamReader:
    """Cuts the bytes of one connection into frames. Keeps at most two frames' length of bytes."""

    def __init__(self, largest_body: int = LARGEST_BODY) -> None:
        self._largest_body = largest_body
        self._limit = 2 * (largest_body + 32)
        self._buffer = bytearray()
        self._refused: dict[int, Fault] = {}

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame | Noise]:
        """What the bytes so far complete, in order."""
        found: list[Frame | Noise] = []
        for at in range(0, len(data), self._limit):
            self._buffer += data[at : at + self._limit]
            self._read(found, final=False)
            if len(self._buffer) > self._limit:
                self._drop(len(self._buffer) - self._limit, found)
        return found

    def finish(self) -> list[Frame | Noise]:
        """What is left when nothing more comes: the connection ended or fell silent in mid-frame."""
        found: list[Frame | Noise] = []
        self._read(found, final=True)
        self._drop(len(self._buffer), found)
        return found

    def _read(self, found: list[Frame | Noise], *, final: bool) -> None:
        """Takes whole frames off the buffer, then the noise before the first candidate that still waits."""
        data = bytes(self._buffer)
        taken = 0
        at = _candidate(data, 0)
        waiting: int | None = None
        while at is not None:
            frame = self._refused.get(at) or read_frame(data, at, self._largest_body)
            if isinstance(frame, Frame):
                self._report(data[taken:at], taken, found)
                found.append(frame)
                taken = at + len(frame.raw)
                waiting = None
                at = _candidate(data, taken)
                continue
            if isinstance(frame, Fault):
                self._refused[at] = frame
            elif waiting is None:
                waiting = at
            at = _candidate(data, at + 1)
        if waiting is None:
            # A last 7E may be the first half of a start.
            waiting = len(data) - (data[taken:].endswith(b"\x7e") and not final)
        if waiting > taken and not final:
            self._report(data[taken:waiting], taken, found)
            taken = waiting
        self._forget(taken)

    def _drop(self, count: int, found: list[Frame | Noise]) -> None:
        if count:
            self._report(bytes(self._buffer[:count]), 0, found)
            self._forget(count)

    def _report(self, raw: bytes, at: int, found: list[Frame | Noise]) -> None:
        if not raw.strip(_FILLER):
            return
        reasons = {place: fault for place, fault in self._refused.items() if at <= place < at + len(raw)}
        wrong_sum = [fault for fault in reasons.values() if fault.reason is FaultReason.BAD_CHECKSUM]
        if wrong_sum:
            fault = wrong_sum[0]
        elif at in reasons:
            fault = reasons[at]
        elif raw.startswith((HEX_START, ASCII_START)):
            fault = Fault(FaultReason.BAD_FRAME, f"the frame is cut off after {len(raw)} bytes.")
        else:
            fault = Fault(FaultReason.BAD_FRAME, f"{len(raw)} bytes hold no frame.")
        found.append(Noise(fault, raw))

    def _forget(self, count: int) -> None:
        del self._buffer[:count]
        if self._refused:
            self._refused = {at - count: fault for at, fault in self._refused.items() if at >= count}
