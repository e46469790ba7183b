"""`anlan derive` as a process: one leads, another stands by, and nothing stops it for good."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from pydantic import SecretStr

from core.settings import Settings
from ingest.derive.consumers import Consumer, MarkConsumer
from ingest.derive.process import Deriver
from store import marks
from tests.integration.ingesting import number, seed, until
from tests.integration.rolling import START, held, make_series, reading, write

Process = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection[Any]]:
    seed(database)
    with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as opened:
        yield opened


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts the role; whatever still runs at the end is killed."""
    running: list[Process] = []

    def launch(*words: str) -> Process:
        with (tmp_path / "derive.log").open("ab") as log:
            argv = [sys.executable, "-m", "cli.main", "derive", *words]
            running.append(subprocess.Popen(argv, env=environment, stderr=log))
        return running[-1]

    yield launch
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def rolled(connection: Connection[Any], series: int, value: float) -> Callable[[], bool]:
    """Whether the hour of START holds this highest value of the series."""

    def holds() -> bool:
        bucket = held(connection, "rollup_hour").get((series, START))
        return bucket is not None and bucket.high == value

    return holds


def beat(connection: Connection[Any], instance: str) -> dict[str, Any]:
    found = connection.execute(
        "select detail from heartbeat where role = 'derive' and instance = %s", (instance,)
    ).fetchone()
    return dict(found[0]) if found else {}


def test_it_rolls_up_what_is_written_tells_its_lag_and_ends_when_told(
    connection: Connection[Any], start: Callable[..., Process]
) -> None:
    levels, _ = make_series(connection)
    with connection.transaction():
        write(connection, [reading(levels[0], START, 3.0)])
    process = start()
    until(rolled(connection, levels[0], 3.0))
    with connection.transaction():
        write(connection, [reading(levels[0], START, 4.0)])
    until(rolled(connection, levels[0], 4.0), 4)

    until(lambda: beat(connection, "1").get("rollup_done", 0) >= 1, 10)
    assert beat(connection, "1")["leading"] is True
    assert {"rollup_waiting", "rollup_lag_s", "rollup_failures"} <= beat(connection, "1").keys()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0


def test_a_stand_by_takes_over_from_a_killed_leader(
    connection: Connection[Any], start: Callable[..., Process]
) -> None:
    levels, _ = make_series(connection)
    first = start("--instance", "a")
    until(lambda: beat(connection, "a").get("leading") is True)
    start("--instance", "b")
    until(lambda: beat(connection, "b").get("leading") is False)
    first.kill()
    first.wait()
    with connection.transaction():
        write(connection, [reading(levels[1], START, 5.0)])

    until(rolled(connection, levels[1], 5.0), 10)


def test_it_comes_back_when_the_database_cuts_it_off(
    connection: Connection[Any], start: Callable[..., Process]
) -> None:
    levels, _ = make_series(connection)
    process = start("--instance", "c")
    until(lambda: beat(connection, "c").get("leading") is True)
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'anlan-derive-c'"
    )
    with connection.transaction():
        write(connection, [reading(levels[2], START, 6.0)])

    until(rolled(connection, levels[2], 6.0), 10)
    assert process.poll() is None


def test_one_mark_that_fails_is_set_aside_and_all_others_are_worked_on(
    database: str, connection: Connection[Any]
) -> None:
    poison, done = {31}, set()
    with connection.transaction():
        marks.add(connection, "test", [marks.Mark(number, START, START) for number in range(50)])

    def step(own: Connection[Any], settings: Settings, now: datetime, most: int) -> int:
        taken = [mark.series for mark in marks.take(own, "test", most)]
        if poison.intersection(taken):
            raise ValueError("a reading that nobody thought of")
        done.update(taken)
        return len(taken)

    def running(instance: str) -> tuple[threading.Thread, threading.Event]:
        stopping = threading.Event()
        deriver = Deriver(
            Settings(database_url=SecretStr(database)),
            stopping,
            instance=instance,
            consumers=[MarkConsumer("test", step, 100)],
        )
        thread = threading.Thread(target=deriver.run)
        thread.start()
        return thread, stopping

    def waiting() -> int:
        return marks.waiting(connection, "test") + marks.aside(connection).get("test", (0, ""))[0]

    thread, stopping = running("p")
    until(lambda: len(done) == 49 and "test" in marks.aside(connection), 10)
    assert marks.aside(connection)["test"] == (1, "ValueError: a reading that nobody thought of")
    stopping.set()
    thread.join(5)
    assert waiting() == 1, "nothing is lost"

    poison.clear()
    thread, stopping = running("q")
    until(lambda: 31 in done, 10)
    stopping.set()
    thread.join(5)
    assert waiting() == 0, "who begins to lead tries it again"


def test_a_failing_consumer_rests_and_the_others_go_on(database: str, connection: Connection[Any]) -> None:
    with connection.transaction():
        marks.add(connection, "test", [marks.Mark(1, START, START)])
    stopping, turns = threading.Event(), {"bad": 0, "good": 0}

    def bad(own: Connection[Any], settings: Settings, now: datetime) -> int:
        turns["bad"] += 1
        assert marks.take(own, "test")
        raise ValueError("a reading that nobody thought of")

    def good(own: Connection[Any], settings: Settings, now: datetime) -> int:
        turns["good"] += 1
        time.sleep(0.01)
        return 1

    deriver = Deriver(
        Settings(database_url=SecretStr(database)),
        stopping,
        instance="d",
        consumers=[Consumer("bad", bad), Consumer("good", good)],
    )
    thread = threading.Thread(target=deriver.run)
    thread.start()
    until(lambda: turns["bad"] == 2 and turns["good"] > 50, 10)
    stopping.set()
    thread.join(5)

    assert not thread.is_alive()
    assert number(connection, "select count(*) from mark where consumer = 'test'") == 1, "it is tried again"
    assert beat(connection, "d")["bad_failures"] >= 1
