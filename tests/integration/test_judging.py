"""Judgement through the whole way: broker, ingest, store, evaluator. It hides no flood and is not fooled."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from psycopg import Connection

from cli.services import Services
from core.judgement_limits import JudgementLimit
from core.settings import Ingest as Settings
from core.severity import Severity
from ingest.counts import Counts
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.retry import retry
from ingest.understood import Keeping, Limits
from ingest.worker import Worker
from ingest.writing import write
from store import marks
from store.connection import connect
from store.judgement_limits import save_limit
from store.quarantine import open_numbers
from tests.integration.ingesting import running_ingest, seed, sender, until
from tests.integration.levels import Field

LIMITS = Limits.of(Settings())
KEEPING = Keeping.of(Settings())
RED = {"near_warning": 3.5, "warning": 4.0, "guarantee": 5.0, "historic_highest": 5.5}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def field(database: str) -> Iterator[Field]:
    with connect(database, name="test-judging", autocommit=True) as connection:
        made = Field(connection)
        made.county()
        yield made


class Centre:
    """Ingest's own way in, batch by batch, with a memory that goes on."""

    def __init__(self, connection: Connection[Any], station: str) -> None:
        self.connection, self.station = connection, station
        self.directory = Directory()

    def send(
        self, readings: Sequence[tuple[datetime, float | None]], property: str = "water_level", **also: object
    ) -> None:
        """One message with these readings."""
        items = [{"time": time.isoformat(), "values": {property: value}, **also} for time, value in readings]
        message = Inbound(f"anlan/obs/{self.station}", json.dumps(items).encode(), now())
        with self.connection.transaction():
            write(self.connection, [message], self.directory, LIMITS, keeping=KEEPING)

    def flags(self, property: str = "water_level") -> list[tuple[float | None, int, str]]:
        """Value, quality and reason of every observation, in order of time."""
        return self.connection.execute(
            "select value, quality, reason from public_v1.observation"
            " where station = %s and property = %s order by time",
            (self.station, property),
        ).fetchall()

    def reasons(self, property: str = "water_level") -> list[str]:
        return [reason for _, _, reason in self.flags(property)]


def at(minute: float) -> datetime:
    """Minutes from an hour ago."""
    return START + timedelta(minutes=minute)


START = now() - timedelta(hours=1)


def each(values: Sequence[float | None], minutes: float = 5) -> list[tuple[datetime, float | None]]:
    return [(at(number * minutes), value) for number, value in enumerate(values)]


def evaluated(field: Field, station: str) -> tuple[str | None, str, bool]:
    """State of the station's only alarm: severity, state, to verify."""
    field.evaluate(0)
    alarm = field.alarm(station)
    return alarm.severity, alarm.state, alarm.to_verify


def test_three_metres_in_ten_minutes_raise_at_once_and_the_next_reading_confirms(field: Field) -> None:
    centre = Centre(field.connection, field.station("W1", RED))
    centre.send(each([2.5, 2.5]))
    centre.send([(at(15), 5.6)])
    assert centre.reasons()[-1] == "rises_fast"
    severity, state, to_verify = evaluated(field, "W1")
    assert (severity, state, to_verify) == (Severity.RED, "unacknowledged", True)
    centre.send([(at(20), 5.65)])
    assert centre.flags()[-1][1:] == (1, "")
    assert evaluated(field, "W1") == (Severity.RED, "unacknowledged", False)


def test_a_gauge_pinned_at_its_top_stays_usable_and_red(field: Field) -> None:
    centre = Centre(field.connection, field.station("W2", RED))
    with field.connection.transaction():
        save_limit(field.connection, JudgementLimit("W2", "water_level", None, "sensor_top", None, 5.5), "t")
    centre.send(each([5.0, 5.2, 5.5, *[5.5] * 7]))
    assert centre.reasons() == ["", "", *["at_least"] * 8]
    assert {quality for _, quality, _ in centre.flags()} == {1}
    assert evaluated(field, "W2") == (Severity.RED, "unacknowledged", False)


