"""Cameras and patrols: what counts of what is reported, by whom, and where a patrol is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client
from psycopg import Connection

from cli.services import Services
from core.cameras import CameraStatus, Position
from formats import gb28181
from formats.camera import encode_status
from store import camera_reports, live, patrols
from store.camera_reports import CameraState
from tests.integration.ingesting import number, running_ingest, seed, sender, until
from tests.unit.formats.cameras import CAMERA, PATROL, RECORDER, jpeg

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
def world(database: str) -> Iterator[Connection[Any]]:
    """CAM1 (60 s keep-alive, settles in 30 s), C-NVR behind a recorder, P1 a patrol."""
    seed(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("truncate camera_state, camera_snapshot, camera_position")
        connection.execute("delete from quarantine")
        connection.execute("update camera set platform_id = 'front' where code = 'CAM1'")
        for code, kind, platform, recorder in (
            ("C-NVR", "fixed", CAMERA, RECORDER),
            ("P1", "patrol", PATROL, None),
        ):
            connection.execute(
                "insert into camera (code, name, name_en, area, lon, lat, kind, platform_id, recorder_id)"
                " values (%s, %s, %s, 'C', 121.9, 29.5, %s, %s, %s) on conflict do nothing",
                (code, code, code, kind, platform, recorder),
            )
        yield connection


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def report(connection: Connection[Any], second: float, online: bool | None, **roles: bool) -> None:
    state = CameraState(online, at(second), at(second), "camera", roles=roles)
    camera_reports.save_state(connection, ["CAM1"], state, None)


def counts(connection: Connection[Any], second: float, camera: str = "CAM1") -> bool:
    return bool(
        number(
            connection,
            "select camera_online(state.online, since, settled, received_at, keepalive_s, settle_s, %s)"
            " from camera left join camera_state as state on state.camera = camera.code"
            " and state.exercise is null where camera.code = %s",
            at(second),
            camera,
        )
    )


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        # never heard: not there
        ([], {0: False}),
        # the first word counts at once; three keep-alives of silence end it
        ([(0, True)], {0: True, 179: True, 180: False}),
        # off counts once it has held for 30 s
        ([(0, True), (60, False)], {61: True, 89: True, 90: False, 120: False}),
        # and back on just so
        ([(0, True), (60, False), (120, True)], {121: False, 149: False, 150: True}),
        # on and off every ten seconds (a recorder restarting its process): what counted goes on counting
        ([(0, True), *((60 + 10 * n, bool(n % 2)) for n in range(12))], {100: True, 175: True}),
        ([(0, False), *((60 + 10 * n, n % 2 == 0) for n in range(12))], {100: False, 175: False}),
        # silence breaks what held before: being there must hold anew
        ([(0, True), (300, True)], {301: False, 330: True}),
        # a sign of life that says nothing new keeps alive what was said
        ([(0, False), (100, None), (200, None)], {250: False}),
        ([(0, None), (100, None)], {250: True}),
    ],
)
def test_what_counts(
    world: Connection[Any], reports: list[tuple[float, bool | None]], expected: dict[float, bool]
) -> None:
    for second, online in reports:
        report(world, second, online)
    assert {second: counts(world, second) for second in expected} == expected


def test_a_camera_is_there_while_any_of_its_recorders_processes_sees_it(world: Connection[Any]) -> None:
    report(world, 0, None, detect=False)
    assert not counts(world, 1)
    report(world, 10, None, record=True)
    assert counts(world, 41), "one role that gets pictures is enough"
    report(world, 50, None, record=False)
    assert not counts(world, 81)


def test_an_older_report_changes_nothing(world: Connection[Any]) -> None:
    report(world, 100, True)
    report(world, 40, False)
    assert counts(world, 140)


def test_a_camera_that_goes_on_and_off_is_shown_as_unsteady(world: Connection[Any]) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=60)
    for n in range(6):
        moment = begun + timedelta(seconds=10 * n)
        state = CameraState(n % 2 == 0, moment, moment, "camera")
        camera_reports.save_state(world, ["CAM1"], state, None)
    row = live.READERS["cameras"](world, None, None, "Asia/Shanghai")["CAM1"]
    assert (row["unsteady"], row["online"], row["reported"]) == (True, True, False)


def test_a_patrol_is_where_it_last_credibly_was(world: Connection[Any]) -> None:
    way = [(0, 121.900), (60, 121.905), (120, 125.0), (180, 121.915), (240, 122.5), (300, 122.505)]
    for second, lon in way:
        place = Position(at(second), lon, 29.5)
        patrols.save_position(world, "P1", None, place, at(second), keep=timedelta(days=1))
    track = patrols.track(world, "P1", None, at(0), at(600))
    assert [fix.doubtful for fix in track] == [False, False, True, False, True, False], (
        "one leap is doubtful; where two reports agree it is not"
    )
    row = live.READERS["cameras"](world, None, None, "Asia/Shanghai")["P1"]
    assert (row["lon"], row["lat"], row["position_at"]) == (122.505, 29.5, at(300).isoformat())
    old = Position(at(-90_000), 121.9, 29.5)
    patrols.save_position(world, "P1", None, old, at(400), keep=timedelta(days=1))
    assert number(world, "select count(*) from camera_position") == len(way), "older than kept"


def test_a_patrols_trail_is_its_credible_way_of_the_last_hour_by_minutes(world: Connection[Any]) -> None:
    minutes = [(-120, 121.86), (0, 121.900), (30, 121.9004), (59, 121.9008), (61, 125.0), (130, 121.902)]
    for second, lon in [(-3_500, 121.7), *minutes]:
        place = Position(at(second), lon, 29.5)
        patrols.save_position(world, "P1", None, place, at(second), keep=timedelta(days=1))
    row = live.READERS["cameras"](world, None, None, "Asia/Shanghai")["P1"]
    assert row["trail"] == [
        [29.5, lon, at(second).timestamp()]
        for second, lon in ((-120, 121.86), (59, 121.9008), (130, 121.902))
    ], "not what is older than an hour before its last word, nor the leap of a receiver"
    assert live.READERS["cameras"](world, None, None, "Asia/Shanghai")["CAM1"]["trail"] == []
    assert live.READERS["cameras"](world, "EX1", None, "Asia/Shanghai")["P1"]["trail"] == []


def test_platforms_speak_for_their_cameras_through_the_broker(
    world: Connection[Any], environment: dict[str, str], services: Services, tmp_path: Any
) -> None:
    now = datetime.now(UTC)
    place = Position(now, 121.87, 29.4766, accuracy_m=4.0, speed_ms=2.5)

    def states() -> dict[str, tuple[bool, str]]:
        found = world.execute("select camera, online, source from camera_state where exercise is null")
        return {camera: (online, source) for camera, online, source in found}

    def send(client: Client, topic: str, payload: bytes) -> None:
        client.publish(topic, payload, 1).wait_for_publish(10)

    with running_ingest(environment, tmp_path), sender(services) as gateway:
        send(gateway, "frigate/front/status/detect", b"online")
        send(gateway, "anlan/gb28181/wvp", gb28181.encode_keepalive(RECORDER, 1))
        send(gateway, "anlan/camera/P1/status", encode_status(CameraStatus(now, True, None, place, 87.0)))
        until(lambda: len(states()) == 3)
        assert states() == {"CAM1": (True, "frigate"), "C-NVR": (True, "gb28181"), "P1": (True, "camera")}
        assert number(world, "select battery from camera_state where camera = 'P1'") == 87

        send(gateway, "anlan/gb28181/wvp", gb28181.encode_catalogue(RECORDER, 2, {CAMERA: False}))
        until(lambda: states()["C-NVR"] == (False, "gb28181"))
        send(gateway, "anlan/gb28181/wvp", gb28181.encode_keepalive(RECORDER, 3))
        send(gateway, "anlan/gb28181/wvp", gb28181.encode_position(PATROL, 4, Position(now, 121.88, 29.48)))
        send(gateway, "frigate/front/person/snapshot", jpeg())
        send(gateway, "frigate/available", b"offline")
        until(lambda: states()["CAM1"] == (False, "frigate"))
        assert states()["C-NVR"] == (False, "gb28181"), "a recorder that lives does not make its camera live"
        assert number(world, "select count(*) from camera_snapshot where camera = 'CAM1'") == 1
        until(lambda: number(world, "select count(*) from camera_position where camera = 'P1'") == 2)

        for _ in range(3):
            send(gateway, "frigate/unheard/status/detect", b"online")
        send(
            gateway,
            "anlan/drill/EX1/camera/P1/status",
            json.dumps({"time": now.isoformat(), "online": False}).encode(),
        )
        until(lambda: number(world, "select count(*) from camera_state where exercise = 'EX1'") == 1)
        assert states()["P1"][0], "a drill's word does not reach the real one"
        kept = world.execute("select topic, reason from quarantine").fetchall()
        assert kept == [("anlan/frigate/unheard/status/detect", "unknown_camera")], (
            "one copy of the same words"
        )
