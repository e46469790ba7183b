"""`anlan alerts` as a process: prompt, one at a time, and nothing doubled or lost by kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from alerts.acknowledge import acknowledge
from alerts.alarms import sift as sifting
from alerts.evaluator import Evaluator
from core.clock import system_clock
from core.notices import MARKS
from core.settings import load_settings
from store import marks
from store.connection import connect
from tests.integration.levels import Field, minute

Process = subprocess.Popen[bytes]
Start = Callable[..., Process]


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-evaluator", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


CALL_AT_ONCE = {
    "ANLAN_ALERTS__GROUP_WAIT_S": "0",
    "ANLAN_ALERTS__GROUP_INTERVAL_S": "0",
    "ANLAN_ALERTS__MOST_CALLS": "1000000",
    "ANLAN_ALERTS__FLOOD_ABOVE": "1000000",
}


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Starts evaluators; whatever still runs at the end is killed."""
    running: list[Process] = []

    def launch(*words: str) -> Process:
        argv = [sys.executable, "-m", "cli.main", "alerts", *words]
        running.append(subprocess.Popen(argv, env={**environment, **CALL_AT_ONCE}, stderr=subprocess.DEVNULL))
        return running[-1]

    yield launch
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """What the condition gives as soon as it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def leading(county: Field) -> bool:
    found = county.connection.execute(
        "select 1 from pg_locks where locktype = 'advisory' and granted"
        " and objid = (hashtext('anlan.alerts')::bigint & 4294967295)::oid and database ="
        " (select oid from pg_database where datname = current_database())"
    ).fetchone()
    return found is not None


def announce(county: Field) -> None:
    county.connection.execute("select pg_notify(%s, '')", (MARKS,))


def test_a_reading_becomes_an_alarm_at_once_and_sigterm_ends_quietly(county: Field, start: Start) -> None:
    code = county.station("P1", area="T")
    process = start()
    wait_for(lambda: leading(county))
    time.sleep(0.5)
    county.send(code, [(0, 5.1)])
    began = time.monotonic()
    announce(county)
    wait_for(lambda: county.alarms(code))
    took = time.monotonic() - began
    assert took < 1.0
    assert county.story(code) == ["raised@0 orange called"]
    (beat,) = wait_for(
        lambda: county.connection.execute(
            "select detail from heartbeat where role = 'alerts' and instance = '1'"
        ).fetchall()
    )
    assert beat[0]["leading"] is True
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0


def test_a_stand_by_waits_and_takes_over(county: Field, start: Start) -> None:
    first = start("--instance", "a")
    wait_for(lambda: leading(county))
    start("--instance", "b")
    wait_for(
        lambda: county.connection.execute(
            "select 1 from heartbeat where instance = 'b' and detail ->> 'leading' = 'false'"
        ).fetchone()
    )
    first.kill()
    first.wait()
    code = county.station("P2", area="T")
    county.send(code, [(0, 5.1)])
    announce(county)
    wait_for(lambda: county.alarms(code), 10)


def test_it_comes_back_when_the_database_cuts_it_off(county: Field, start: Start) -> None:
    process = start()
    wait_for(lambda: leading(county))
    county.connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'anlan-alerts'"
    )
    code = county.station("P3", area="T")
    county.send(code, [(0, 5.1)])
    wait_for(lambda: county.alarms(code), 15)
    assert process.poll() is None


def test_a_shelf_ends_by_itself(county: Field, start: Start) -> None:
    code = county.station("P4", area="T")
    county.play(code, [(0, 4.1)])
    county.connection.execute(
        "update alarm set state = 'shelved', shelved_until = now() + interval '1 second',"
        " shelved_severity = 'yellow', shelved_reason = 'test', shelved_by = 'test' where station = %s",
        (code,),
    )
    start()
    wait_for(lambda: county.alarm(code).state == "unacknowledged", 10)
    assert county.story(code)[-1] == "unshelved@0 yellow called"
    assert county.orders(code)[-1][1].startswith("搁置到期")


def test_an_answer_that_crosses_a_worsening_harms_neither(county: Field, start: Start, database: str) -> None:
    """The answer holds its delivery and wants the alarm; the evaluator holds the alarm and wants that."""
    code = county.station("P7", area="T")
    county.play(code, [(0, 4.1)])
    start()
    wait_for(lambda: leading(county))
    with connect(database, name="test-answer") as person:
        person.execute(
            "select 1 from delivery join order_alarm using (order_id) where order_alarm.alarm = %s"
            " for update of delivery",
            (county.alarm(code).id,),
        )
        county.send(code, [(5, 6.2)])
        announce(county)
        wait_for(lambda: _waits_for_a_lock(county))
        acknowledge(person, county.alarm(code).id, actor="王值班", at=minute(6))
        person.commit()
    wait_for(lambda: len(county.events(code)) == 5, 20)
    assert county.story(code) == ["raised@0 yellow called", "acknowledged@0 yellow", "worsened@5 red called"]


def _waits_for_a_lock(county: Field) -> bool:
    found = county.connection.execute(
        "select 1 from pg_stat_activity where application_name = 'anlan-alerts' and wait_event_type = 'Lock'"
        " and datname = current_database()"
    ).fetchone()
    return found is not None


def test_the_check_names_what_is_not_judged(county: Field, environment: dict[str, str]) -> None:
    county.station("Q1", {})
    county.station("Q2", {"warning": 4.0})
    argv = [sys.executable, "-m", "cli.main", "alerts", "--check"]

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30, check=False)

    fine = check()
    assert fine.returncode == 0 and "未设 no limits: Q1" in fine.stdout and "Q2" not in fine.stdout
    county.connection.execute("update threshold set datum = '吴淞' where station = 'Q2'")
    wrong = check()
    assert wrong.returncode == 1 and "refused: Q2" in wrong.stdout and "吴淞" in wrong.stdout


def test_only_one_alarm_can_be_open_for_a_subject(county: Field) -> None:
    code = county.station("P5", area="T")
    county.play(code, [(0, 4.1)])
    with pytest.raises(psycopg.errors.UniqueViolation):
        county.connection.execute(
            "insert into alarm (class, subject_kind, subject, station, rule, rule_version, state, raised_at)"
            " values ('water', 'station', %s, %s, 'river_level', 1, 'unacknowledged', now())",
            (code, code),
        )


def test_times_are_kept_in_utc(county: Field) -> None:
    code = county.station("P6", area="T")
    county.play(code, [(0, 4.1)])
    raised: datetime = county.alarm(code).raised_at
    assert raised == minute(0) and raised.utcoffset() is not None


def test_what_stands_beside_the_water_never_stops_it(
    county: Field, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> int:
        raise ValueError("a fault of our own")

    monkeypatch.setattr("alerts.turns.tend", broken)
    for name, value in {**environment, **CALL_AT_ONCE}.items():
        monkeypatch.setenv(name, value)
    with leads("guarded"):
        wait_for(lambda: leading(county))
        code = county.station("G1", area="T")
        at = (datetime.now(UTC) - minute(0)).total_seconds() / 60
        county.send(code, [(at, 6.2)])
        announce(county)
        wait_for(lambda: county.alarms(code))
        county.send(code, [(at + 0.1, 6.3)])
        announce(county)
        failed = wait_for(
            lambda: county.connection.execute(
                "select detail ->> 'failed' from heartbeat where instance = 'guarded'"
                " and (detail ->> 'failed')::integer > 0"
            ).fetchone()
        )
    assert failed


def test_a_reading_that_nobody_thought_of_stops_no_other_and_is_tried_again(
    county: Field, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = county.station("H0", area="T")
    others = [county.station(f"H{number}", area="T") for number in range(1, 6)]
    plain = sifting.sift

    def sift(rows: Any, strands: Any, zone: Any) -> Any:
        if any(row[2] == 6.66 for row in rows):
            raise ZeroDivisionError("a fault of our own")
        return plain(rows, strands, zone)

    monkeypatch.setattr("alerts.alarms.batch.sift", sift)
    for name, value in {**environment, **CALL_AT_ONCE}.items():
        monkeypatch.setenv(name, value)
    at = (datetime.now(UTC) - minute(0)).total_seconds() / 60
    for code, level in ((others[0], 6.2), (poison, 6.66), *((code, 6.2) for code in others[1:])):
        county.send(code, [(at, level)])
    with leads("poisoned"):
        wait_for(lambda: all(county.alarms(code) for code in others))
        wait_for(lambda: marks.aside(county.connection).get(marks.EVALUATOR))
    assert not county.alarms(poison)
    count, reason = marks.aside(county.connection)[marks.EVALUATOR]
    assert (count, reason) == (1, "ZeroDivisionError: a fault of our own")
    monkeypatch.setattr("alerts.alarms.batch.sift", plain)
    with leads("mended"):
        wait_for(lambda: county.alarms(poison))
    assert not marks.aside(county.connection)


@contextmanager
def leads(instance: str) -> Iterator[None]:
    """An evaluator in this process."""
    evaluator = Evaluator(load_settings(), system_clock, instance=instance)
    thread = threading.Thread(target=evaluator.run)
    thread.start()
    try:
        yield
    finally:
        evaluator.stop()
        thread.join(20)
        assert not thread.is_alive()
