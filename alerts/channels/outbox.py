"""Messages on their way to the gateway: paced, never more than two seconds of work ahead."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from alerts.channels.sms import Gateway, Sent
from alerts.orders.claims import SmsJob

AHEAD_S = 2.0
"""Work handed over ahead: what is more urgent waits no longer than this."""


class Pace:
    """Hands out moments at which messages may leave, `per_second` parts a second."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._free_at = clock()
        self._gate = threading.Lock()

    def wait_s(self, parts: int) -> float:
        """Seconds to wait before a message of `parts` may leave; its place is taken."""
        with self._gate:
            now = self._clock()
            starts = max(now, self._free_at)
            self._free_at = starts + parts / self._per_second
            return starts - now


class Outbox:
    """Sending threads, each with its own connection to the gateway."""

    def __init__(
        self,
        make_gateway: Callable[[], Gateway],
        on_sent: Callable[[SmsJob, Sent], None],
        *,
        per_second: int,
        threads: int = 8,
    ) -> None:
        self._make_gateway = make_gateway
        self._on_sent = on_sent
        self._pace = Pace(per_second)
        self._most_parts = max(1, int(per_second * AHEAD_S))
        self._jobs: queue.SimpleQueue[SmsJob | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._ahead = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"sms-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def room(self) -> int:
        """How many parts may be claimed now."""
        with self._gate:
            return max(0, self._most_parts - self._ahead)

    def put(self, jobs: list[SmsJob]) -> None:
        """Takes over claimed messages."""
        with self._gate:
            self._ahead += sum(job.parts for job in jobs)
        for job in jobs:
            self._jobs.put(job)

    def close(self) -> None:
        """Finishes what was claimed (two seconds of work) and ends the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(15)

    def _work(self) -> None:
        gateway = self._make_gateway()
        try:
            while (job := self._jobs.get()) is not None:
                time.sleep(self._pace.wait_s(job.parts))
                sent = gateway.send(job.number, job.text, job.reference)
                with self._gate:
                    self._ahead -= job.parts
                self._on_sent(job, sent)
        finally:
            gateway.close()