@pytest.mark.parametrize(("station", "after"), [("W3", [0.0] * 8), ("W4", [1.9, -2.0, 0.4, 2.1, 1.8, 0.0])])
def test_a_gauge_that_is_swept_away_does_not_turn_its_alarm_green(
    field: Field, station: str, after: list[float]
) -> None:
    centre = Centre(field.connection, field.station(station, RED))
    for reading in each([2.0, 3.2, 4.6, 5.7]):
        centre.send([reading])
    assert evaluated(field, station)[0] == Severity.RED
    for number, value in enumerate(after):
        centre.directory.forget()
        centre.send([(at(20 + 5 * number), value)])
    assert {quality for _, quality, _ in centre.flags()[4:]} == {3}
    severity, state, _ = evaluated(field, station)
    assert (severity, state) == (Severity.RED, "unacknowledged")
    (usable,) = field.connection.execute(
        "select usable_value from latest join series on series.id = series where station = %s", (station,)
    ).fetchall()
    assert usable[0] == 2.0


def test_a_spike_is_flagged_when_the_next_reading_comes_and_leaves_marks(field: Field) -> None:
    centre = Centre(field.connection, field.station("W5", {"warning": 4.0}))
    with field.connection.transaction():
        save_limit(field.connection, JudgementLimit("W5", "water_level", 1, "rise_per_h", None, None), "t")
        save_limit(field.connection, JudgementLimit("W5", "water_level", 1, "fall_per_h", None, None), "t")
    centre.send(each([2.0, 2.0]))
    centre.send([(at(10), 4.5)])
    assert centre.flags()[-1] == (4.5, 1, "")
    field.connection.execute("delete from mark")
    centre.send([(at(15), 2.0)])
    assert centre.flags()[-2:] == [(4.5, 3, "spike"), (2.0, 1, "")]
    for consumer in marks.CONSUMERS:
        (range_,) = field.connection.execute(
            "select from_time, to_time from mark where consumer = %s", (consumer,)
        ).fetchall()
        assert range_ == (at(10), at(15))
    revisions = field.connection.execute(
        "select count(*) from observation_revision join series on series.id = series where station = 'W5'"
    ).fetchone()
    assert revisions == (0,)


def test_what_a_person_confirmed_is_not_doubted_by_a_machine(field: Field) -> None:
    centre = Centre(field.connection, field.station("W6", {"warning": 4.0}))
    centre.send(each([2.0, 2.0, 4.5]))
    field.connection.execute(
        "update observation set by_user = 'duty', quality = 1, reason = '' from series"
        " where series.id = series and station = 'W6' and value = 4.5"
    )
    centre.send([(at(15), 2.0)])
    assert (4.5, 1, "") in centre.flags()


def test_a_value_that_a_person_confirms_is_what_the_next_is_compared_with(field: Field) -> None:
    centre = Centre(field.connection, field.station("W18", RED))
    centre.send(each([5.6, 5.6, 2.0, 2.0]))
    assert centre.reasons() == ["", "", "falls_fast", "falls_fast"]
    field.connection.execute(
        "update observation set by_user = 'duty', quality = 1, reason = '' from series"
        " where series.id = series and station = 'W18' and time = %s",
        (at(15),),
    )
    centre.directory.forget()
    centre.send([(at(20), 1.98)])
    assert centre.flags()[-1] == (1.98, 1, "")


@pytest.mark.parametrize("how", ["one message", "one by one", "newest first", "two at a time", "forgetful"])
def test_a_pack_is_judged_as_if_its_readings_had_come_one_by_one(field: Field, how: str) -> None:
    values = [2.0, 2.1, 5.0, 2.1, 2.1, 2.8, 4.0, 5.5, 5.6, 1.0, 1.0, None, 5.4]
    centre = Centre(field.connection, field.station(f"P-{how.replace(' ', '-')}", RED))
    readings = each(values)
    if how == "newest first":
        readings.reverse()
    size = {"one message": 99, "newest first": 99, "two at a time": 2}.get(how, 1)
    for begin in range(0, len(readings), size):
        if how == "forgetful":
            centre.directory.forget()
        centre.send(readings[begin : begin + size])
    assert centre.reasons() == [
        "", "", "rises_fast,spike", "", "", "rises_fast", "rises_on", "rises_on", "", "falls_fast",
        "falls_fast", "missing", "",
    ]  # fmt: skip


