"""Status and pictures of cameras, and positions of patrols: what is written reads back, what is spoilt harms nobody."""

from __future__ import annotations

import json
import math
import random
import time
from typing import Any

import pytest

from cli.main import main
from core.cameras import CameraStatus, Position
from core.faults import FaultReason
from formats import camera
from formats.positions import FIELDS, read_position
from tests.unit.formats.cameras import CAMERA, GB28181, PATROL, PLACE, RECORDER, STATUS, jpeg
from tests.unit.formats.networks import HOSTILE, JSON_TOKENS, NOW, mutate

TOKENS = [
    *JSON_TOKENS, b'"lon":', b'"lat":181,', b'"online":false,', b'"battery":-1,', b'"stream":"file:///etc/passwd",',
    b'"speed_ms":1e308,', b"0.0",
]  # fmt: skip


@pytest.mark.parametrize(
    "status",
    [
        CameraStatus(NOW, True),
        CameraStatus(NOW, False, "rtsp://10.0.0.1/live"),
        CameraStatus(NOW, True, "https://video.lan/7?x=1", PLACE, 87.0),
        CameraStatus(NOW, True, None, Position(NOW, -179.9, -89.9), 0.0),
    ],
)
def test_a_status_is_encoded_and_decoded_again(status: CameraStatus) -> None:
    assert camera.decode_status(camera.encode_status(status)) == (status, [])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"lon": 181, "lat": 29}, FaultReason.OUT_OF_RANGE),
        ({"lon": 121, "lat": "29"}, FaultReason.OUT_OF_RANGE),
        ({"lon": 121}, FaultReason.OUT_OF_RANGE),
        ({"lon": 0, "lat": 0}, FaultReason.OUT_OF_RANGE),
        ({"battery": 101}, FaultReason.OUT_OF_RANGE),
        ({"battery": True}, FaultReason.OUT_OF_RANGE),
        ({"colour": 1}, FaultReason.UNKNOWN_FIELD),
    ],
)
def test_what_is_wrong_with_a_part_leaves_the_status(fields: dict[str, Any], reason: FaultReason) -> None:
    message = json.dumps({"time": NOW.isoformat(), "online": True} | fields).encode()
    status, faults = camera.decode_status(message)
    assert status == CameraStatus(NOW, True)
    assert [fault.reason for fault in faults] == [reason]


def test_where_a_patrol_is_matters_more_than_how_fast_it_goes() -> None:
    fields = {
        "lon": 121.9,
        "lat": 29.4,
        "speed_ms": -3,
        "heading_deg": math.nan,
        "altitude_m": 1e9,
        "accuracy_m": True,
    }
    assert read_position(fields, NOW) == Position(NOW, 121.9, 29.4)


def test_a_picture_of_more_pixels_than_a_camera_has_is_refused_before_it_is_unfolded() -> None:
    snapshot, [fault] = camera.decode_snapshot(jpeg(3840, 2161))
    assert snapshot is None
    assert fault.reason == FaultReason.BAD_IMAGE and "3840 × 2161 pixels" in fault.detail
    assert camera.decode_snapshot(jpeg(3840, 2160))[1] == []


def spoil_status(count: int) -> None:
    chance = random.Random(20260702)
    refused = placed = 0
    for _ in range(count):
        spoilt = mutate(chance, chance.choice(STATUS), TOKENS)
        begun = time.perf_counter()
        status, faults = camera.decode_status(spoilt)
        assert time.perf_counter() - begun < 1
        for fault in faults:
            fault.detail.encode()
        refused += bool(faults)
        assert status is not None or faults
        if status is not None:
            assert status.time.utcoffset() is not None
            assert status.battery is None or 0 <= status.battery <= 100
            assert status.stream is None or "file:" not in status.stream
            if status.position is not None:
                placed += 1
                believable(status.position)
    assert refused > count / 10
    assert placed > count / 50


