"""What Frigate says of cameras."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from core.faults import FaultReason
from formats import frigate
from formats.frigate import Availability, Picture, Seen
from tests.unit.formats.cameras import FRIGATE, STATS, jpeg
from tests.unit.formats.networks import HOSTILE, SAMPLES, mutate


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("available", b"online", [Availability(True)]),
        ("available", b"offline", [Availability(False)]),
        ("front/status/detect", b"online", [Seen("front", "detect", True)]),
        ("front/status/record", b"offline", [Seen("front", "record", False)]),
        ("front/status/detect", b"disabled", []),
        ("front/status/audio", b"offline", []),
        ("stats", STATS, [Seen("front", "frames", True), Seen("back", "frames", False)]),
        ("events", b'{"type":"new"}', []),
        ("front/motion", b"ON", []),
        ("front/person", b"2", []),
    ],
)
def test_reports_and_what_is_none(topic: str, payload: bytes, expected: list[Any]) -> None:
    assert frigate.decode(topic.split("/"), payload) == (expected, [])


def test_a_picture_of_what_was_seen() -> None:
    sent = jpeg()
    [report], faults = frigate.decode(["front", "person", "snapshot"], sent)
    assert isinstance(report, Picture)
    assert (report.camera, report.snapshot.jpeg, faults) == ("front", sent, [])


def test_the_documented_topics_of_the_samples() -> None:
    sample = json.loads((SAMPLES / "frigate_camera.json").read_text(encoding="utf-8"))
    for word in sample["availability"]["values"]:
        parts = sample["availability"]["topic"].split("/")[1:]
        assert frigate.decode(parts, word.encode()) == ([Availability(word == "online")], [])
    _, camera, status, _ = sample["camera_status"]["topic"].split("/")
    for role in sample["camera_status"]["roles"]:
        for word in sample["camera_status"]["values"]:
            reports, faults = frigate.decode([camera, status, role], word.encode())
            wanted = [] if word == "disabled" or role == "audio" else [Seen(camera, role, word == "online")]
            assert (reports, faults) == (wanted, [])
    event = json.dumps(sample["event"]["payload"]).encode()
    assert frigate.decode(sample["event"]["topic"].split("/")[1:], event) == ([], [])


@pytest.mark.parametrize(
    ("parts", "payload", "reason"),
    [
        (["available"], b"maybe", FaultReason.WRONG_TYPE),
        (["front", "status", "detect"], b"\xff", FaultReason.WRONG_TYPE),
        (["stats"], b"{", FaultReason.BROKEN_JSON),
        (["stats"], b'{"cameras":[1]}', FaultReason.WRONG_SHAPE),
        (["front", "person", "snapshot"], b"GIF89a", FaultReason.BAD_IMAGE),
    ],
)
def test_what_cannot_be_read_has_a_reason(parts: list[str], payload: bytes, reason: FaultReason) -> None:
    reports, faults = frigate.decode(parts, payload)
    assert (reports, [fault.reason for fault in faults]) == ([], [reason])


@pytest.mark.parametrize("online", [True, False])
def test_a_status_is_encoded_and_decoded_again(online: bool) -> None:
    topic, payload = frigate.encode_status("front", "record", online)
    assert frigate.decode(topic.split("/")[1:], payload) == ([Seen("front", "record", online)], [])


def test_a_name_that_frigate_cannot_have_given_spoils_no_other_camera() -> None:
    statistics = (
        rb'{"cameras":{"a\u0000":{"camera_fps":1},"\ud800":{"camera_fps":1},"front":{"camera_fps":5}}}'
    )
    reports, faults = frigate.decode(["stats"], statistics)
    assert reports == [Seen("front", "frames", True)]
    assert [fault.reason for fault in faults] == [FaultReason.BAD_CODE] * 2


def spoil(count: int) -> None:
    chance = random.Random(20260701)
    refused = 0
    for _ in range(count):
        parts, payload = chance.choice(FRIGATE)
        spoilt = mutate(chance, payload, HOSTILE[:8])
        begun = time.perf_counter()
        _, faults = frigate.decode(parts, spoilt)
        assert time.perf_counter() - begun < 1
        refused += bool(faults)
    assert refused > count / 10


def test_two_thousand_mutations() -> None:
    spoil(2_000)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_mutations() -> None:
    spoil(100_000)
