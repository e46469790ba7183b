"""From the last message over MQTT to the alarm of silence: found within five seconds of its limit, and returned."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client
from psycopg import Connection
from psycopg.types.json import Jsonb

from formats.observations import encode
from tests.integration.ingesting import Ingest, running_ingest, seed, until

LIMIT_S = 6.0
FOUND_S = 5.0
VALUE = "RIVER1/water_level/1/0"


@pytest.fixture(scope="module")
def ingest(
    database: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    with psycopg.connect(database) as connection:
        connection.execute("update station set period_s = 1")
        connection.execute(
            "update rule set terms = terms || %s where kind = 'silence'",
            (Jsonb({"missed": 3, "least_s": LIMIT_S}),),
        )
    with running_ingest(environment, tmp_path_factory.mktemp("ingest")) as running:
        yield running


@pytest.fixture
def evaluator(environment: dict[str, str]) -> Iterator[None]:
    """`anlan alerts` as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "alerts"], env=environment, stderr=subprocess.DEVNULL
    )
    yield
    process.terminate()
    process.wait(15)


def test_a_series_that_falls_silent_is_found_within_five_seconds_and_returns(
    gateway: Client, evaluator: None, view: Connection[Any]
) -> None:
    def speak(*properties: str) -> None:
        values = dict.fromkeys(properties, 3.2)
        gateway.publish("anlan/obs/RIVER1", encode(datetime.now(UTC), values), 1).wait_for_publish(5)

    def alarm() -> tuple[Any, ...] | None:
        return view.execute(
            "select alarm.state, alarm.raised_at, alarm.observed_at, alarm.rule from alarm where subject = %s",
            (VALUE,),
        ).fetchone()

    speak("water_level", "air_temperature")
    until(lambda: view.execute("select from latest").rowcount == 2)
    last = view.execute(
        "select latest.received_at from latest join series on series.id = series where property = 'water_level'"
    ).fetchone()
    assert last is not None
    began = time.monotonic()
    while alarm() is None and time.monotonic() - began < LIMIT_S + 3 * FOUND_S:
        speak("air_temperature")
        time.sleep(0.5)
    found = alarm()
    assert found is not None
    state, raised_at, observed_at, rule = found
    took = (raised_at - last[0]).total_seconds() - LIMIT_S
    print(f"silence found {took:.1f} s after its limit")
    assert (state, observed_at, rule) == ("unacknowledged", last[0], "silence_value")
    assert 0 <= took <= FOUND_S
    for _ in range(3):
        speak("water_level", "air_temperature")
        time.sleep(1)
    until(lambda: (alarm() or ("",))[0] == "returned_unacknowledged")
    others = view.execute("select subject from alarm where rule like 'silence%%' and subject <> %s", (VALUE,))
    assert others.fetchall() == []
