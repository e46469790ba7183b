"""Formats that are no telemetry: what `anlan decode` prints of a warning, a track or a picture, a line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.faults import Fault

Lines = tuple[list[dict[str, Any]], list[Fault]]


def _cap(payload: bytes) -> Lines:
    """A line for each info: the message's own fields, then what is warned of."""
    from formats import cap

    messages, faults = cap.decode(payload)
    lines = []
    for message in messages:
        head = asdict(message)
        del head["infos"]
        lines += [head | asdict(info) for info in message.infos] or [head]
    return lines, faults


def _typhoon(payload: bytes) -> Lines:
    """A line for each position."""
    from formats import typhoon

    tracks, faults = typhoon.decode_tracks(payload)
    return [
        {"typhoon": track.code, "name": track.name, "name_en": track.name_en, **asdict(fix)}
        for track in tracks
        for fix in track.fixes
    ], faults


def _weather_image(payload: bytes) -> Lines:
    """Time, bounds and size; the picture itself stays where it is."""
    from formats import weather_image

    picture, faults = weather_image.decode(payload)
    if picture is None:
        return [], faults
    told = {"time": picture.time, "bounds": picture.bounds, "width": picture.width, "height": picture.height}
    return [told | {"png_bytes": len(picture.png)}], faults


DOCUMENTS: dict[str, Callable[[bytes], Lines]] = {
    "cap": _cap,
    "typhoon": _typhoon,
    "weather_image": _weather_image,
}
