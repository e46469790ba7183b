"""Original messages on cameras, for decoding and for mutations."""

from __future__ import annotations

import io
import json

from PIL import Image

from core.cameras import CameraStatus, Position
from formats import gb28181
from formats.camera import encode_status
from tests.unit.formats.networks import NOW

CAMERA, RECORDER, PATROL = "34020000001320000001", "34020000001180000001", "34020000001340000007"
PLACE = Position(NOW, 121.87, 29.4766, accuracy_m=4.0, speed_ms=2.5, heading_deg=270.0, altitude_m=12.5)


def jpeg(width: int = 320, height: int = 180) -> bytes:
    """A picture as cameras make it."""
    picture = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(picture, "JPEG")
    return picture.getvalue()


STATUS = [
    encode_status(CameraStatus(NOW, True, "rtsp://10.0.0.1/live", PLACE, 87.0)),
    encode_status(CameraStatus(NOW, False)),
]
STATS = json.dumps(
    {
        "cameras": {"front": {"camera_fps": 5.1, "pid": 7}, "back": {"camera_fps": 0.0}},
        "service": {"uptime": 9},
    }
).encode()
FRIGATE = [
    (["available"], b"online"),
    (["front", "status", "detect"], b"offline"),
    (["stats"], STATS),
    (["front", "person", "snapshot"], jpeg()),
    (["events"], b'{"type":"update","before":{"id":"1"},"after":{"id":"1"}}'),
]
GB28181 = [
    gb28181.encode_keepalive(RECORDER, 43),
    gb28181.encode_catalogue(RECORDER, 44, {CAMERA: True, PATROL: False}),
    gb28181.encode_position(PATROL, 45, PLACE),
    b'{"CmdType":"Keepalive","SN":3,"DeviceID":"34020000001180000001","Status":"OK"}',
    b'{"CmdType":"MobilePosition","DeviceID":"34020000001340000007","Longitude":121.87,"Latitude":29.4766}',
]