def test_late_readings_are_judged_among_their_own_neighbours_and_told_as_late(field: Field) -> None:
    centre = Centre(field.connection, field.station("W7", RED))
    centre.send(each([2.0, 2.0, 2.0, 2.0], minutes=10))
    centre.send([(at(5), 2.1), (at(15), 4.5)])
    assert centre.flags() == [
        (2.0, 1, ""), (2.1, 1, "out_of_order"), (2.0, 1, ""), (4.5, 3, "rises_fast,out_of_order,spike"),
        (2.0, 1, ""), (2.0, 1, ""),
    ]  # fmt: skip
    centre.send([(at(35), 2.05)])
    assert centre.flags()[-1] == (2.05, 1, "")


def test_the_same_again_changes_no_flag_and_a_revision_is_judged_where_it_stands(field: Field) -> None:
    centre = Centre(field.connection, field.station("W8", RED))
    centre.send(each([2.0, 2.1, 5.0]))
    before = centre.flags()
    centre.send(each([2.0, 2.1, 5.0]))
    centre.directory.forget()
    centre.send([(at(10), 5.0)])
    assert centre.flags() == before
    centre.send([(at(10), 2.2)])
    assert centre.flags()[-1] == (2.2, 1, "")


def test_two_receivers_that_see_every_second_reading_judge_as_one(field: Field) -> None:
    one = Centre(field.connection, field.station("W9", RED))
    other = Centre(field.connection, "W9")
    for number, reading in enumerate(each([2.0, 2.1, 2.2, 5.5, 5.6, 5.6, 1.0, 1.1])):
        (one if number % 2 else other).send([reading])
    assert one.reasons() == ["", "", "", "rises_fast", "", "", "falls_fast", "falls_fast"]


def test_two_sensors_of_a_station_are_compared_with_each_other(field: Field) -> None:
    station = field.station("W10", {"warning": 4.0})
    centre = Centre(field.connection, station)
    field.connection.execute(
        "insert into series (station, property, sensor) values (%s, 'water_level', 2)", (station,)
    )
    series = field.connection.execute(
        "select id from series where station = %s and sensor = 2", (station,)
    ).fetchall()[0][0]
    field.connection.execute(
        "insert into observation (series, time, value, quality, received_at, source)"
        " values (%s, %s, 2.05, 1, now(), 'test'), (%s, %s, 3.5, 1, now(), 'test')",
        (series, at(0), series, at(29)),
    )
    centre.send([(at(1), 2.0)])
    centre.send([(at(30), 2.0)])
    assert [flag for flag in centre.flags() if flag[0] == 2.0] == [
        (2.0, 1, ""),
        (2.0, 3, "neighbour_differs"),
    ]


def test_a_dry_probe_and_one_without_power(field: Field) -> None:
    for station, volts, expected in (("W11", 12.6, "dry_probe"), ("W12", 9.8, "stuck")):
        centre = Centre(field.connection, field.station(station, RED))
        start = now() - timedelta(hours=4)
        centre.send([(now() - timedelta(minutes=5), volts)], "battery_voltage")
        centre.send([(start + timedelta(minutes=10 * n), 0.0) for n in range(10)])
        centre.directory.forget()
        centre.send([(start + timedelta(minutes=10 * n), 0.0) for n in range(10, 20)])
        found = centre.reasons()
        assert found[:12] == [""] * 12
        assert set(found[12:]) == {expected}


def test_a_counter_that_begins_anew(field: Field) -> None:
    centre = Centre(field.connection, field.station("W13", {}))
    centre.send(each([1239.0, 1239.5, 0.0, 0.5]), "rainfall_cumulative")
    assert centre.flags("rainfall_cumulative") == [
        (1239.0, 1, ""), (1239.5, 1, ""), (0.0, 3, "counter_reset"), (0.5, 1, ""),
    ]  # fmt: skip


