"""Where a benchmark runs: services, database and stations of its own, and an ingest that it starts and stops."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from bench.bare import keep_session
from bench.role import Role
from cli.services import Services
from core.broker_session import session_name
from ingest.sessions import ROLE
from store.migrate import migrate

STATIONS = 300


def say(text: str) -> None:
    """Progress, beside the figures."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def place(stations: int = STATIONS) -> Iterator[Place]:
    """Fresh services with durable settings, gone at the end. Raises RuntimeError if they are not durable."""
    home = Path(tempfile.mkdtemp(prefix="anlan-bench-"))
    home.chmod(0o755)
    try:
        with Services(home) as services:
            url = services.postgres.url
            migrate(url)
            with psycopg.connect(url, autocommit=True) as connection:
                _demand_durable(connection)
                codes = _seed(connection, stations)
                ingest = Role(["ingest"], services.env(), home / "ingest.log")
                here = Place(home, services, url, connection, codes, ingest)
                try:
                    yield here
                finally:
                    here.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class Place:
    """Services, a connection to their database, the stations, and ingest while it runs."""

    home: Path
    services: Services
    database: str
    connection: Connection[Any]
    codes: list[str]
    ingest: Role
    rss_mb: float = 0.0
    """The most that any ingest process had in memory."""
    _connections: int = 0

    def role(self, *words: str) -> Role:
        """Another role on these services, not started yet."""
        return Role(words, self.services.env(), self.home / f"{words[0]}.log")

    def start(self) -> None:
        """Starts ingest; returns when its session is subscribed."""
        self.ingest.start()
        self._connections += 1
        wait(lambda: self.ingest.log.read_text().count('"event": "connected"') >= self._connections, 30)

    def stop(self) -> None:
        """Ends ingest in order; the broker keeps its session."""
        self.look()
        self.ingest.stop()

    def look(self) -> None:
        """Notes the memory that ingest has had at most."""
        if self.ingest.is_running:
            self.rss_mb = max(self.rss_mb, self.ingest.peak_mb())

    def empty(self) -> None:
        """No observations, marks and raw messages; stations and series stay."""
        self.connection.execute(
            "truncate observation, observation_revision, latest, mark, raw_message, quarantine"
        )

    def forget_sessions(self) -> None:
        """Ends what ingest left at the broker, which would collect what another client is measured with."""
        url = self.services.broker.url(ROLE)
        for instance, number in self.connection.execute(
            "select instance, number from ingest_session"
        ).fetchall():
            keep_session(url, session_name(ROLE, instance, url, number), expiry_s=0)
        self.connection.execute("truncate ingest_session")

    def one(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        found = self.connection.execute(query.encode(), values).fetchone()
        return found[0] if found else None


def wait(holds: Callable[[], bool], seconds: float, every_s: float = 0.01) -> float:
    """Waits until something holds; when it did, on the steady clock. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(every_s)
    return time.monotonic()


def _demand_durable(connection: Connection[Any]) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        found = connection.execute(f"show {setting}".encode()).fetchone()
        if found != ("on",):
            raise RuntimeError(f"{setting} is {found}: figures of a database that may lose data mean nothing")


def _seed(connection: Connection[Any], count: int) -> list[str]:
    codes = [f"ST{number:04d}" for number in range(count)]
    connection.execute(
        "insert into area (code, name, name_en, kind) values ('C', '测试县', 'Bench', 'county')"
    )
    connection.execute(
        "insert into station (code, name, name_en, kind, area, lon, lat)"
        " select code, code, code, 'ZZ', 'C', 121.9, 29.5 from unnest(%s::text[]) as code",
        (codes,),
    )
    return codes
