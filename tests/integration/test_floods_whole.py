"""Floods that a fault of the gauge could hide, from the broker to the alarm: ingest and alerts as they run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from paho.mqtt.client import Client

from cli.services import Services
from core.judgement_limits import JudgementLimit
from formats.sl651 import Function, Link
from formats.sl651.encode import Group, Station, Value, encode_report
from store.connection import connect
from store.judgement_limits import save_limit
from tests.integration.ingesting import running_ingest, sender, until
from tests.integration.levels import Field

RED = {"near_warning": 3.5, "warning": 4.0, "guarantee": 5.0, "historic_highest": 5.5}
FLAG = tuple[float, int, str]


@pytest.fixture(scope="module")
def county(
    services: Services, database: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Field]:
    """Rivers with limits, one whose gauge ends at 5.5 m, and both roles as processes."""
    with connect(database, name="test-floods", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        for code in ("61000001", "61000002", "TOP1", "GONE1", "GONE2"):
            place.station(code, RED, area="T")
        with connection.transaction():
            save_limit(connection, JudgementLimit("TOP1", "water_level", None, "sensor_top", None, 5.5), "t")
        with running_ingest(environment, tmp_path_factory.mktemp("floods")):
            alerts = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "alerts"], env=environment, stderr=subprocess.DEVNULL
            )
            try:
                yield place
            finally:
                alerts.kill()
                alerts.wait()


@pytest.fixture(scope="module")
def gateway(services: Services, county: Field) -> Iterator[Client]:
    with sender(services) as client:
        yield client


def at(minutes: float) -> datetime:
    """So many minutes before now."""
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes)


def by_json(gateway: Client, station: str, minutes: float, level_m: float) -> None:
    body = {"time": at(minutes).isoformat(), "values": {"water_level": level_m}}
    gateway.publish(f"anlan/obs/{station}", json.dumps(body), qos=1).wait_for_publish(10)


def by_sl651(gateway: Client, station: str, minutes: float, level_m: float) -> None:
    link = Link(f"00{station}")
    group = Group(at(minutes), (Value("39", level_m),))
    frame = encode_report(
        link, Function.ADDED, 1 + int(minutes), at(minutes), (Station(link.address, "H", (group,)),)
    )
    gateway.publish("anlan/sl651/gateway", frame, qos=1).wait_for_publish(10)


def flags(county: Field, station: str) -> list[FLAG]:
    """Value, quality and reason of all levels, in order of time."""
    return county.connection.execute(
        "select value, quality, reason from public_v1.observation"
        " where station = %s and property = 'water_level' order by time",
        (station,),
    ).fetchall()


def say(gateway: Client, county: Field, station: str, levels: Sequence[tuple[float, float]]) -> None:
    """Sends levels at minutes before now, each after the one before was stored and evaluated."""
    for minutes, level in levels:
        count = len(flags(county, station)) + 1
        by_json(gateway, station, minutes, level)
        settled(county, station, count)


def settled(county: Field, station: str, count: int) -> None:
    """Until so many levels are stored and the evaluator has taken the station's marks."""
    waiting = (
        "select 1 from mark join series on series.id = series where station = %s and consumer = 'evaluator'"
    )
    until(lambda: len(flags(county, station)) == count)
    until(lambda: county.connection.execute(waiting, (station,)).fetchone() is None)


@pytest.mark.parametrize(("station", "tell"), [("61000001", by_json), ("61000002", by_sl651)])
def test_three_metres_in_ten_minutes_call_at_once_and_the_next_level_confirms(
    county: Field, gateway: Client, station: str, tell: Callable[[Client, str, float, float], None]
) -> None:
    for count, (minutes, level) in enumerate([(25, 2.5), (20, 2.5), (10, 5.6)], 1):
        tell(gateway, station, minutes, level)
        settled(county, station, count)
    assert flags(county, station)[-1] == (5.6, 3, "rises_fast")
    alarm = county.alarm(station)
    assert (alarm.severity, alarm.state, alarm.to_verify) == ("red", "unacknowledged", True)
    ((severity, text),) = county.orders(station)
    assert severity == "red" and "待核实" in text
    tell(gateway, station, 5, 5.65)
    settled(county, station, 4)
    assert flags(county, station)[-1] == (5.65, 1, "")
    until(lambda: not county.alarm(station).to_verify)
    assert county.alarm(station).severity == "red"


def test_a_gauge_pinned_at_its_top_is_at_least_that_and_stays_red(county: Field, gateway: Client) -> None:
    levels = [(28, 5.0), (24, 5.2), *((minutes, 5.5) for minutes in range(20, 0, -4))]
    say(gateway, county, "TOP1", levels)
    assert flags(county, "TOP1") == [(5.0, 1, ""), (5.2, 1, ""), *[(5.5, 1, "at_least")] * 5]
    alarm = county.alarm("TOP1")
    assert (alarm.severity, alarm.state, alarm.to_verify) == ("red", "unacknowledged", False)


@pytest.mark.parametrize(
    ("station", "after"), [("GONE1", [0.0] * 4), ("GONE2", [1.9, -2.0, 2.1, 0.0])], ids=["dead", "tumbling"]
)
def test_a_gauge_swept_away_takes_its_alarm_not_back(
    county: Field, gateway: Client, station: str, after: list[float]
) -> None:
    rising = [(29, 2.0), (26, 2.6), (23, 3.4), (20, 4.4), (17, 5.6)]
    say(gateway, county, station, rising)
    until(lambda: [alarm.severity for alarm in county.alarms(station)] == ["red"])
    say(gateway, county, station, [(14 - 3 * number, level) for number, level in enumerate(after)])
    assert [quality for _, quality, _ in flags(county, station)[5:]] == [3] * 4
    alarm = county.alarm(station)
    assert (alarm.severity, alarm.state) == ("red", "unacknowledged")
    ((shown, quality),) = county.connection.execute(
        "select latest.value, quality from latest join series on series.id = series where station = %s",
        (station,),
    ).fetchall()
    assert (shown, quality) == (after[-1], 3), "the screens show what the gauge says, in doubt"
