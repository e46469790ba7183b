"""What Frigate, a video recorder with object detection, publishes of its cameras (its MQTT documentation).

`frigate/available` (its last will says offline), `frigate/{camera}/status/{role}` (repeated about every ten
seconds: whether its process for that role gets pictures, so an unreachable camera goes on and off as the watchdog
restarts it), `frigate/stats` (once a minute, frames per second of every camera) and
`frigate/{camera}/{label}/snapshot` (a JPEG of what was detected). Everything else, and there is much, is no
report on a camera.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from core.cameras import Snapshot
from core.faults import Fault, FaultReason, quoted
from formats.camera import decode_snapshot
from formats.json_reading import read_json

_MOST_CAMERAS = 1_000
_MOST_FAULTS = 20
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Names of cameras as Frigate itself allows them in its configuration."""
_WORDS = {b"online": True, b"offline": False}
_ROLES = ("detect", "record")
"""Roles that need the camera's picture; `audio` may be off at a camera that has no microphone."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Frigate itself is there or gone; while it is gone nobody knows of its cameras."""

    online: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether pictures of a camera arrive in one of its roles, or (`frames`) at all."""

    camera: str
    role: str
    online: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A snapshot of a camera."""

    camera: str
    snapshot: Snapshot


Report = Availability | Seen | Picture


def decode(parts: Sequence[str], payload: bytes) -> tuple[list[Report], list[Fault]]:
    """The reports of a message on `frigate/{parts}`; none for what is no report on cameras. Never raises."""
    match parts:
        case ["available"]:
            if payload not in _WORDS:
                return [], [_no_word(payload)]
            return [Availability(_WORDS[payload])], []
        case ["stats"]:
            return _stats(payload)
        case [camera, "status", role] if role in _ROLES:
            if payload == b"disabled":
                return [], []
            if payload not in _WORDS:
                return [], [_no_word(payload)]
            return [Seen(camera, role, _WORDS[payload])], []
        case [camera, _, "snapshot"]:
            snapshot, faults = decode_snapshot(payload)
            return [Picture(camera, snapshot)] if snapshot else [], faults
    return [], []


def _stats(payload: bytes) -> tuple[list[Report], list[Fault]]:
    content = read_json(payload)
    if isinstance(content, Fault):
        return [], [content]
    cameras = content.get("cameras") if isinstance(content, dict) else None
    if not isinstance(cameras, dict) or len(cameras) > _MOST_CAMERAS:
        return [], [
            Fault(FaultReason.WRONG_SHAPE, f"statistics hold the cameras (at most {_MOST_CAMERAS}) by name.")
        ]
    reports: list[Report] = []
    faults: list[Fault] = []
    for name, figures in cameras.items():
        if not _NAME.fullmatch(name):
            faults.append(Fault(FaultReason.BAD_CODE, f"{quoted(name)} is no name of a camera of Frigate."))
            continue
        rate = figures.get("camera_fps") if isinstance(figures, dict) else None
        if isinstance(rate, int | float) and not isinstance(rate, bool) and isfinite(rate):
            reports.append(Seen(name, "frames", rate > 0))
    return reports, faults[:_MOST_FAULTS]


def _no_word(payload: bytes) -> Fault:
    return Fault(FaultReason.WRONG_TYPE, f"a status is online, offline or disabled, not {quoted(payload)}.")


def encode_status(camera: str, role: str, online: bool) -> tuple[str, bytes]:
    """Topic and payload of a status, for drills and tests."""
    return f"frigate/{camera}/status/{role}", b"online" if online else b"offline"
