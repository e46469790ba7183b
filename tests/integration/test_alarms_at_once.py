"""Fifty processes send the same crossing at the same moment: one alarm, one notice."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cli.services import Services
from formats.observations import encode
from store.connection import connect
from tests.integration.ingesting import number, running_ingest, until
from tests.integration.levels import Field

PROCESSES = 50
_EACH = """
import os, sys, time
from bench.wire import Publisher
url, topic, moment, *payloads = *sys.argv[1:3], float(sys.argv[3]), *sys.argv[4:]
children = []
for number, payload in enumerate(payloads):
    if (child := os.fork()) == 0:
        with Publisher(url, f"crowd-{number}") as publisher:
            time.sleep(max(0.0, moment - time.time()))
            publisher.publish([(topic, payload.encode())])
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""
"""Forks before it connects: fifty interpreters would take their time one after the other."""


@pytest.fixture(scope="module")
def county(
    database: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Field]:
    """Ingest, and two evaluators of which one leads."""
    with connect(database, name="test-at-once", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        with running_ingest(environment, tmp_path_factory.mktemp("at-once")):
            evaluators = [
                subprocess.Popen(
                    [sys.executable, "-m", "cli.main", "alerts", "--instance", name],
                    env=environment,
                    stderr=subprocess.DEVNULL,
                )
                for name in ("a", "b")
            ]
            try:
                yield place
            finally:
                for process in evaluators:
                    process.kill()
                    process.wait()


@pytest.mark.parametrize(
    ("code", "apart_ms"), [("CROWD1", 0), ("CROWD2", 1)], ids=["one reading", "one each"]
)
def test_fifty_processes_make_one_alarm(county: Field, services: Services, code: str, apart_ms: int) -> None:
    county.station(code, area="T")
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    times = [now + n * timedelta(milliseconds=apart_ms) for n in range(PROCESSES)]
    payloads = [encode(at, {"water_level": 6.2}).decode() for at in times]
    words = [services.broker.url("gateway"), f"anlan/obs/{code}", str(time.time() + 1.5), *payloads]
    assert subprocess.run([sys.executable, "-c", _EACH, *words], timeout=30, check=False).returncode == 0
    until(lambda: number(county.connection, _MESSAGES, code) == PROCESSES)
    until(lambda: number(county.connection, _WAITING) == 0)
    assert number(county.connection, _READINGS, code) == len(set(times))
    ((severity, value, observed_at),) = [
        (alarm.severity, alarm.value, alarm.observed_at) for alarm in county.alarms(code)
    ]
    assert (severity, value) == ("red", 6.2) and observed_at in times
    assert [str(event.kind) for event in county.events(code)].count("raised") == 1
    assert len(county.orders(code)) == 1


_MESSAGES = "select count(*) from raw_message where station = %s"
_WAITING = "select count(*) from mark where consumer = 'evaluator'"
_READINGS = "select count(*) from public_v1.observation where station = %s"
