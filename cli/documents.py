"""Formats that are no telemetry: what `anlan decode` prints of warnings, tracks, pictures and cameras, a line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from core.cameras import Snapshot
from core.errors import InputError
from core.faults import Fault
from formats.json_reading import read_json

Lines = tuple[list[dict[str, Any]], list[Fault]]


class Sent(NamedTuple):
    """A payload with what else a message tells: its topic (behind `frigate/`, where it matters) and its receipt."""

    payload: bytes
    topic: str
    received_at: datetime


def _cap(sent: Sent) -> Lines:
    """A line for each info: the message's own fields, then what is warned of."""
    from formats import cap

    messages, faults = cap.decode(sent.payload)
    lines = []
    for message in messages:
        head = asdict(message)
        del head["infos"]
        lines += [head | asdict(info) for info in message.infos] or [head]
    return lines, faults


def _typhoon(sent: Sent) -> Lines:
    """A line for each position."""
    from formats import typhoon

    tracks, faults = typhoon.decode_tracks(sent.payload)
    return [
        {"typhoon": track.code, "name": track.name, "name_en": track.name_en, **asdict(fix)}
        for track in tracks
        for fix in track.fixes
    ], faults


def _weather_image(sent: Sent) -> Lines:
    """Time, bounds and size; the picture itself stays where it is."""
    from formats import weather_image

    picture, faults = weather_image.decode(sent.payload)
    if picture is None:
        return [], faults
    told = {"time": picture.time, "bounds": picture.bounds, "width": picture.width, "height": picture.height}
    return [told | {"png_bytes": len(picture.png)}], faults


def _camera_status(sent: Sent) -> Lines:
    """One line: what the camera says of itself, and where it is."""
    from formats import camera

    status, faults = camera.decode_status(sent.payload)
    return [asdict(status)] if status else [], faults


def _camera_snapshot(sent: Sent) -> Lines:
    """Its size; the picture itself stays where it is."""
    from formats import camera

    snapshot, faults = camera.decode_snapshot(sent.payload)
    return [_told(snapshot)] if snapshot else [], faults


def _frigate(sent: Sent) -> Lines:
    """A line for each camera that the topic and its payload speak of."""
    from formats import frigate

    topic, payload = (sent.topic, sent.payload) if sent.topic else _recorded(sent.payload)
    reports, faults = frigate.decode(topic.removeprefix("frigate/").split("/"), payload)
    lines: list[dict[str, Any]] = []
    for report in reports:
        if isinstance(report, frigate.Picture):
            lines.append({"report": "Picture", "camera": report.camera} | _told(report.snapshot))
        else:
            lines.append({"report": type(report).__name__} | asdict(report))
    return lines, faults


def _gb28181(sent: Sent) -> Lines:
    """A line for each device or channel that the message speaks of."""
    from formats import gb28181

    reports, faults = gb28181.decode(sent.payload, sent.received_at)
    return [{"report": type(report).__name__} | asdict(report) for report in reports], faults


def _recorded(line: bytes) -> tuple[str, bytes]:
    """Topic and payload of a message as `mosquitto_sub -F %J` writes it. Raises InputError if it is none."""
    message = read_json(line)
    if not isinstance(message, dict) or not isinstance(message.get("topic"), str) or "payload" not in message:
        raise InputError("no_topic", "Frigate says in the topic what a payload is: add --topic stats")
    topic, payload = message["topic"], message["payload"]
    return topic, payload.encode() if isinstance(payload, str) else msgspec.json.encode(payload)


def _told(snapshot: Snapshot) -> dict[str, Any]:
    return {"width": snapshot.width, "height": snapshot.height, "jpeg_bytes": len(snapshot.jpeg)}


DOCUMENTS: dict[str, Callable[[Sent], Lines]] = {
    "cap": _cap,
    "typhoon": _typhoon,
    "weather_image": _weather_image,
    "camera_status": _camera_status,
    "camera_snapshot": _camera_snapshot,
    "frigate": _frigate,
    "gb28181": _gb28181,
}