def test_a_wrong_clock_and_a_time_ahead_are_told(field: Field) -> None:
    station = field.station("W14", RED)
    centre = Centre(field.connection, station)
    centre.send([(now() + timedelta(seconds=400), 2.0)])
    assert centre.flags() == [(2.0, 3, "time_ahead")]
    field.connection.execute(
        "insert into station_clock (station, error_s, measured_at) values (%s, -900, now())", (station,)
    )
    centre.directory.forget()
    centre.send([(now() + timedelta(seconds=410), 2.0)])
    assert centre.flags()[-1] == (2.0, 3, "time_ahead,clock_wrong")


def test_limits_that_are_set_are_followed_and_an_impossible_value_is_told(field: Field) -> None:
    centre = Centre(field.connection, field.station("W15", RED))
    with field.connection.transaction():
        save_limit(field.connection, JudgementLimit("W15", "water_level", None, "high", None, 3.0), "t")
    centre.send(each([2.9, 3.1, 1e9, 3.2]))
    assert centre.reasons() == ["", "above_limit", "above_range", "above_limit"]
    kept = field.connection.execute("select reason from quarantine where topic = 'anlan/obs/W15'").fetchall()
    assert kept == [("above_range",)]


def test_a_retry_judges_too(field: Field) -> None:
    items = [{"time": time.isoformat(), "values": {"water_level": v}} for time, v in each([2.0, 5.0])]
    message = Inbound("anlan/obs/W16", json.dumps(items).encode(), now())
    with field.connection.transaction():
        write(field.connection, [message], Directory(), LIMITS, keeping=KEEPING)
    centre = Centre(field.connection, field.station("W16", RED))
    retry(field.connection, Settings(), now, open_numbers(field.connection))
    assert centre.flags() == [(2.0, 1, ""), (5.0, 3, "rises_fast")]


def test_a_batch_that_fails_leaves_nothing_in_the_memory(field: Field) -> None:
    """A value that was rolled back would be compared with, and the true one called too fast."""
    station = field.station("W17", RED)
    settings = Settings()
    acknowledged: list[Inbound] = []
    worker = Worker(
        settings, Counts(), now, threading.Event(), acknowledged.extend, lambda topic, payload: None
    )

    def message(minute: float, value: float) -> Inbound:
        payload = {"time": at(minute).isoformat(), "values": {"water_level": value}}
        return Inbound(f"anlan/obs/{station}", json.dumps(payload).encode(), now())

    worker.process(field.connection, [message(0, 2.0), message(5, 2.0)])
    field.connection.execute(
        "create function refuse() returns trigger language plpgsql as"
        " $$ begin raise exception 'no' using errcode = '23514'; end $$;"
        " create trigger refuse before insert on observation for each row"
        " when (new.value = 3.3) execute function refuse()"
    )
    try:
        worker.process(field.connection, [message(10, 2.4), message(15, 3.3)])
    finally:
        field.connection.execute("drop trigger refuse on observation; drop function refuse")
    worker.process(field.connection, [message(15, 2.8)])
    assert Centre(field.connection, station).flags() == [
        (2.0, 1, ""), (2.0, 1, ""), (2.4, 1, ""), (2.8, 1, ""),
    ]  # fmt: skip


def test_through_the_broker(
    services: Services, database: str, environment: dict[str, str], tmp_path: Path
) -> None:
    seed(database)
    with (
        running_ingest(environment, tmp_path),
        sender(services) as client,
        connect(database, name="test-view", autocommit=True) as view,
    ):
        _play(client, "RIVER1", [2.0, 2.0, 5.2, 2.0, 2.1])
        centre = Centre(view, "RIVER1")
        until(lambda: len(centre.flags()) == 5)
        assert centre.reasons() == ["", "", "rises_fast,spike", "", ""]


def _play(client: Client, station: str, values: Sequence[float]) -> None:
    for time, value in each(values):
        payload = json.dumps({"time": time.isoformat(), "values": {"water_level": value}})
        client.publish(f"anlan/obs/{station}", payload, qos=1).wait_for_publish(5)
