"""What ingest does with readings, on a real broker and database."""

from __future__ import annotations

import io
import json
import statistics
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
from formats.observations import encode, encode_pack
from tests.integration.ingesting import Ingest, number, observations, running_ingest, seed, sender, until

Connection = psycopg.Connection[Any]
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def ingest(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    with running_ingest(environment, tmp_path_factory.mktemp("ingest")) as running:
        yield running


def test_a_reading_becomes_an_observation_with_its_latest_and_its_mark(
    gateway: Client, view: Connection
) -> None:
    gateway.publish("anlan/obs/RAIN1", encode(NOW, {"rainfall": 1.5, "battery_voltage": 12.6}), 1)
    until(lambda: len(observations(view, "RAIN1")) == 2)
    assert observations(view, "RAIN1") == [
        ("battery_voltage", 0, NOW, 12.6, 1, ""),
        ("rainfall", 300, NOW, 1.5, 1, ""),
    ]
    assert number(view, "select value from public_v1.latest where property = 'rainfall'") == 1.5
    marked = view.execute(
        "select from_time, to_time from mark join series on series.id = mark.series"
        " where property = 'rainfall' and consumer = 'evaluator'"
    ).fetchall()
    assert marked == [(NOW, NOW)]


def test_the_same_again_is_nothing_and_another_value_becomes_the_one_that_holds(
    gateway: Client, view: Connection
) -> None:
    for value in (3.0, 3.0, 3.2, 3.2):
        gateway.publish("anlan/obs/RIVER1", encode(NOW, {"water_level": value}), 1)
    gateway.publish("anlan/obs/RIVER1", encode(NOW - timedelta(hours=1), {"water_level": 9.0}), 1)
    until(lambda: len(observations(view, "RIVER1")) == 2)
    assert observations(view, "RIVER1")[-1][3] == 3.2
    assert view.execute(
        "select observation_revision.value from observation_revision join series on series.id = series"
        " where station = 'RIVER1'"
    ).fetchall() == [(3.0,)]
    assert view.execute("select time, value from public_v1.latest where station = 'RIVER1'").fetchall() == [
        (NOW, 3.2)
    ], "an older reading that comes later does not move the latest back"


def test_a_person_is_never_overwritten_by_a_machine(gateway: Client, view: Connection) -> None:
    gateway.publish("anlan/obs/RIVER2", encode(NOW, {"water_level": 4.0}), 1)
    until(lambda: len(observations(view, "RIVER2")) == 1)
    view.execute(
        "update observation set value = 4.4, by_user = 'wang' from series"
        " where series.id = observation.series and station = 'RIVER2'"
    )
    for _ in range(2):
        gateway.publish("anlan/obs/RIVER2", encode(NOW, {"water_level": 4.1}), 1)
    refused = (
        "select array_agg(observation_revision.value) from observation_revision"
        " join series on series.id = series where station = 'RIVER2'"
    )
    until(lambda: number(view, refused) == [4.1])
    assert observations(view, "RIVER2")[0][3] == 4.4


def test_a_pack_is_stored_whole_and_its_sequence_is_acknowledged_after_the_commit(
    services: Services, gateway: Client, view: Connection
) -> None:
    heard: list[tuple[str, Any]] = []
    gateway.on_message = lambda client, data, message: heard.append(
        (message.topic, json.loads(message.payload))
    )
    gateway.subscribe("anlan/ack/+", 1)
    time.sleep(0.2)
    pack = [(NOW - timedelta(minutes=5 * step), {"water_level": 2 + step / 100}) for step in range(1000)]
    gateway.publish("anlan/obs/RIVER3", encode_pack(pack, seq=77), 1)
    until(lambda: bool(heard))
    assert heard == [("anlan/ack/RIVER3", {"seq": 77})]
    assert len(observations(view, "RIVER3")) == 1000


def test_an_exercise_never_shares_a_row_with_what_is_real(gateway: Client, view: Connection) -> None:
    gateway.publish("anlan/obs/RIVER4", encode(NOW, {"water_level": 1.0}), 1)
    gateway.publish("anlan/drill/EX1/obs/RIVER4", encode(NOW, {"water_level": 9.0}), 1)
    until(lambda: len(observations(view, "RIVER4", "EX1")) == 1)
    until(lambda: len(observations(view, "RIVER4")) == 1)
    assert observations(view, "RIVER4")[0][3] == 1.0
    assert observations(view, "RIVER4", "EX1")[0][3] == 9.0


def test_what_comes_after_the_end_of_an_exercise_is_kept_aside_at_once(
    gateway: Client, view: Connection
) -> None:
    view.execute("insert into exercise (code, name, started_by) values ('EX2', '演练', 'test')")
    gateway.publish("anlan/drill/EX2/obs/RIVER4", encode(NOW, {"water_level": 9.0}), 1)
    until(lambda: len(observations(view, "RIVER4", "EX2")) == 1)
    view.execute("update exercise set ended_at = now() where code = 'EX2'")
    gateway.publish("anlan/drill/EX2/obs/RIVER4", encode(NOW, {"flow": 9.0}), 1)
    reasons = "select array_agg(reason) from quarantine where exercise = 'EX2'"
    until(lambda: number(view, reasons) == ["exercise_ended"])
    assert len(observations(view, "RIVER4", "EX2")) == 1


def test_a_sender_in_an_exercise_hears_its_acknowledgement_there(gateway: Client) -> None:
    heard: list[str] = []
    gateway.on_message = lambda client, data, message: heard.append(message.topic)
    gateway.subscribe([("anlan/ack/+", 1), ("anlan/drill/+/ack/+", 1)])
    time.sleep(0.2)
    gateway.publish("anlan/drill/EX1/obs/RIVER4", encode(NOW, {"flow": 9.0}, seq=1), 1)
    until(lambda: bool(heard))
    assert heard == ["anlan/drill/EX1/ack/RIVER4"]


def test_a_message_that_the_sender_repeats_is_stored_and_kept_once(gateway: Client, view: Connection) -> None:
    """Its acknowledgement may have been lost: it is acknowledged again, in the quarantine too."""
    heard: list[Any] = []
    gateway.on_message = lambda client, data, message: heard.append(json.loads(message.payload)["seq"])
    gateway.subscribe("anlan/ack/+", 1)
    time.sleep(0.2)
    for _ in range(3):
        gateway.publish("anlan/obs/RIVER4", encode(NOW, {"inflow": 9.0}, seq=5), 1)
        gateway.publish("anlan/obs/STRANGER", encode(NOW, {"inflow": 9.0}, seq=6), 1)
    until(lambda: len(heard) == 6)
    assert sorted(heard) == [5, 5, 5, 6, 6, 6]
    assert number(view, "select count(*) from quarantine where topic = 'anlan/obs/STRANGER'") == 1
    assert number(view, "select count(*) from public_v1.observation where property = 'inflow'") == 1


def test_bad_and_missing_values_never_replace_the_last_usable_one(gateway: Client, view: Connection) -> None:
    gateway.publish("anlan/obs/RIVER5", encode(NOW - timedelta(minutes=10), {"water_level": 5.0}), 1)
    gateway.publish("anlan/obs/RIVER5", encode(NOW - timedelta(minutes=5), {"water_level": -500.0}), 1)
    gateway.publish("anlan/obs/RIVER5", encode(NOW, {"water_level": None}), 1)
    until(lambda: len(observations(view, "RIVER5")) == 3)
    assert [row[4:] for row in observations(view, "RIVER5")] == [(1, ""), (4, "below_range"), (9, "missing")]
    latest = view.execute(
        "select value, quality, usable_value from latest join series on series.id = series"
        " where station = 'RIVER5'"
    ).fetchall()
    assert latest == [(None, 9, 5.0)]


def test_listeners_hear_which_series_changed(gateway: Client, view: Connection, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute("listen anlan_changes")
        listener.execute("listen anlan_marks")
        gateway.publish("anlan/obs/RIVER6", encode(NOW, {"water_level": 1.0}), 1)
        heard = {notice.channel: notice.payload for notice in listener.notifies(timeout=5, stop_after=2)}
    series = number(view, "select id from series where station = 'RIVER6'")
    assert heard["anlan_marks"] == ""
    assert json.loads(heard["anlan_changes"]) == {"kind": "latest", "keys": [series]}


def test_a_typhoon_and_a_camera_are_kept(gateway: Client, view: Connection) -> None:
    track = {
        "code": "2421",
        "name": "康妮",
        "name_en": "Kong-rey",
        "fixes": [{"time": NOW.isoformat(), "lon": 123.1, "lat": 27.2, "wind_ms": 48}],
        "forecast": {
            "issued": NOW.isoformat(),
            "fixes": [{"time": (NOW + timedelta(days=2)).isoformat(), "lon": 121.5, "lat": 30.0}],
        },
    }
    gateway.publish("anlan/weather/typhoon", json.dumps(track), 1)
    gateway.publish("anlan/weather/typhoon", json.dumps(track), 1)
    status = {"time": NOW.isoformat(), "online": True, "stream": "rtsp://10.1.1.9/live"}
    gateway.publish("anlan/camera/CAM1/status", json.dumps(status), 1)
    picture = io.BytesIO()
    Image.new("RGB", (640, 360), "navy").save(picture, "JPEG")
    for _ in range(25):
        gateway.publish("anlan/camera/CAM1/snapshot", picture.getvalue(), 1)
    newest = "select coalesce(max(id), 0) from camera_snapshot"
    until(lambda: number(view, newest) == 25)
    assert number(view, "select count(*) from camera_snapshot") == 20
    assert view.execute("select width, height from camera_snapshot limit 1").fetchall() == [(640, 360)]
    assert view.execute("select online, stream from camera_state").fetchall() == [
        (True, "rtsp://10.1.1.9/live")
    ]
    assert view.execute("select issued is null, lon from typhoon_fix order by time").fetchall() == [
        (True, 123.1),
        (False, 121.5),
    ]


def test_the_topics_of_devices_are_left_to_dispatch(
    services: Services, ingest: Ingest, view: Connection
) -> None:
    before = number(view, "select count(*) from quarantine")
    with sender(services, "centre") as centre:
        centre.publish("anlan/device/LED1/status", b"not ours", 1)
        centre.publish("anlan/drill/EX1/device/LED1/receipt", b"not ours", 1)
        centre.publish("anlan/obs/RIVER7", encode(NOW, {"water_level": 1.0}), 1)
        until(lambda: len(observations(view, "RIVER7")) == 1)
    assert number(view, "select count(*) from quarantine") == before


def test_a_second_process_of_an_instance_stands_by_and_takes_over(
    environment: dict[str, str], ingest: Ingest, gateway: Client, view: Connection, tmp_path: Path
) -> None:
    second = Ingest(environment, tmp_path / "second.log")
    second.share(ingest)
    second.start()
    until(lambda: "standing by" in second.log.read_text())
    ingest.kill()
    for minute in range(50):
        gateway.publish("anlan/obs/RIVER8", encode(NOW - timedelta(minutes=minute), {"water_level": 1.0}), 1)
    try:
        until(lambda: len(observations(view, "RIVER8")) == 50)
    finally:
        second.kill()
        ingest.start()


def test_the_heartbeat_counts(ingest: Ingest, view: Connection) -> None:
    def beating() -> bool:
        found = view.execute(
            "select detail from heartbeat where role = 'ingest' and instance = %s", (ingest.instance,)
        ).fetchall()
        return (
            bool(found) and {"messages", "readings", "quarantined", "batches", "lag_ms"} <= found[0][0].keys()
        )

    until(beating)


def test_from_publish_to_commit_takes_less_than_a_quarter_of_a_second(gateway: Client, database: str) -> None:
    delays = []
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute("listen anlan_marks")
        for step in range(40):
            message = encode(NOW + timedelta(seconds=step), {"water_level": 1.0})
            published = time.monotonic()
            gateway.publish("anlan/obs/RIVER9", message, 1)
            assert list(listener.notifies(timeout=5, stop_after=1))
            delays.append(time.monotonic() - published)
    delays.sort()
    print(f"publish to commit: median {delays[20] * 1000:.0f} ms, 95 % {delays[38] * 1000:.0f} ms")
    assert statistics.median(delays) < 0.25
