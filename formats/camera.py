"""`anlan/camera/{camera}/status` and `…/snapshot`: is the camera there, and what does it see.

A status is `{"time": "…", "online": true, "stream": "rtsp://…"}`. A snapshot is a JPEG, which is
checked before it is kept: really a JPEG, whole, and of a bounded number of pixels *before* anything is
decompressed (a picture of a few kilobytes may unfold to gigabytes).
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from PIL import Image

from core.faults import Fault, FaultReason, quoted
from formats.json_reading import Repeated, read_json
from formats.times import read_time

LARGEST_BYTES = 1_000_000
LARGEST_PIXELS = 3840 * 2160
"""Pixels of a picture in 4K, the largest that a camera of the field sends."""
_STREAM = re.compile(r"(rtsps?|rtmps?|https?|wss?|webrtc)://[A-Za-z0-9._~:/?#@!$&*+,;=%\[\]-]{1,500}")


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What a camera (or the video platform for it) says; `stream` is where its pictures can be watched."""

    time: datetime
    online: bool
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A checked JPEG."""

    width: int
    height: int
    jpeg: bytes


def decode_status(payload: bytes) -> tuple[CameraStatus | None, list[Fault]]:
    """The status (None if it cannot be used) and what was wrong; never raises."""
    content = read_json(payload)
    if isinstance(content, Fault):
        return None, [content]
    if not isinstance(content, dict):
        return None, [Fault(FaultReason.WRONG_SHAPE, "a camera status is one object.")]
    faults = [
        Fault(FaultReason.DUPLICATE_KEY, f"key {quoted(name)} is given twice; none is believed.")
        for name, value in content.items()
        if isinstance(value, Repeated)
    ]
    faults += [
        Fault(FaultReason.UNKNOWN_FIELD, f"field {quoted(name)} is not of the contract.")
        for name in content
        if name not in ("time", "online", "stream")
    ]
    online = content.get("online")
    if not isinstance(online, bool):
        return None, [
            *faults,
            Fault(FaultReason.WRONG_TYPE, f"online is true or false, not {quoted(online)}."),
        ]
    time = read_time(content.get("time"))
    if isinstance(time, Fault):
        return None, [*faults, time]
    return CameraStatus(time, online, _stream(content.get("stream"), faults)), faults


def encode_status(status: CameraStatus) -> bytes:
    """One status message."""
    message: dict[str, Any] = {"time": status.time.isoformat(), "online": status.online}
    if status.stream is not None:
        message["stream"] = status.stream
    return msgspec.json.encode(message)


def decode_snapshot(
    payload: bytes, largest_pixels: int = LARGEST_PIXELS
) -> tuple[Snapshot | None, list[Fault]]:
    """The picture, or why it is none; never raises."""
    if len(payload) > LARGEST_BYTES:
        return None, [_bad(f"has {len(payload)} bytes, {LARGEST_BYTES} are allowed")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(payload), formats=["JPEG"]) as picture:
                width, height = picture.size
                if width * height > largest_pixels:
                    return None, [_bad(f"has {width} × {height} pixels, {largest_pixels} are allowed")]
                picture.load()
    except Exception as error:
        # Pillow raises a dozen kinds for broken pictures (OSError, SyntaxError, struct.error …).
        return None, [_bad(f"cannot be opened ({quoted(str(error), 100)})")]
    return Snapshot(width, height, payload), []


def _stream(value: Any, faults: list[Fault]) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and _STREAM.fullmatch(value):
        return value
    faults.append(
        Fault(
            FaultReason.BAD_STREAM,
            f"stream {quoted(value)} is no rtsp, rtmp, http or ws address and was left out.",
        )
    )
    return None


def _bad(what: str) -> Fault:
    return Fault(FaultReason.BAD_IMAGE, f"the picture {what}; send a JPEG as cameras make it.")
