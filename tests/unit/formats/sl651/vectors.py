"""The frames of data/vectors.json and small things that several tests need."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from formats.sl651 import Coding, Decoded, Frame, Link, decode, read_frame
from formats.sl651.frame import End, build_frame

VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "data" / "vectors.json").read_text(encoding="utf-8"))[
        "vectors"
    ]
}
LINK = Link("0060412301", 1, "1A2B")
ASCII_LINK = Link("0060412301", 1, "1A2B", Coding.ASCII)
CODE = "60412301"


def vector(name: str) -> bytes:
    """The bytes of one frame."""
    return bytes.fromhex(VECTORS[name]["hex"])


def frame_of(data: bytes) -> Frame:
    """The frame that these bytes begin with; fails if there is none."""
    frame = read_frame(data)
    assert isinstance(frame, Frame), frame
    return frame


def beijing(text: str) -> datetime:
    """`2026-07-15T08:00` of Beijing, in UTC."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


def uplink(body: str, function: int = 0x33, link: Link = LINK) -> Frame:
    """A frame with this body, given in hexadecimal digits."""
    return frame_of(
        build_frame(
            Coding.HEX,
            up=True,
            centre=link.centre,
            address=link.address,
            password=link.password,
            function=function,
            body=bytes.fromhex(body),
            end=End.ETX,
        )
    )


def ascii_uplink(body: str, function: int = 0x33) -> Frame:
    """A frame with this body in ASCII coding."""
    return frame_of(
        build_frame(
            Coding.ASCII,
            up=True,
            centre=1,
            address=LINK.address,
            password=LINK.password,
            function=function,
            body=body.encode(),
            end=End.ETX,
        )
    )


def values(decoded: Decoded) -> list[tuple[str, int, int, str, float | None]]:
    """Property, sensor, period, time in Beijing, value of each reading."""
    return [
        (
            reading.property,
            reading.sensor,
            reading.period_s,
            (reading.time + timedelta(hours=8)).strftime("%m-%d %H:%M"),
            reading.value,
        )
        for reading in decoded.readings
    ]


def read(body: str, function: int = 0x33) -> list[tuple[str, int, int, str, float | None]]:
    """The readings of a body without faults."""
    decoded = decode(uplink(body, function))
    assert decoded.faults == []
    return values(decoded)
