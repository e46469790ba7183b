"""Stores what stations say by their own connections, on the path of all messages, and answers after the commit."""

from __future__ import annotations

import threading

import psycopg
import structlog

from core.clock import Clock
from core.errors import UnavailableError
from core.settings import Ingest
from ingest.counts import Counts
from ingest.database import writing_connection
from ingest.inbox import Inbox
from ingest.sl651.listener import Listener
from ingest.understood import Understood
from ingest.worker import DatabaseLost, Worker

log = structlog.get_logger("anlan.ingest.sl651")

_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_IDLE_S = 0.3
_FILL_S = 0.005
"""A station waits for its confirmation, some only a few seconds: a batch is not filled for long."""


class Receiver:
    """A thread with a worker and a connection of its own, so that a storm of the broker's does not delay it."""

    def __init__(
        self, settings: Ingest, database_url: str, clock: Clock, inbox: Inbox, listener: Listener
    ) -> None:
        self._settings = settings
        self._database_url = database_url
        self._clock = clock
        self._inbox = inbox
        self._listener = listener
        self.counts = Counts()
        self._stopping = threading.Event()
        self._worker = Worker(
            settings,
            self.counts,
            clock,
            self._stopping,
            listener.done,
            lambda topic, payload: None,
            self._answer,
        )
        self._thread = threading.Thread(target=self._run, name="sl651-receiver", daemon=True)

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finishes the batch in hand; what is not confirmed comes again."""
        self._stopping.set()
        self._thread.join(10)

    @property
    def alive(self) -> bool:
        """False once the thread has ended."""
        return self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                with writing_connection(
                    self._database_url, f"anlan-ingest-sl651-{self._settings.instance}"
                ) as connection:
                    self._worker.process(connection, [])
                    failures = 0
                    while not self._stopping.is_set():
                        batch = self._inbox.take(self._settings.batch_messages, _FILL_S, _IDLE_S)
                        self.counts.queued = len(self._inbox)
                        if batch:
                            self._worker.process(connection, batch)
            except (DatabaseLost, UnavailableError, psycopg.Error) as error:
                log.warning(
                    "the database is away; stations get no confirmation until it is back", error=str(error)
                )
                self._stopping.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
                failures += 1

    def _answer(self, one: Understood) -> None:
        """After the commit."""
        if one.talk is None:
            return
        number = one.message.connection
        self._listener.speaks(number, one.talk.speakers)
        self._listener.send(number, b"".join(one.talk.words(self._clock())))
        if one.talk.refusal is not None:
            self._listener.refuse(number, one.talk.refusal)
