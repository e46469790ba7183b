"""The whole system for a browser test: every role and the simulated field as real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from paho.mqtt.client import Client

from cli.roles import ROLES, command
from cli.services import Services
from drill.broker import client_for

T = TypeVar("T")

PASSWORD = "Sturdy-Heron-77"


@dataclass
class Whole:
    """A running centre with its field; roles can be killed and started again."""

    url: str
    environment: dict[str, str]
    database: str
    home: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *words: str) -> None:
        """Starts one process; its output goes to a log in the state folder."""
        log = (self.home / "log" / f"whole-{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            command(*words),
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends one process and waits until it is gone."""
        process = self.processes.pop(name)
        os.killpg(process.pid, how) if how == signal.SIGKILL else process.send_signal(how)
        process.wait(30)

    def run(self, *words: str, typed: str | None = None) -> str:
        """Runs one command to its end and returns what it printed."""
        done = subprocess.run(
            command(*words), env=self.environment, input=typed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_ready(self, seconds: float = 90) -> float:
        """Waits until the pages answer; returns how long that took."""
        begun = time.monotonic()
        try:
            until(lambda: self._ready() or None, seconds, "the pages are not ready")
        except AssertionError as error:
            said = (self.home / "log" / "whole-web.log").read_text(encoding="utf-8")
            raise AssertionError(f"{error}; the server said: {said[-2000:]}") from None
        return time.monotonic() - begun

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=1, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_history(self, seconds: float = 60) -> None:
        """Waits until the hours before the start, which the field sends in packs, are in and judged."""
        quiet = "select (select count(*) from observation) > 10000 and not exists (select from mark)"
        until(lambda: self.ask(quiet)[0][0] or None, seconds, "the history is not in")

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query on the system's database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query, values).fetchall()

    def inbox(self) -> list[dict[str, Any]]:
        """What the invented phones received and sent so far."""
        path = self.home / "field" / "inbox.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    @contextmanager
    def gateway(self) -> Iterator[Gateway]:
        """A telemetry gateway's connection to the broker."""
        client, host, port = client_for(self.environment["ANLAN_FIELD__MQTT_URL"], "loop-gateway")
        client.connect(host, port)
        client.loop_start()
        try:
            yield Gateway(client)
        finally:
            client.disconnect()
            client.loop_stop()


class Gateway:
    """Publishes levels of a station as a telemetry gateway does."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, station: str, level_m: float) -> float:
        """A level of now; returns the moment at which it was sent."""
        sent = time.monotonic()
        self._publish(station, _reading(datetime.now(UTC), level_m))
        return sent

    def history(self, station: str, levels_m: list[float], *, minutes: int) -> None:
        """Levels up to now, `minutes` apart, in one message."""
        first = datetime.now(UTC) - timedelta(minutes=minutes * len(levels_m))
        pack = [_reading(first + timedelta(minutes=minutes * n), level) for n, level in enumerate(levels_m)]
        self._publish(station, pack)

    def _publish(self, station: str, payload: object) -> None:
        self._client.publish(f"anlan/obs/{station}", json.dumps(payload), qos=1).wait_for_publish(5)


def _reading(at: datetime, level_m: float) -> dict[str, object]:
    return {"time": at.isoformat(), "values": {"water_level": level_m}}


def until(condition: Callable[[], T | None], seconds: float, fault: str) -> T:
    """Asks again and again; fails with `fault` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := condition()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{fault} within {seconds:g} s")


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def whole_system(services: Services) -> Iterator[Whole]:
    """Prepares the invented county on services of its own and runs everything until the end of the block."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
    environment = {**kept, **services.env(), "ANLAN_WEB__PORT": str(port), "PYTHONUNBUFFERED": "1"}
    environment["ANLAN_DISPATCH__REPEATS"] = "1"  # speech is played once, in its true time
    system = Whole(f"http://127.0.0.1:{port}", environment, services.postgres.url, services.home)
    system.run("migrate")
    system.run("field", "prepare")
    for name, role in (("chief", "commander"), ("chen", "leader"), ("li", "duty")):
        system.run("user", "add", name, "--role", role, typed=PASSWORD)
    try:
        for role in ROLES:
            system.start(role, role)
        system.wait_ready()
        system.start("field", "field", "run")
        system.wait_history()
        yield system
    finally:
        for name in reversed(list(system.processes)):
            system.stop(name)
