"""What is due without a message: packets that did not come, and hours that are missing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from core.clock import Clock
from core.errors import UnavailableError
from core.settings import Ingest
from ingest.database import writing_connection
from ingest.routes import CONNECTION
from ingest.sl651.gaps import ASKED_FOR
from ingest.sl651.gathering import MOST_ASKED, denials, give_up
from store import gaps, transfers

log = structlog.get_logger("anlan.ingest.sl651")

SILENCE = timedelta(seconds=10)
PATIENCE = timedelta(minutes=5)
"""A transfer by connection of which nothing came for so long is given up."""
PATIENCE_BROKER = timedelta(hours=1)
"""One by the broker: while ingest was away its packets wait there."""
GRACE = timedelta(minutes=30)
"""An hour's report may come so late and be no gap."""
KEPT = timedelta(days=400)
"""How long it is known which hours were missing, and whether they came."""
_TURN_S = 2.0
_GAPS_EVERY_S = 60.0
_RECENT = timedelta(hours=6)

Sender = Callable[[str, str, bytes], None]
"""Takes the topic of a transfer, the station's address, and frames to it."""


def ask_for_packets(connection: Connection[Any], now: datetime, send: Sender) -> int:
    """NAK for the packets of transfers that fell silent; returns how many transfers."""
    asked = 0
    with connection.transaction():
        due = [
            (transfer, denials(connection, transfer, now))
            for transfer in transfers.silent(connection, now, SILENCE, MOST_ASKED)
        ]
    for transfer, asks in due:
        send(transfer.topic, transfer.address, b"".join(ask(now) for ask in asks))
        asked += 1
    return asked


def give_up_old(connection: Connection[Any], now: datetime) -> int:
    """Transfers that will not become whole go to the quarantine; whole ones are forgotten in time."""
    given_up = 0
    with connection.transaction():
        for transfer in transfers.older(connection, now - PATIENCE):
            by_line = transfer.topic.startswith(CONNECTION) and transfer.whole_at is None
            if by_line or transfer.heard_at < now - PATIENCE_BROKER:
                give_up(connection, transfer, "nothing came for too long")
                given_up += 1
    return given_up


def look_for_gaps(
    connection: Connection[Any], now: datetime, days: int, *, part: int | None = None
) -> tuple[int, int]:
    """Notes hours that are missing, and settles; (found, settled).

    Without `part` of all days; with it of the last six hours, and of all days for that share of the series.
    """
    if not days:
        return 0, 0
    oldest = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    until = (now - GRACE).replace(minute=0, second=0, microsecond=0)
    properties = list(ASKED_FOR)
    with connection.transaction():
        gaps.forget(connection, now - KEPT)
        settled = gaps.settle(connection, oldest, now)
        found = gaps.find(connection, properties, oldest, until, now, part=part)
        if part is not None:
            found += gaps.find(connection, properties, max(oldest, until - _RECENT), until, now)
    return found, settled


class Caretaker:
    """A thread with a connection of its own. Safe beside those of other instances."""

    def __init__(self, settings: Ingest, database_url: str, clock: Clock, send: Sender) -> None:
        self._settings = settings
        self._database_url = database_url
        self._clock = clock
        self._send = send
        self._stopping = threading.Event()
        self._gaps_due = 0.0
        self._part = 0
        self._thread = threading.Thread(target=self._run, name="sl651-caretaker", daemon=True)

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finishes the turn in hand."""
        self._stopping.set()
        self._thread.join(10)

    @property
    def alive(self) -> bool:
        """False once the thread has ended."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with writing_connection(
                    self._database_url, f"anlan-ingest-care-{self._settings.instance}"
                ) as connection:
                    while not self._stopping.wait(_TURN_S):
                        self._turn(connection)
            except (UnavailableError, psycopg.Error) as error:
                log.warning("looking after transfers and gaps has to wait", error=str(error).strip())
                self._stopping.wait(2 * _TURN_S)
            except Exception:
                # Telemetry goes on without it; a fault of ours must not stop the flow.
                log.exception("looking after transfers and gaps failed")
                self._stopping.wait(_GAPS_EVERY_S)

    def _turn(self, connection: Connection[Any]) -> None:
        now = self._clock()
        ask_for_packets(connection, now, self._send)
        give_up_old(connection, now)
        if time.monotonic() < self._gaps_due:
            return
        days = self._settings.sl651_gap_days
        found, settled = look_for_gaps(connection, now, days, part=self._part)
        self._part = (self._part + 1) % gaps.PARTS
        if found or settled:
            log.info("hours of stations are missing, or came", found=found, settled=settled)
        self._gaps_due = time.monotonic() + _GAPS_EVERY_S
