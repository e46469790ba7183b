"""A real flood is replayed while ingest, database and broker are killed: each reading is there once.

The broker alone promises nothing after `kill -9`: with `seq` the sender repeats until the centre has
acknowledged, without it the loss is counted and told.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cli.services import Services
from store.migrate import migrate
from tests.integration.ingesting import Ingest, until
from tests.own_services import own_services

READINGS = 6760
SPEED = 40_000
"""Seconds of the flood in a second: the whole of it in about a quarter of a minute."""


@pytest.fixture(scope="module")
def services_to_kill() -> Iterator[Services]:
    """Services that only this module kills."""
    with own_services("lost") as running:
        yield running


@pytest.fixture
def environment(services_to_kill: Services) -> dict[str, str]:
    """An empty, migrated database, and the way to it."""
    with psycopg.connect(services_to_kill.postgres.superuser_url(), autocommit=True) as connection:
        connection.execute("drop database if exists flood with (force)")
        connection.execute("create database flood owner anlan")
    with psycopg.connect(services_to_kill.postgres.superuser_url("flood"), autocommit=True) as connection:
        connection.execute("set client_min_messages = error")
        connection.execute("create extension timescaledb")
    url = services_to_kill.postgres.url.rpartition("/")[0] + "/flood"
    migrate(url)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
    return {**kept, **services_to_kill.env(), "ANLAN_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def ingest(environment: dict[str, str], tmp_path: Path) -> Iterator[Ingest]:
    role = Ingest(environment, tmp_path / "ingest.log")
    role.start()
    role.wait_connected()
    yield role
    role.kill()


class Flood:
    """`anlan replay` as a process, and a hand that kills while it runs."""

    def __init__(self, environment: dict[str, str], folder: Path, *options: str, speed: int = SPEED) -> None:
        self.log = folder / "replay.log"
        words = ["replay", "ditwah-2025", "--speed", str(speed), "--patience", "60", *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"import sys; from cli.main import main; sys.exit(main({words!r}))"],
                env=environment,
                stdout=log,
                stderr=log,
            )
        until(lambda: "readings of" in self.log.read_text())

    def while_it_runs(self, acts: list[Callable[[], None]], pause_s: float) -> int:
        """Does one act after the other, again from the first; how many were done."""
        done = 0
        while True:
            try:
                self.process.wait(pause_s)
                return done
            except subprocess.TimeoutExpired:
                if done < len(acts):
                    acts[done]()
                    done += 1

    def figures(self) -> dict[str, int]:
        """What the replay counted in the database."""
        text = self.log.read_text()
        found = re.search(
            r"rows found (\d+), missing (\d+).*?, doubled (\d+), with another value (\d+)", text
        )
        assert found, text
        names = ("found", "missing", "doubled", "different")
        return dict(zip(names, map(int, found.groups()), strict=True))


def strike(services: Services, name: str, number: signal.Signals) -> Callable[[], None]:
    """Sends a signal to one of the services and waits until the supervisor has it up again."""

    def act() -> None:
        victim = services.processes()[name]
        victim.send(number)
        until(lambda: not victim.is_alive())
        until(lambda: name in services.processes() and services.ready()[name])

    return act


def restart(ingest: Ingest) -> Callable[[], None]:
    """kill -9, and a new process of the same instance."""

    def act() -> None:
        ingest.kill()
        time.sleep(0.2)
        ingest.start()

    return act


COMPLETE = {"found": READINGS, "missing": 0, "doubled": 0, "different": 0}


def test_kill_ingest_and_database_and_restart_the_broker(
    services_to_kill: Services, environment: dict[str, str], ingest: Ingest, tmp_path: Path
) -> None:
    """Without `seq`: what is promised here needs no help of the sender."""
    kill_database = strike(services_to_kill, "postgresql", signal.SIGKILL)
    restart_broker = strike(services_to_kill, "mosquitto", signal.SIGTERM)
    kill_ingest = restart(ingest)
    flood = Flood(environment, tmp_path, "--no-seq")
    acts = [kill_ingest, kill_database, restart_broker, kill_ingest, kill_database]
    done = flood.while_it_runs(acts, 2.0)
    print(f"ingest, database, broker struck {done} times: {flood.figures()}")
    assert done == len(acts), "the replay was over before everything was struck"
    assert flood.figures() == COMPLETE
    assert flood.process.returncode == 0


def test_kill_the_broker_while_the_sender_repeats(
    services_to_kill: Services, environment: dict[str, str], ingest: Ingest, tmp_path: Path
) -> None:
    kill_broker = strike(services_to_kill, "mosquitto", signal.SIGKILL)
    kill_database = strike(services_to_kill, "postgresql", signal.SIGKILL)
    flood = Flood(environment, tmp_path, "--seq")
    acts = [kill_broker, restart(ingest), kill_broker, kill_database, kill_broker]
    done = flood.while_it_runs(acts, 2.0)
    print(f"broker killed: {flood.figures()}; {flood.log.read_text().splitlines()[-2]}")
    assert done == len(acts)
    assert flood.figures() == COMPLETE
    assert flood.process.returncode == 0


def test_without_sequences_the_loss_of_a_killed_broker_is_counted(
    services_to_kill: Services, environment: dict[str, str], ingest: Ingest, tmp_path: Path
) -> None:
    """Ingest is away, so the broker alone holds what it acknowledged; some of it goes with the kill."""
    flood = Flood(environment, tmp_path, "--no-seq", speed=2 * SPEED)
    kill_broker = strike(services_to_kill, "mosquitto", signal.SIGKILL)

    def kill_both() -> None:
        ingest.kill()
        time.sleep(1.0)
        kill_broker()
        ingest.start()

    flood.while_it_runs([kill_both, kill_broker], 2.0)
    counted = flood.figures()
    print(f"broker killed, no seq: {counted}")
    assert counted["doubled"] == counted["different"] == 0
    assert counted["found"] + counted["missing"] == READINGS
    assert flood.process.returncode == (1 if counted["missing"] else 0)


def test_of_two_processes_one_serves_however_often_the_database_goes(
    services_to_kill: Services, environment: dict[str, str], ingest: Ingest, tmp_path: Path
) -> None:
    """Both want the lock when the database is back; they must not evict each other from the broker."""
    second = Ingest(environment, tmp_path / "second.log")
    second.share(ingest)
    second.start()
    until(lambda: "standing by" in second.log.read_text())
    flood = Flood(environment, tmp_path, "--no-seq")
    kill_database = strike(services_to_kill, "postgresql", signal.SIGKILL)
    try:
        assert flood.while_it_runs([kill_database] * 3, 1.5) == 3
        assert flood.figures() == COMPLETE

        def connections() -> int:
            logs = ingest.log.read_text() + second.log.read_text()
            return logs.count('"event": "connected"')

        settled = connections()
        time.sleep(6)
        assert connections() == settled <= 1 + 2 * 3, "at most a handover for each kill"
    finally:
        second.kill()


def test_a_process_that_is_told_to_stop_stops_and_leaves_nothing_undone(
    environment: dict[str, str], ingest: Ingest
) -> None:
    started = time.monotonic()
    assert ingest.stop() == 0
    assert time.monotonic() - started < 5
