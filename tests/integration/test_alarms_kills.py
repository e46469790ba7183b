"""Whoever leads the evaluators is killed at random moments of a storm, and a stand-by takes over.

The alarms' histories are those of an undisturbed run, line by line.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from core.notices import MARKS
from store.connection import connect
from store.exercises import start_exercise
from tests.integration.ingesting import number, until
from tests.integration.levels import Field

TAKES_OVER_S = 5.0
STATIONS = [f"K{n}" for n in range(8)]
Row = list[tuple[str, float]]
_CONNECTED = """
select count(*) from pg_stat_activity where datname = current_database() and application_name = 'anlan-alerts'
"""


@dataclass
class Evaluators:
    """`anlan alerts` as processes: one leads, one stands by."""

    environment: dict[str, str]
    folder: Path
    running: dict[Path, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: int = 0

    def start(self) -> None:
        """One more; returns at once."""
        self.started += 1
        log = self.folder / f"alerts-{self.started}.log"
        with log.open("wb") as out:
            self.running[log] = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "alerts", "--instance", str(self.started)],
                env=self.environment,
                stdout=out,
                stderr=out,
            )

    def leader(self) -> Path | None:
        """The log of who leads."""
        return next((log for log in self.running if "alerts.leading" in log.read_text()), None)

    def led(self) -> bool:
        """Whether one of them leads."""
        return self.leader() is not None

    def kill(self, log: Path) -> None:
        """kill -9."""
        process = self.running.pop(log)
        process.kill()
        process.wait()

    def close(self) -> None:
        """Kills all."""
        for log in list(self.running):
            self.kill(log)


@pytest.fixture
def evaluators(environment: dict[str, str], tmp_path: Path) -> Iterator[Evaluators]:
    with closing(Evaluators(environment, tmp_path)) as found:
        yield found


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-kills", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        for code in STATIONS:
            place.station(code, area="T")
        connection.execute("update threshold set on_delay_s = 0, off_delay_s = 0")
        for exercise in ("storm", "calm"):
            start_exercise(connection, exercise, exercise, None, "test")
        yield place


class Storm:
    """Levels of all stations, ten times a second, five minutes apart, until it is ended; `rows` are what it sent."""

    def __init__(self, database: str) -> None:
        self.rows: list[Row] = []
        self._database = database
        self._ending = Event()
        self._thread = Thread(target=self._blow)

    def __enter__(self) -> Storm:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _blow(self) -> None:
        chance = random.Random(11)
        with connect(self._database, name="test-storm", autocommit=True) as connection:
            gauges = Field(connection)
            while not self._ending.is_set():
                row = [(code, round(chance.uniform(3.0, 6.4), 2)) for code in STATIONS]
                send(gauges, row, len(self.rows), "storm")
                connection.execute("select pg_notify(%s, '')", (MARKS,))
                self.rows.append(row)
                time.sleep(0.08)


def send(county: Field, row: Row, turn: int, exercise: str) -> None:
    for code, value in row:
        county.send(code, [(5 * turn, value)], exercise=exercise)


def history(county: Field, exercise: str) -> list[tuple[Any, ...]]:
    """Everything that an alarm's history tells of what was measured, but when it was written down."""
    return county.connection.execute(
        "select alarm.station, kind, alarm_event.state, alarm_event.severity, alarm_event.value,"
        " alarm_event.threshold, alarm_event.observed_at, late"
        " from alarm_event join alarm on alarm.id = alarm_event.alarm where exercise = %s"
        " and alarm.class <> 'equipment' and alarm_event.kind not in ('called', 'uncalled')"
        " order by alarm.station, alarm_event.id",
        (exercise,),
    ).fetchall()


@pytest.mark.timeout(900)
def test_a_storm_with_kills_tells_what_an_undisturbed_one_tells(
    county: Field, evaluators: Evaluators, database: str, full: bool
) -> None:
    kills = 100 if full else 10
    chance = random.Random(7)
    took: list[float] = []
    evaluators.start()
    until(evaluators.led)
    with Storm(database) as storm:
        for _ in range(kills):
            evaluators.start()
            until(lambda: number(county.connection, _CONNECTED) == 2)
            time.sleep(chance.uniform(0.0, 0.6))
            leader = evaluators.leader()
            assert leader is not None
            evaluators.kill(leader)
            killed = time.monotonic()
            until(evaluators.led)
            took.append(time.monotonic() - killed)
    until(
        lambda: number(county.connection, "select count(*) from mark where consumer = 'evaluator'") == 0, 60
    )
    print(f"{kills} kills, {len(storm.rows)} turns, taken over within {max(took):.1f} s")
    assert max(took) <= TAKES_OVER_S
    evaluators.close()

    for turn, row in enumerate(storm.rows):
        send(county, row, turn, "calm")
        if turn % 20 == 0:
            county.evaluate(5 * turn)
    county.evaluate(5 * len(storm.rows))
    assert history(county, "storm") == history(county, "calm")
    assert len(history(county, "storm")) > 20 * kills
    assert number(county.connection, "select count(*) from mark_fault") == 0
    notices, told = county.connection.execute(
        "select count(distinct orders.id), count(distinct alarm_event.detail ->> 'order') from orders left join alarm_event"
        " on (alarm_event.detail ->> 'order')::bigint = orders.id where orders.exercise = 'storm'"
    ).fetchone() or (0, 0)
    assert notices == told > 0, "each notice stands in the history of an alarm"
