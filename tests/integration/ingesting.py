"""A running `anlan ingest` and what the tests of it need."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from paho.mqtt.client import Client
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from psycopg import Connection

from cli.services import Services
from drill.broker import client_for


def until(holds: Callable[[], bool], seconds: float = 20, every: float = 0.05) -> None:
    """Waits until something holds, or fails."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {holds.__name__}"
        time.sleep(every)


class Ingest:
    """The role as a process of its own; started again it is the same instance with the same session."""

    def __init__(self, environment: Mapping[str, str], log: Path, **settings: object) -> None:
        self.instance = f"t{uuid.uuid4().hex[:8]}"
        self.log = log
        self._environment = {
            **environment,
            "ANLAN_INGEST__INSTANCE": self.instance,
            "ANLAN_INGEST__SESSION_EXPIRY_S": "60",
            **{f"ANLAN_INGEST__{name.upper()}": str(value) for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    def share(self, other: Ingest) -> None:
        """Takes the other's instance name."""
        self.instance = other.instance
        self._environment["ANLAN_INGEST__INSTANCE"] = other.instance

    def start(self) -> None:
        """Returns at once; `wait_connected` waits."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main(['ingest']))"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_connected(self, times: int = 1) -> None:
        """Until the log tells of so many connections of all processes of this instance."""

        def connected() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            return self.log.read_text().count('"event": "connected"') >= times

        until(connected)

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@contextmanager
def running_ingest(environment: Mapping[str, str], folder: Path, **settings: object) -> Iterator[Ingest]:
    """A connected ingest, ended whatever happens."""
    ingest = Ingest(environment, folder / "ingest.log", **settings)
    ingest.start()
    try:
        ingest.wait_connected()
        yield ingest
    finally:
        assert ingest.process is not None
        if ingest.process.poll() is None:
            ingest.process.kill()
            ingest.process.wait()


@contextmanager
def sender(
    services: Services, account: str = "gateway", session: str | None = None, expiry_s: int = 0
) -> Iterator[Client]:
    """A connected MQTT client; publish with qos=1. The broker keeps its session for `expiry_s`."""
    name = session or f"test-{uuid.uuid4().hex[:8]}"
    client, host, port = client_for(services.broker.url(account), name)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = expiry_s
    client.max_inflight_messages_set(1000)
    client.connect(host, port, clean_start=not expiry_s, properties=properties)
    client.loop_start()
    until(client.is_connected)
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def seed(database: str) -> None:
    """Stations RAIN1 (300 s) and RIVER1 to RIVER9, a camera CAM1, an exercise EX1."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into area (code, name, name_en, kind) values ('C', '演示县', 'Demo', 'county')"
            " on conflict do nothing"
        )
        for code, kind in [("RAIN1", "PP"), *((f"RIVER{number}", "ZZ") for number in range(1, 10))]:
            connection.execute(
                "insert into station (code, name, name_en, kind, area, lon, lat, origin)"
                " values (%s, %s, %s, %s, 'C', 121.9, 29.5, 'scenario:test') on conflict do nothing",
                (code, f"站{code}", code, kind),
            )
        connection.execute(
            "insert into camera (code, name, name_en, area, lon, lat)"
            " values ('CAM1', '一号', 'One', 'C', 121.9, 29.5) on conflict do nothing"
        )
        connection.execute(
            "insert into exercise (code, name, started_by) values ('EX1', '演练', 'test')"
            " on conflict do nothing"
        )


def number(connection: Connection[Any], query: str, *values: object) -> Any:
    """The one value of a query."""
    found = connection.execute(query.encode(), values).fetchone()
    assert found is not None
    return found[0]


def observations(
    connection: Connection[Any], station: str, exercise: str | None = None
) -> list[tuple[Any, ...]]:
    """Property, period, time, value, quality and reason of what holds of a station, in their order of time."""
    return connection.execute(
        "select property, period_s, time, value, quality, reason from public_v1.observation"
        " where station = %s and exercise is not distinct from %s order by time, property",
        (station, exercise),
    ).fetchall()
