"""The process of `anlan derive`: one leads and works in rounds, any others stand by.

The lead is an advisory lock of the very connection that writes: who loses the connection loses the
lead and can write nothing more. A consumer whose work fails rests, ever longer; the others go on. One that
works by marks is narrowed down to the mark that fails, which is set aside.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql

from core.clock import Clock, system_clock
from core.errors import UnavailableError
from core.notices import MARKS
from core.settings import Settings
from ingest.database import writing_connection
from ingest.derive.consumers import CONSUMERS, Consumer, MarkConsumer
from store import heartbeats, marks
from store.lead import wait_for_lead
from store.migrate import pending

log = structlog.get_logger("anlan.derive")

ROLE = "derive"
_BEAT_S = 5.0
_STATEMENT_S = 60
_LOOK_S = 5.0
"""The longest time between two rounds, whatever was announced."""
_SLICE_S = 0.5
_STAND_BY_S = 0.5
_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_FAULT_REST_S = (1.0, 5.0, 15.0, 60.0)
_NARROWER = 8
_BACK_AFTER_S = 3600.0
"""What was set aside is tried again after so long, and when somebody begins to lead."""


class _Turn:
    """A consumer, when its next turn is, how its last ones went, and how many marks it takes at once.

    After a failure a consumer of marks takes ever fewer, until the one that fails stands alone and is set aside.
    """

    def __init__(self, consumer: Consumer | MarkConsumer) -> None:
        self.consumer = consumer
        self.due = 0.0
        self.skipped = False
        self.failures = 0
        self.done = 0
        self.most = consumer.most if isinstance(consumer, MarkConsumer) else 0
        self.back_at = 0.0

    def step(self, connection: Connection[Any], settings: Settings, now: datetime) -> int:
        if isinstance(self.consumer, MarkConsumer):
            return self.consumer.step(connection, settings, now, self.most)
        return self.consumer.step(connection, settings, now)

    def went(self, done: int, now: float) -> None:
        self.done += done
        self.failures = 0
        self.due = now + self.consumer.rest_s
        if isinstance(self.consumer, MarkConsumer):
            self.most = min(self.consumer.most, self.most * _NARROWER)

    def failed(self, now: float) -> None:
        self.due = now + _FAULT_REST_S[min(self.failures, len(_FAULT_REST_S) - 1)]
        self.failures += 1

    def narrow(self, connection: Connection[Any], error: Exception, now: float) -> bool:
        """Fewer marks next time, or the only one set aside; False for who does not work by marks."""
        if not isinstance(self.consumer, MarkConsumer) or isinstance(error, psycopg.OperationalError):
            return False
        if self.most > 1:
            self.most = max(1, self.most // _NARROWER)
        else:
            with connection.transaction():
                marks.set_aside(connection, self.consumer.name, f"{type(error).__name__}: {error}")
        self.due = now
        return True


class Deriver:
    """Runs until `stopping` is set."""

    def __init__(
        self,
        settings: Settings,
        stopping: threading.Event,
        clock: Clock = system_clock,
        *,
        instance: str = "1",
        consumers: Sequence[Consumer | MarkConsumer] = CONSUMERS,
    ) -> None:
        self._settings = settings
        self._url = settings.need_database()
        self._stopping = stopping
        self._clock = clock
        self._instance = instance
        self._name = f"anlan-{ROLE}-{instance}"
        self._turns = [_Turn(consumer) for consumer in consumers]
        self._beat_due = 0.0
        self._told = False

    def run(self) -> None:
        """Leads or stands by; takes the connection up again when the database comes back."""
        failures = 0
        while not self._stopping.is_set():
            try:
                with writing_connection(self._url, self._name, statement_s=_STATEMENT_S) as connection:
                    ready, stand_by = self._is_ready, partial(self._stand_by, connection)
                    if wait_for_lead(connection, ROLE, stand_by=stand_by, ready=ready):
                        log.info("leading", instance=self._instance)
                        failures = 0
                        self._lead(connection)
            except (UnavailableError, psycopg.Error) as error:
                log.warning("the database is away; work waits until it is back", error=str(error).strip())
                self._stopping.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
                failures += 1

    def _is_ready(self) -> bool:
        """True with a current schema; what is missing is told once."""
        missing = pending(self._url)
        if missing and not self._told:
            log.error("the schema is not up to date; waiting for: anlan migrate", missing=len(missing))
        self._told = bool(missing)
        return not missing

    def _stand_by(self, connection: Connection[Any]) -> bool:
        if not self._told:
            self._beat(connection, leading=False)
        return not self._stopping.wait(_STAND_BY_S)

    def _lead(self, connection: Connection[Any]) -> None:
        connection.execute(sql.SQL("listen {}").format(sql.Identifier(MARKS)))
        while not self._stopping.is_set():
            if not self._round(connection):
                self._wait(connection)
            self._beat(connection, leading=True)

    def _round(self, connection: Connection[Any]) -> bool:
        """One turn of every consumer that is due; True if any found work."""
        for _ in connection.notifies(timeout=0):
            pass  # what was announced is in the queues, which are looked into now
        worked = False
        for turn in self._turns:
            if self._stopping.is_set():
                break
            turn.skipped = time.monotonic() < turn.due
            if turn.skipped:
                continue
            try:
                self._bring_back(connection, turn)
                with connection.transaction():
                    done = turn.step(connection, self._settings, self._clock())
            except Exception as error:
                if connection.closed or connection.broken:
                    raise
                if turn.narrow(connection, error, time.monotonic()):
                    worked = True
                else:
                    turn.failed(time.monotonic())
                log.error(
                    "a consumer failed",
                    consumer=turn.consumer.name,
                    failures=turn.failures,
                    error=f"{type(error).__name__}: {error}".strip(),
                    exc_info=not isinstance(error, psycopg.OperationalError),
                )
                continue
            turn.went(done, time.monotonic())
            worked = worked or done > 0
        return worked

    def _bring_back(self, connection: Connection[Any], turn: _Turn) -> None:
        now = time.monotonic()
        if isinstance(turn.consumer, MarkConsumer) and now >= turn.back_at:
            turn.back_at = now + _BACK_AFTER_S
            with connection.transaction():
                marks.bring_back(connection, turn.consumer.name, self._clock())

    def _wait(self, connection: Connection[Any]) -> None:
        """Until marks are announced, a consumer that rested may go on, or it is time to look anyway."""
        until = min(
            [time.monotonic() + _LOOK_S, self._beat_due, *(turn.due for turn in self._turns if turn.skipped)]
        )
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            for _ in connection.notifies(timeout=min(left, _SLICE_S), stop_after=1):
                return

    def _beat(self, connection: Connection[Any], *, leading: bool) -> None:
        if time.monotonic() < self._beat_due:
            return
        detail: dict[str, Any] = {"leading": leading}
        for turn in self._turns:
            name = turn.consumer.name
            detail |= {f"{name}_done": turn.done, f"{name}_failures": turn.failures}
        names = [turn.consumer.name for turn in self._turns if turn.consumer.name in marks.QUEUES]
        for lag in marks.lags(connection, names):
            detail |= {f"{lag.consumer}_waiting": lag.waiting, f"{lag.consumer}_lag_s": round(lag.lag_s, 1)}
        heartbeats.beat(connection, ROLE, self._instance, self._clock(), detail)
        self._beat_due = time.monotonic() + _BEAT_S
