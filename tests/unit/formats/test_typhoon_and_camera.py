"""Typhoon tracks, camera status and pictures."""

from __future__ import annotations

import io
import json
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.cameras import Snapshot
from core.faults import FaultReason
from core.typhoons import Typhoon, TyphoonFix
from formats import camera, typhoon

TIME = "2026-07-01T00:00:00Z"
MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
RTSP = "rtsp://10.0.0.1:554/a?b=1"
BAD_STREAM = FaultReason.BAD_STREAM


def track(**changes: Any) -> bytes:
    message: dict[str, Any] = {
        "code": "2421",
        "name": "康妮",
        "name_en": "Kong-rey",
        "fixes": [{"time": TIME, "lon": 123.0, "lat": 27.0, "wind_ms": 45, "radius7_km": 300}],
    }
    return json.dumps({**message, **changes}).encode()


def test_a_track_with_its_forecast() -> None:
    forecast = {"issued": TIME, "fixes": [{"time": "2026-07-02T00:00:00Z", "lon": 121, "lat": 29}]}
    read, faults = typhoon.decode(track(forecast=forecast))
    assert faults == []
    assert read is not None
    assert [(fix.issued, fix.lon, fix.wind_ms) for fix in read.fixes] == [
        (None, 123.0, 45),
        (MOMENT, 121, None),
    ]


def test_a_track_is_encoded_and_decoded_again() -> None:
    sent = Typhoon(
        "2421",
        "康妮",
        "Kong-rey",
        (TyphoonFix(MOMENT, 123.0, 27.0, wind_ms=45.0), TyphoonFix(MOMENT, 122.0, 28.0, issued=MOMENT)),
    )
    assert typhoon.decode(typhoon.encode(sent)) == (sent, [])


@pytest.mark.parametrize(
    ("payload", "reason", "fixes"),
    [
        (b"{", FaultReason.BROKEN_JSON, None),
        (track(code="a b"), FaultReason.BAD_CODE, None),
        (track(name="<img src=x onerror=alert(1)>"), FaultReason.MARKUP_IN_TEXT, 1),
        (track(fixes=[{"time": TIME, "lon": 523, "lat": 27}]), FaultReason.OUT_OF_RANGE, None),
        (track(fixes=[{"time": TIME, "lat": 27}]), FaultReason.WRONG_SHAPE, None),
        (track(fixes=[{"lon": 123, "lat": 27}]), FaultReason.TIME_MISSING, None),
        (
            track(fixes=[{"time": TIME, "lon": 123, "lat": 27, "wind_ms": "strong"}]),
            FaultReason.WRONG_TYPE,
            1,
        ),
        (track(forecast=3), FaultReason.WRONG_SHAPE, 1),
        (track(forecast={"fixes": []}), FaultReason.TIME_MISSING, 1),
    ],
)
def test_each_fault_has_its_reason_and_the_rest_of_the_track_is_kept(
    payload: bytes, reason: FaultReason, fixes: int | None
) -> None:
    read, faults = typhoon.decode(payload)
    assert reason in [fault.reason for fault in faults]
    assert (len(read.fixes) if read else None) == fixes
    assert read is None or "<" not in read.name


@given(st.binary() | st.text().map(str.encode) | st.just(b'{"code":"1","fixes":[{}],"forecast":{"fixes":1}}'))
def test_no_bytes_whatever_raise(payload: bytes) -> None:
    for read, faults in (
        typhoon.decode(payload),
        camera.decode_status(payload),
        camera.decode_snapshot(payload),
    ):
        assert read is not None or faults


@pytest.mark.parametrize(
    ("content", "reason", "read"),
    [
        ({"time": TIME, "online": True}, None, (True, None)),
        ({"time": TIME, "online": False, "stream": RTSP}, None, (False, RTSP)),
        ({"time": TIME, "online": True, "stream": "javascript:alert(1)"}, BAD_STREAM, (True, None)),
        ({"time": TIME, "online": True, "stream": "http://a/\"><script>"}, BAD_STREAM, (True, None)),
        ({"time": TIME, "online": "yes"}, FaultReason.WRONG_TYPE, None),
        ({"online": True}, FaultReason.TIME_MISSING, None),
    ],
)  # fmt: skip
def test_camera_status(
    content: dict[str, Any], reason: FaultReason | None, read: tuple[bool, str | None] | None
) -> None:
    status, faults = camera.decode_status(json.dumps(content).encode())
    assert [fault.reason for fault in faults] == ([reason] if reason else [])
    assert ((status.online, status.stream) if status else None) == read


def jpeg(width: int, height: int) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(picture, "JPEG")
    return picture.getvalue()


def test_a_picture_is_taken_as_it_is() -> None:
    sent = jpeg(320, 180)
    snapshot, faults = camera.decode_snapshot(sent)
    assert faults == []
    assert snapshot == Snapshot(320, 180, sent)


def png_bomb() -> bytes:
    """A PNG of a few bytes that claims 50,000 × 50,000 pixels."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + head
        + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    )


def jpeg_bomb() -> bytes:
    """A JPEG whose header claims 65,000 × 65,000 pixels."""
    sent = bytearray(jpeg(16, 16))
    place = sent.index(b"\xff\xc0") + 5
    sent[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(sent)


@pytest.mark.parametrize(
    "payload",
    [b"", b"not a picture", png_bomb(), jpeg_bomb(), jpeg(320, 180)[:-400], b"\xff" * 1_000_001],
    ids=["empty", "text", "png bomb", "jpeg bomb", "cut off", "too large"],
)
def test_what_is_no_picture_is_refused(payload: bytes) -> None:
    snapshot, faults = camera.decode_snapshot(payload)
    assert snapshot is None
    assert [fault.reason for fault in faults] == [FaultReason.BAD_IMAGE]
