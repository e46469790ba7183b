"""What an outage held back arrives whole, and what is new does not wait behind it."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client
from PIL import Image

from cli.services import Services
from core.broker_session import session_name
from formats.observations import encode
from tests.integration import preload
from tests.integration.ingesting import Ingest, number, running_ingest, sender, until
from tests.integration.levels import Field

Connection = psycopg.Connection[Any]
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def view(another_database: str) -> Iterator[Connection]:
    with psycopg.connect(another_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def away(environment: dict[str, str], another_database: str, tmp_path: Path) -> Iterator[Ingest]:
    """An ingest that has been here and is not now: the broker keeps its session."""
    here = {**environment, "ANLAN_DATABASE_URL": another_database}
    with running_ingest(here, tmp_path, session_expiry_s=300) as ingest:
        assert ingest.stop() == 0
        yield ingest


@pytest.fixture
def gateway(services: Services) -> Iterator[Client]:
    with sender(services) as client:
        yield client


def sessions(view: Connection) -> list[tuple[Any, ...]]:
    return view.execute("select number, closed_at is null from ingest_session order by number").fetchall()


def caught_up(view: Connection, ingest: Ingest) -> bool:
    found = view.execute(
        "select detail ->> 'catching_up' from heartbeat where role = 'ingest' and instance = %s",
        (ingest.instance,),
    ).fetchall()
    return found == [("0",)]


def test_an_hour_of_traffic_with_ingest_off_arrives_whole(
    away: Ingest, gateway: Client, view: Connection
) -> None:
    """300 stations, one level every 5 minutes, and each message three times."""
    codes = preload.stations(view, 300)
    hour = preload.hours(codes, NOW - timedelta(hours=1), 12, timedelta(minutes=5))
    for _ in range(3):
        preload.publish(gateway, hour)
    away.start()
    until(lambda: number(view, "select count(*) from observation") == 3600, 60)
    until(lambda: len(sessions(view)) == 1, 30)
    assert number(view, "select count(*) from observation_revision") == 0
    assert number(view, "select count(*) from latest") == 300
    assert number(view, "select count(*) from quarantine") == 0
    assert number(view, "select count(distinct (series, time)) from observation") == 3600


def test_the_same_time_with_another_value_is_a_revision_and_an_older_one_never_overwrites_a_newer(
    away: Ingest, gateway: Client, view: Connection
) -> None:
    """The correction comes while the value it corrects still waits in the session that is drained."""
    (code, *others) = preload.stations(view, 100)
    preload.publish(gateway, preload.hours(others, NOW - timedelta(hours=5), 80, timedelta(minutes=1)))
    preload.publish(gateway, [(f"anlan/obs/{code}", encode(NOW, {"water_level": 3.0}))])
    away.start()
    away.wait_connected(2)
    preload.publish(gateway, [(f"anlan/obs/{code}", encode(NOW, {"water_level": 3.3}))])
    of = "select array_agg(value) from {} where series = (select id from series where station = %s)"
    until(lambda: number(view, of.format("observation_revision"), code) == [3.0], 30)
    assert number(view, of.format("observation"), code) == [3.3]
    for _ in range(2):
        preload.publish(gateway, [(f"anlan/obs/{code}", encode(NOW, {"water_level": 3.4}))])
    until(lambda: number(view, of.format("observation"), code) == [3.4])
    assert number(view, of.format("observation_revision"), code) == [3.0, 3.3]


def test_a_session_from_before_there_were_numbers_is_drained_once(
    services: Services, environment: dict[str, str], another_database: str, view: Connection, tmp_path: Path
) -> None:
    here = {**environment, "ANLAN_DATABASE_URL": another_database}
    ingest = Ingest(here, tmp_path / "ingest.log", session_expiry_s=300)
    url = services.broker.url("ingest")
    with sender(services, "ingest", session_name("ingest", ingest.instance, url), expiry_s=300) as old:
        heard = threading.Event()
        old.on_subscribe = lambda *_: heard.set()
        old.subscribe("anlan/#", 1)
        assert heard.wait(5)
    codes = preload.stations(view, 10)
    with sender(services) as gateway:
        preload.publish(gateway, preload.hours(codes, NOW - timedelta(hours=1), 5, timedelta(minutes=5)))
    ingest.start()
    try:
        until(lambda: number(view, "select count(*) from observation") == 50)
        until(lambda: sessions(view) == [(1, True)])
    finally:
        ingest.kill()


def test_killed_at_any_step_it_loses_nothing(away: Ingest, gateway: Client, view: Connection) -> None:
    codes = preload.stations(view, 200)
    hour = preload.hours(codes, NOW - timedelta(hours=2), 60, timedelta(minutes=1))
    preload.publish(gateway, hour)
    for pause_s in (0.9, 1.2, 1.5, 2.0):
        away.start()
        time.sleep(pause_s)
        away.kill()
    away.start()
    until(lambda: number(view, "select count(*) from observation") == 12_000, 60)
    until(lambda: [row[1] for row in sessions(view)] == [True], 30)


def test_a_database_that_was_away_leaves_no_backlog_before_what_is_new(
    another_database: str, away: Ingest, gateway: Client, view: Connection, services: Services
) -> None:
    codes = preload.stations(view, 100)
    away.start()
    away.wait_connected(2)
    name = another_database.rpartition("/")[2]
    with psycopg.connect(services.postgres.superuser_url(), autocommit=True) as outside:
        outside.execute(f"alter database {name} allow_connections false".encode())
        outside.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'anlan-ingest%'"
        )
        preload.publish(gateway, preload.hours(codes, NOW - timedelta(hours=1), 20, timedelta(minutes=1)))
        time.sleep(6)
        outside.execute(f"alter database {name} allow_connections true".encode())
    away.wait_connected(3)
    until(lambda: number(view, "select count(*) from observation") == 2000, 30)
    until(lambda: [row[1] for row in sessions(view)] == [True], 30)


class Probe(threading.Thread):
    """Sends a level of one station again and again, and looks when each is committed."""

    def __init__(self, database: str, gateway: Client, code: str) -> None:
        super().__init__()
        self._database = database
        self._gateway = gateway
        self._code = code
        self.delays: list[float] = []
        self.beside = 0
        self.done = threading.Event()

    def run(self) -> None:
        with psycopg.connect(self._database, autocommit=True) as connection:
            turn = 0
            while not self.done.wait(0.02):
                turn += 1
                at = NOW - timedelta(hours=3) + timedelta(seconds=turn)
                published = time.monotonic()
                self._gateway.publish(f"anlan/obs/{self._code}", encode(at, {"water_level": 1.0}), 1)
                while not number(
                    connection,
                    "select exists (select from observation where time = %s and series ="
                    " (select id from series where station = %s))",
                    at,
                    self._code,
                ):
                    assert time.monotonic() < published + 60
                    time.sleep(0.01)
                self.delays.append(time.monotonic() - published)


def test_what_is_new_is_stored_and_raises_its_alarm_while_the_backlog_is_drained(
    environment: dict[str, str],
    another_database: str,
    away: Ingest,
    gateway: Client,
    view: Connection,
    full: bool,
) -> None:
    messages = 1_000_000 if full else 100_000
    county = Field(view)
    county.county()
    alarmed = county.station("ALARM", area="T")
    codes = [county.station(f"Q{place:03d}", area="T") for place in range(100)]
    probe_code = county.station("FRESH", {}, area="T")
    step = timedelta(hours=2) / (messages // 100)
    preload.publish(gateway, preload.hours(codes, NOW - timedelta(hours=2), messages // 100, step))
    alerts = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "alerts"],
        env={**environment, "ANLAN_DATABASE_URL": another_database},
        stderr=subprocess.DEVNULL,
    )
    probe = Probe(another_database, gateway, probe_code)
    try:
        until(lambda: number(view, "select count(*) from heartbeat where role = 'alerts'") == 1)
        away.start()
        away.wait_connected(2)
        waiting = "select count(*) < %s from observation"
        until(lambda: number(view, "select count(*) > 500 from observation"))
        probe.start()
        published = time.monotonic()
        preload.publish(gateway, [(f"anlan/obs/{alarmed}", encode(NOW, {"water_level": 5.1}))])
        until(lambda: bool(county.alarms(alarmed)), 10)
        alarm_s = time.monotonic() - published
        assert number(view, waiting, messages), "the backlog was over before the alarm: nothing was shown"
        told = "select count(*) from heartbeat where role = 'ingest' and (detail ? 'backlog_reached')"
        until(lambda: number(view, told) == 1)
        detail = number(view, "select detail from heartbeat where role = 'ingest'")
        assert number(view, waiting, messages), "the backlog was over before it was measured"
        until(lambda: number(view, "select count(*) >= %s from observation", messages + 1), 600)
        beside = len(probe.delays)
        probe.done.set()
        probe.join()
        until(lambda: caught_up(view, away), 20)
    finally:
        probe.done.set()
        alerts.send_signal(signal.SIGTERM)
        alerts.wait(10)
    delays = sorted(probe.delays)
    p99 = delays[min(len(delays) - 1, int(len(delays) * 0.99))]
    print(f"fresh beside {messages}: {len(delays)} readings, p99 {p99:.2f} s, alarm in {alarm_s:.2f} s")
    print(json.dumps(detail))
    assert beside >= 3
    assert p99 <= 2.0
    assert alarm_s <= 2.0
    assert detail["backlog_until"] > detail["backlog_reached"]


def test_a_picture_out_of_the_backlog_is_kept_once_and_is_not_the_newest(
    away: Ingest, gateway: Client, view: Connection
) -> None:
    """Pictures carry no time of their own: those that waited count as received when their session was closed."""
    preload.stations(view, 1)
    view.execute(
        "insert into camera (code, name, name_en, area, lon, lat) values ('CAM1', '一号', 'One', 'C', 121.9, 29.5)"
    )
    old, new = picture("navy"), picture("white")
    for _ in range(2):
        preload.publish(gateway, [("anlan/camera/CAM1/snapshot", old)])
    away.start()
    away.wait_connected(2)
    preload.publish(gateway, [("anlan/camera/CAM1/snapshot", new)])
    until(lambda: number(view, "select count(*) from camera_snapshot") == 2)
    until(lambda: [row[1] for row in sessions(view)] == [True], 30)
    kept = view.execute("select jpeg from camera_snapshot order by received_at, id").fetchall()
    assert kept == [(old,), (new,)]


def picture(colour: str) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 36), colour).save(drawn, "JPEG")
    return drawn.getvalue()
