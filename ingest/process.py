"""The role `anlan ingest`: holds the instance's lock, listens, stores, says that it lives.

The lock is an advisory lock on the very connection that writes: who has lost it cannot write, so a
stand-by that takes over never works beside its predecessor. Both use the same client id, so the broker
hands the session, with everything unacknowledged, from one to the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from core.broker_session import session_name
from core.clock import Clock, system_clock
from core.errors import UnavailableError
from core.settings import Settings
from ingest.broker_link import BrokerLink
from ingest.counts import Counts
from ingest.messages import Inbound
from ingest.worker import DatabaseLost, Worker
from store import heartbeats
from store.connection import connect
from store.migrate import pending

log = structlog.get_logger("anlan.ingest")

ROLE = "ingest"
HEARTBEAT_S = 5.0
_STAND_BY_S = 0.5
_REJOIN_S = 0.5
_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_TRY_LOCK = "select pg_try_advisory_lock(hashtext('anlan.ingest'), hashtext(%s))"


def run(settings: Settings, stopping: threading.Event, clock: Clock = system_clock) -> None:
    """Runs until `stopping` is set. Raises UnavailableError where only a new process helps."""
    _Process(settings, stopping, clock).run()


class _Process:
    def __init__(self, settings: Settings, stopping: threading.Event, clock: Clock) -> None:
        self._settings = settings.ingest
        self._database_url = settings.need_database()
        self._broker_url = settings.need_mqtt(settings.ingest.mqtt_url)
        self._stopping = stopping
        self._clock = clock
        self._counts = Counts()
        self._link: BrokerLink | None = None
        self._worker = Worker(self._settings, self._counts, clock, stopping, self._acknowledge, self._publish)
        self._beat_due = 0.0

    def run(self) -> None:
        failures = 0
        try:
            while not self._stopping.is_set():
                try:
                    with self._database() as connection:
                        if self._become_active(connection):
                            failures = 0
                            self._serve(connection)
                except (DatabaseLost, UnavailableError, psycopg.Error) as error:
                    if self._link is not None:
                        self._link.check()
                    log.warning(
                        "the database is away; nothing is acknowledged until it is back", error=str(error)
                    )
                    self._stopping.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
                    failures += 1
        finally:
            self._leave_broker()

    @contextmanager
    def _database(self) -> Iterator[Connection[Any]]:
        connection = connect(
            self._database_url, name=f"anlan-ingest-{self._settings.instance}", autocommit=True
        )
        try:
            connection.execute("set statement_timeout = '30s'")
            connection.execute("set lock_timeout = '10s'")
            connection.execute("set idle_in_transaction_session_timeout = '60s'")
            # If the network dies silently, the server must not hold our lock against us for hours.
            connection.execute("set tcp_keepalives_idle = 5")
            connection.execute("set tcp_keepalives_interval = 2")
            connection.execute("set tcp_keepalives_count = 3")
            yield connection
        finally:
            connection.close()

    def _become_active(self, connection: Connection[Any]) -> bool:
        """Waits for the lock; False if it is time to stop. What was in hand goes to who has the lock."""
        told = False
        while not self._stopping.is_set():
            found = connection.execute(_TRY_LOCK, (self._settings.instance,)).fetchone()
            if found and found[0]:
                self._wait_for_schema()
                log.info("active", instance=self._settings.instance)
                return not self._stopping.is_set()
            if not told:
                log.info("another process has this instance; standing by", instance=self._settings.instance)
                told = True
            self._leave_broker()
            self._worker.forget_unfinished()
            self._stopping.wait(_STAND_BY_S)
        return False

    def _wait_for_schema(self) -> None:
        told = False
        while not self._stopping.is_set() and pending(self._database_url):
            if not told:
                log.error("the schema is not up to date; waiting for: anlan migrate")
                told = True
            self._stopping.wait(1)

    def _serve(self, connection: Connection[Any]) -> None:
        link = self._join_broker()
        self._worker.process(connection, [])
        while not self._stopping.is_set():
            if link.lost:
                link = self._rejoin_broker(connection, link)
            batch = link.receive(
                self._settings.batch_messages, self._settings.batch_wait_ms / 1000, idle_s=0.5
            )
            if batch:
                self._worker.process(connection, batch)
            link.check()
            self._beat(connection, link)

    def _beat(self, connection: Connection[Any], link: BrokerLink) -> None:
        if time.monotonic() < self._beat_due:
            return
        self._counts.queued = link.waiting()
        heartbeats.beat(connection, ROLE, self._settings.instance, self._clock(), self._counts.detail())
        self._beat_due = time.monotonic() + HEARTBEAT_S

    def _join_broker(self) -> BrokerLink:
        if self._link is None:
            self._link = BrokerLink(
                self._broker_url,
                session_name(ROLE, self._settings.instance, self._broker_url),
                self._clock,
                self._counts,
                receive_maximum=self._settings.receive_maximum,
                session_expiry_s=self._settings.session_expiry_s,
            )
            self._link.start()
        return self._link

    def _rejoin_broker(self, connection: Connection[Any], lost: BrokerLink) -> BrokerLink:
        """Stores what the lost link still held, sees that the lock is ours, and connects anew."""
        while batch := lost.receive(self._settings.batch_messages, fill_s=0.0, idle_s=0.0):
            self._worker.process(connection, batch)
        connection.execute("select 1")
        self._leave_broker()
        self._stopping.wait(_REJOIN_S)
        return self._join_broker()

    def _leave_broker(self) -> None:
        if self._link is not None:
            self._link.stop()
            self._link = None

    def _acknowledge(self, messages: Sequence[Inbound]) -> None:
        if self._link is not None:
            self._link.acknowledge(messages)

    def _publish(self, topic: str, payload: bytes) -> None:
        if self._link is not None:
            self._link.publish(topic, payload)
