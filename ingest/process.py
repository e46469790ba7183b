"""The role `anlan ingest`: holds the instance's lock, listens, stores, says that it lives.

The lock is an advisory lock on the very connection that writes: who has lost it cannot write, so a
stand-by that takes over never works beside its predecessor. What the predecessor left at the broker, with
everything unacknowledged, is drained by who has the lock (`ingest.sessions`).
"""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from core.clock import Clock, system_clock
from core.errors import UnavailableError
from core.settings import Settings
from ingest.ahead import Ahead
from ingest.counts import Counts
from ingest.database import writing_connection
from ingest.directory import Directory
from ingest.sessions import ROLE, Sessions
from ingest.sl651.telemetry import Telemetry
from ingest.understood import Limits
from ingest.worker import DatabaseLost, Worker
from store import heartbeats
from store.migrate import pending

log = structlog.get_logger("anlan.ingest")

__all__ = ["HEARTBEAT_S", "ROLE", "run"]

HEARTBEAT_S = 5.0
_CATCHING_UP_BEAT_S = 1.0
_STAND_BY_S = 0.5
_IDLE_S = 0.2
_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
_TRY_LOCK = "select pg_try_advisory_lock(hashtext('anlan.ingest'), hashtext(%s))"


def run(settings: Settings, stopping: threading.Event, clock: Clock = system_clock) -> None:
    """Runs until `stopping` is set. Raises UnavailableError where only a new process helps.

    Cyclic garbage is collected with the heartbeat only: by itself Python looks through the readings of a
    batch again and again while they are made, a third of all the time, and never finds a cycle in them.
    """
    process = _Process(settings, stopping, clock)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        process.run()
    finally:
        gc.enable()
        gc.unfreeze()


class _Process:
    def __init__(self, settings: Settings, stopping: threading.Event, clock: Clock) -> None:
        self._settings = settings.ingest
        self._database_url = settings.need_database()
        self._broker_url = settings.need_mqtt(settings.ingest.mqtt_url)
        self._stopping = stopping
        self._clock = clock
        self._counts = Counts()
        directory = Directory()
        ahead = Ahead(directory.periods_s, Limits.of(self._settings))
        self._sessions = Sessions(self._settings, self._broker_url, clock, self._counts, ahead)
        self._telemetry = Telemetry(self._settings, self._database_url, clock, self._sessions.publish)
        self._worker = Worker(
            self._settings,
            self._counts,
            clock,
            stopping,
            self._sessions.acknowledge,
            self._sessions.publish,
            self._telemetry.converse,
            directory,
        )
        self._away_since: float | None = None
        self._beat_due = 0.0
        self._told_catching_up = False

    def run(self) -> None:
        failures = 0
        try:
            while not self._stopping.is_set():
                try:
                    with writing_connection(
                        self._database_url, f"anlan-ingest-{self._settings.instance}"
                    ) as connection:
                        if self._become_active(connection):
                            failures = 0
                            self._serve(connection)
                except (DatabaseLost, UnavailableError, psycopg.Error) as error:
                    if self._away_since is None:
                        self._away_since = time.monotonic()
                    log.warning(
                        "the database is away; nothing is acknowledged until it is back", error=str(error)
                    )
                    self._stopping.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])
                    failures += 1
        finally:
            self._telemetry.stop()
            self._sessions.leave()

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
            self._telemetry.stop()
            self._sessions.leave()
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
        away_s = time.monotonic() - self._away_since if self._away_since is not None else 0.0
        self._sessions.resume(connection, away_s)
        self._away_since = None
        self._worker.process(connection, [])
        self._telemetry.start()
        settings = self._settings
        while not self._stopping.is_set():
            self._sessions.tend(connection)
            batch = self._sessions.receive(
                settings.batch_messages, settings.batch_wait_ms / 1000, idle_s=_IDLE_S
            )
            if batch:
                self._worker.process(connection, batch)
            self._telemetry.check()
            self._beat(connection)

    def _beat(self, connection: Connection[Any]) -> None:
        catching_up = self._counts.backlog is not None
        if time.monotonic() < self._beat_due and catching_up == self._told_catching_up:
            return
        self._told_catching_up = catching_up
        self._counts.queued = self._sessions.waiting
        detail = self._counts.detail() | self._telemetry.detail()
        heartbeats.beat(connection, ROLE, self._settings.instance, self._clock(), detail)
        self._sessions.seen(connection)
        gc.collect()
        self._beat_due = time.monotonic() + (_CATCHING_UP_BEAT_S if catching_up else HEARTBEAT_S)
