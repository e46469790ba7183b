"""Devices that show or speak (LED screens, loudspeakers), and cameras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.cameras import CameraKind


class DeviceKind(StrEnum):
    """What a device can do."""

    LED = "led"
    LOUDSPEAKER = "loudspeaker"


class DeviceReport(StrEnum):
    """States that a device reports in its signed receipts (design.md, contract)."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SHOWING = "showing"
    PLAYING = "playing"
    DONE = "done"
    PREEMPTED = "preempted"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Device:
    """`columns` × `rows` full-width characters for an LED screen, 0 × 0 for a loudspeaker.

    `public_key` is the device's raw Ed25519 key (base64url), by which its receipts are verified;
    without one its receipts are shown as 未核验. An `internal` one stands in a duty room, where the public
    neither sees nor hears it: notices may use it.
    """

    code: str
    kind: DeviceKind
    name: str
    name_en: str
    area: str
    lon: float
    lat: float
    columns: int = 0
    rows: int = 0
    public_key: str | None = None
    active: bool = True
    origin: str | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Camera:
    """`keepalive_s` is the time between two status messages; older than three is offline.

    A change of what is reported counts once it has held for `settle_s`. `platform_id` is its name in Frigate or
    its channel code (GB/T 28181), `recorder_id` the code of the recorder that keeps alive for it. A patrol's
    place is its base, until it reports where it is.
    """

    code: str
    name: str
    name_en: str
    area: str
    lon: float
    lat: float
    stream: str | None = None
    keepalive_s: int = 60
    origin: str | None = None
    kind: CameraKind = CameraKind.FIXED
    platform_id: str | None = None
    recorder_id: str | None = None
    settle_s: int = 30
