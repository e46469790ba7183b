"""`anlan/camera/{camera}/status` and `…/snapshot`: is the camera there, and what does it see.

A status is `{"time": "…", "online": true, "stream": "rtsp://…"}`; a patrol's (单兵) also says where it is
(`lon`, `lat` in WGS84, `accuracy_m`, `speed_ms`, `heading_deg`, `altitude_m`) and, like any unit on a battery, how
full that is (`battery`, percent). A snapshot is a JPEG, which is checked before it is kept: really a JPEG, whole,
and of a bounded number of pixels *before* anything is decompressed (a picture of a few kilobytes may unfold to
gigabytes).
"""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

import msgspec
from PIL import Image

from core.cameras import CameraStatus, Snapshot
from core.faults import Fault, FaultReason, quoted
from formats.json_reading import Repeated, read_json
from formats.positions import FIELDS, read_position
from formats.times import read_time

LARGEST_BYTES = 1_000_000
LARGEST_PIXELS = 3840 * 2160
"""Pixels of a picture in 4K, the largest that a camera of the field sends."""
_FIELDS = ("time", "online", "stream", "battery", *FIELDS)
_STREAM = re.compile(r"(rtsps?|rtmps?|https?|wss?|webrtc)://[A-Za-z0-9._~:/?#@!$&*+,;=%\[\]-]{1,500}")


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
        if name not in _FIELDS
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
    position = None
    if "lon" in content or "lat" in content:
        found = read_position(content, time)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            position = found
    stream = _stream(content.get("stream"), faults)
    return CameraStatus(time, online, stream, position, _battery(content.get("battery"), faults)), faults


def encode_status(status: CameraStatus) -> bytes:
    """One status message."""
    message: dict[str, Any] = {"time": status.time.isoformat(), "online": status.online}
    if status.stream is not None:
        message["stream"] = status.stream
    if status.position is not None:
        message |= {name: getattr(status.position, name) for name in FIELDS}
    if status.battery is not None:
        message["battery"] = status.battery
    return msgspec.json.encode({name: value for name, value in message.items() if value is not None})


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


def _battery(value: Any, faults: list[Fault]) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100:
        return float(value)
    faults.append(
        Fault(FaultReason.OUT_OF_RANGE, f"battery {quoted(value)} is no percentage and was left out.")
    )
    return None


def _bad(what: str) -> Fault:
    return Fault(FaultReason.BAD_IMAGE, f"the picture {what}; send a JPEG as cameras make it.")
