"""Takes a batch to its end: stored and acknowledged, whatever single messages or the database do.

Three kinds of trouble:
- the connection is lost: `process` raises `DatabaseLost` and keeps what is not done; it is done again
  on the next connection (storing twice changes nothing, and nothing was acknowledged).
- the database refuses a batch for a while (locks, a full disk): the same batch is tried again.
- a message makes every batch with it fail (poison): the batch is halved until the message stands alone;
  it goes to the quarantine with the error, all others are stored.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg import Connection

from core import topics
from core.clock import Clock
from core.faults import Fault, FaultReason, quoted
from core.settings import Ingest
from ingest.counts import Counts
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.routes import Route, route
from ingest.understood import Keeping, Limits, Understood
from ingest.writing import quarantined, write
from store import quarantine

log = structlog.get_logger("anlan.ingest")

_PAUSES_S = (0.1, 0.5, 1.0, 2.0)
_LONGEST_PAUSE_S = 5.0


class DatabaseLost(Exception):
    """The connection is gone; what `Worker.unfinished` holds waits for another one."""


class Worker:
    """Stores batches in order; one thread's. `converse` says to stations what follows from their messages."""

    def __init__(
        self,
        settings: Ingest,
        counts: Counts,
        clock: Clock,
        stopping: threading.Event,
        acknowledge: Callable[[Sequence[Inbound]], None],
        publish: Callable[[str, bytes], None],
        converse: Callable[[Understood], None] | None = None,
        directory: Directory | None = None,
    ) -> None:
        self._settings = settings
        self._limits = Limits.of(settings)
        self._keeping = Keeping.of(settings)
        self._counts = counts
        self._clock = clock
        self._stopping = stopping
        self._acknowledge = acknowledge
        self._publish = publish
        self._converse = converse
        self._directory = directory if directory is not None else Directory()
        self.unfinished: deque[list[Inbound]] = deque()

    def process(self, connection: Connection[Any], batch: list[Inbound]) -> None:
        """Stores what was left unfinished and then `batch`. Raises DatabaseLost."""
        if batch:
            self.unfinished.append(batch)
        tries = 0
        while self.unfinished and not (tries and self._stopping.is_set()):
            part = self.unfinished[0]
            try:
                self._store(connection, part)
            except Exception as error:
                self._counts.database_errors += 1
                self._directory.forget()
                if connection.closed or connection.broken:
                    # The commit may have happened without our hearing of it.
                    self.unfinished[0] = [replace(message, repeated=True) for message in part]
                    raise DatabaseLost(str(error).strip()) from error
                tries += 1
                self._bear(connection, part, error, tries)
                if self.unfinished and self.unfinished[0] is not part:
                    tries = 0
                continue
            self.unfinished.popleft()
            tries = 0

    def forget_unfinished(self) -> None:
        """Leaves everything to another instance, to which the broker sends it again."""
        self.unfinished.clear()
        self._directory.forget()

    def _store(self, connection: Connection[Any], part: list[Inbound]) -> None:
        with connection.transaction():
            written = write(
                connection,
                part,
                self._directory,
                self._limits,
                keeping=self._keeping,
            )
        self._confirm(part, written.understood)
        self._counts.readings += written.readings
        self._counts.quarantined += written.quarantined

    def _confirm(self, part: list[Inbound], understood: Sequence[Understood]) -> None:
        """After the commit, and only then."""
        self._acknowledge(part)
        for one in understood:
            if one.talk is not None and self._converse is not None:
                self._converse(one)
            if one.route is not None:
                for sequence in one.sequences:
                    self._publish(
                        topics.build(one.route.exercise, "ack", one.route.code),
                        msgspec.json.encode({"seq": sequence}),
                    )
        self._counts.messages += len(part)
        if self._counts.backlog is not None and part[0].backlog:
            self._counts.backlog.stored(len(part), _reached(understood))
        self._counts.batches += 1
        lag = self._clock() - min(message.received_at for message in part)
        self._counts.lag_ms = round(lag.total_seconds() * 1000, 1)

    def _bear(self, connection: Connection[Any], part: list[Inbound], error: Exception, tries: int) -> None:
        """After a failure on a living connection: wait, halve, or put the one message aside."""
        passing = isinstance(error, psycopg.OperationalError)
        log.warning(
            "a batch was refused", messages=len(part), tries=tries, error=f"{type(error).__name__}: {error}"
        )
        if passing and tries <= len(_PAUSES_S):
            self._stopping.wait(_PAUSES_S[tries - 1])
        elif len(part) > 1:
            self.unfinished.popleft()
            middle = len(part) // 2
            self.unfinished.extendleft((part[middle:], part[:middle]))
        elif self._put_aside(connection, part[0], error):
            self.unfinished.popleft()
        else:
            self._stopping.wait(_LONGEST_PAUSE_S)

    def _put_aside(self, connection: Connection[Any], message: Inbound, error: Exception) -> bool:
        fault = Fault(
            FaultReason.CANNOT_BE_STORED,
            f"the database refuses it ({type(error).__name__}: {quoted(str(error), 300)}); "
            "mend the cause, then: anlan quarantine retry.",
        )
        found = route(message.topic)
        kept = quarantined(message, found if isinstance(found, Route) else None, [fault], repeated=True)
        try:
            with connection.transaction():
                self._counts.quarantined += quarantine.keep(connection, [kept])
        except Exception as second:
            if connection.closed or connection.broken:
                raise DatabaseLost(str(second).strip()) from second
            log.error("not even the quarantine can be written; trying again", error=str(second))
            return False
        self._confirm([message], [])
        return True


def _reached(understood: Sequence[Understood]) -> datetime | None:
    """About the time of what these messages say: the middle one of their first readings."""
    times = sorted(one.readings[0].time for one in understood if one.readings)
    return times[len(times) // 2] if times else None
