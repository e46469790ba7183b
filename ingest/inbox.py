"""What came from the broker and waits to be stored: bounded by bytes, taken out in batches."""

from __future__ import annotations

import threading
import time
from collections import deque

from ingest.messages import Inbound

_MOST_BATCH_BYTES = 1_000_000
"""Payload of one batch: a heap of packs or pictures must not hold up the live reading behind it."""
_MOST_WAITING_BYTES = 96_000_000
"""Payload in here. The broker counts messages only, and a thousand of the largest are gigabytes."""
_ENOUGH = 5_000
"""Messages in here that make reading pause. mosquitto 2.0 keeps the receive maximum only until the first
acknowledgement: then it sends all that it has queued (tried; 29,000 came for 500 acknowledged)."""
_ENOUGH_DECODED = 40_000
"""Readings of messages in here that are decoded already: they take ten times the room of their bytes."""


class Inbox:
    """First in, first out, between the thread that hears the broker and the one that stores."""

    def __init__(self) -> None:
        self._waiting: deque[Inbound] = deque()
        self._bytes = 0
        self._decoded = 0
        self._changed = threading.Condition()
        self.full = False
        """Set by the first message without room: nothing that came after it is taken either."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """False while what is here should be stored before more is read."""
        return len(self._waiting) < _ENOUGH and self._decoded < _ENOUGH_DECODED

    def put(self, messages: list[Inbound]) -> int:
        """How many of them had room; of the rest the broker hears no acknowledgement."""
        taken = 0
        with self._changed:
            for message in messages:
                if self.full or self._bytes + len(message.payload) > _MOST_WAITING_BYTES:
                    self.full = True
                    break
                self._bytes += len(message.payload)
                self._decoded += _decoded(message)
                self._waiting.append(message)
                taken += 1
            self._changed.notify()
        return taken

    def take(self, most: int, fill_s: float, idle_s: float) -> list[Inbound]:
        """The next batch: waits `idle_s` for a first message, then at most `fill_s` for more."""
        with self._changed:
            if not self._waiting and not self._changed.wait_for(lambda: self._waiting, idle_s):
                return []
            until = time.monotonic() + fill_s
            while len(self._waiting) < most and self._bytes < _MOST_BATCH_BYTES:
                if not self._changed.wait(max(0.0, until - time.monotonic())):
                    break
            batch: list[Inbound] = []
            size = 0
            while self._waiting and len(batch) < most and size < _MOST_BATCH_BYTES:
                batch.append(self._waiting.popleft())
                size += len(batch[-1].payload)
            self._bytes -= size
            self._decoded -= sum(map(_decoded, batch))
        return batch


def _decoded(message: Inbound) -> int:
    return 0 if message.decoded is None else len(message.decoded.readings)
