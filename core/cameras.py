"""What cameras and patrols report, whoever tells it: themselves, a video recorder, or a platform for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CameraKind(StrEnum):
    """A fixed camera, or a patrol's body-worn or handheld unit (单兵), which moves."""

    FIXED = "fixed"
    PATROL = "patrol"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a patrol was (WGS84, degrees); what its unit does not tell is None."""

    time: datetime
    lon: float
    lat: float
    accuracy_m: float | None = None
    speed_ms: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What a camera says of itself; `stream` is where its pictures can be watched, `battery` in percent."""

    time: datetime
    online: bool
    stream: str | None = None
    position: Position | None = None
    battery: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A checked JPEG."""

    width: int
    height: int
    jpeg: bytes