def spoil_positions(count: int) -> None:
    chance = random.Random(20260703)
    wrong: list[Any] = [
        None, True, "121.9", [], {}, math.nan, math.inf, -math.inf, 0, 0.0, -0.0, 1e308, 10**400, 180.0000001, -90.1,
    ]  # fmt: skip
    refused = believed = 0
    for _ in range(count):
        fields: dict[str, Any] = {name: getattr(PLACE, name) for name in FIELDS}
        for _ in range(chance.randint(1, 3)):
            name = chance.choice(FIELDS)
            fields[name] = chance.choice([*wrong, chance.uniform(-1000, 1000)])
            if chance.random() < 0.1:
                del fields[name]
        found = read_position(fields, NOW)
        if isinstance(found, Position):
            believed += 1
            believable(found)
        else:
            refused += 1
            found.detail.encode()
    assert refused > count / 10
    assert believed > count / 10


def believable(position: Position) -> None:
    assert -180 <= position.lon <= 180 and -90 <= position.lat <= 90
    assert (position.lon, position.lat) != (0, 0)
    assert all(
        value is None or math.isfinite(value) for value in (getattr(position, name) for name in FIELDS)
    )
    assert position.speed_ms is None or 0 <= position.speed_ms <= 350


def spoil_pictures(count: int) -> None:
    chance = random.Random(20260704)
    sent = jpeg(64, 48)
    refused = kept = 0
    for _ in range(count):
        begun = time.perf_counter()
        snapshot, faults = camera.decode_snapshot(mutate(chance, sent, HOSTILE[:8]))
        assert time.perf_counter() - begun < 2
        assert (snapshot is None) == bool(faults)
        refused += snapshot is None
        if snapshot is not None:
            kept += 1
            assert 0 < snapshot.width * snapshot.height <= camera.LARGEST_PIXELS
    assert refused > count / 50
    assert kept > count / 50


SPOILT = pytest.mark.parametrize("spoil", [spoil_status, spoil_positions, spoil_pictures])


@SPOILT
def test_two_thousand_mutations(spoil: Any) -> None:
    spoil(2_000)


@pytest.mark.full
@pytest.mark.timeout(1200)
@SPOILT
def test_a_hundred_thousand_mutations(spoil: Any) -> None:
    spoil(100_000)


@pytest.mark.parametrize(
    ("arguments", "payload", "expected"),
    [
        (["camera_status"], STATUS[0], [{"online": True, "battery": 87.0, "stream": "rtsp://10.0.0.1/live"}]),
        (["camera_snapshot"], jpeg(), [{"width": 320, "height": 180, "jpeg_bytes": len(jpeg())}]),
        (
            ["frigate", "--topic", "frigate/front/status/detect"],
            b"offline",
            [{"report": "Seen", "camera": "front", "role": "detect", "online": False}],
        ),
        (
            ["frigate", "--topic", "front/person/snapshot"],
            jpeg(),
            [{"report": "Picture", "camera": "front", "width": 320}],
        ),
        (
            ["frigate"],
            b'{"topic":"frigate/front/status/record","payload":"online"}',
            [{"report": "Seen", "camera": "front", "role": "record", "online": True}],
        ),
        (
            ["frigate"],
            b'{"topic":"frigate/stats","qos":0,"payload":{"cameras":{"back":{"camera_fps":0}}}}',
            [{"report": "Seen", "camera": "back", "role": "frames", "online": False}],
        ),
        (["gb28181"], GB28181[0], [{"report": "Alive", "device": RECORDER, "well": True}]),
        (
            ["gb28181"],
            GB28181[1],
            [{"report": "Channel", "channel": CAMERA, "online": True}, {"channel": PATROL, "online": False}],
        ),
        (["gb28181"], GB28181[2], [{"report": "Moved", "device": PATROL}]),
    ],
)
def test_the_command_shows_what_a_payload_means(
    arguments: list[str],
    payload: bytes,
    expected: list[dict[str, Any]],
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "payload"
    file.write_bytes(payload)
    assert main(["decode", arguments[0], str(file), *arguments[1:]]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(expected)
    for line, wanted in zip(lines, expected, strict=True):
        assert line.items() >= wanted.items()


def test_the_command_wants_the_topic_of_a_message_of_frigate(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "payload"
    file.write_bytes(b"online")
    assert main(["decode", "frigate", str(file)]) != 0
    assert "--topic" in capsys.readouterr().err


def test_the_command_says_what_is_wrong(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "payload"
    file.write_bytes(b'{"time":"2026-07-01T08:00:00Z","online":"yes"}')
    assert main(["decode", "camera_status", str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["reason"] == "wrong_type"
