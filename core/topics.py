"""MQTT topics of the contract, built and taken apart in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROOT = "anlan"
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What a station, device, camera or exercise may be called in a topic."""


CONTRACT = (
    "anlan/obs/{station}",
    "anlan/ack/{station}",
    "anlan/sl651/{any}",
    "anlan/sl651/{any}/down",
    "anlan/senml/{any}",
    "anlan/tts/{any}",
    "anlan/chirpstack/{any}",
    "anlan/thingsboard/{any}",
    "anlan/weather/typhoon",
    "anlan/weather/warning",
    "anlan/weather/image/{layer}",
    "anlan/camera/{camera}/status",
    "anlan/camera/{camera}/snapshot",
    "anlan/frigate/…",
    "anlan/gb28181/{platform}",
    "anlan/device/{device}/command",
    "anlan/device/{device}/status",
    "anlan/device/{device}/receipt",
    "anlan/drill/{exercise}/…",
)
"""Every topic that the system speaks, as docs/architecture.md lists them."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic without its root: `exercise` None is real; `parts` is what follows."""

    exercise: str | None
    parts: tuple[str, ...]


def split(topic: str) -> Topic | None:
    """Takes a topic apart; None if it is not one of ours or names an impossible code."""
    parts = topic.split("/")
    if len(parts) < 2 or parts[0] != ROOT:
        return None
    if parts[1] != "drill":
        return Topic(None, tuple(parts[1:]))
    if len(parts) < 4 or not CODE.fullmatch(parts[2]):
        return None
    return Topic(parts[2], tuple(parts[3:]))


def build(exercise: str | None, *parts: str) -> str:
    """The topic for `parts`, below the exercise's own branch if there is one."""
    head = (ROOT,) if exercise is None else (ROOT, "drill", exercise)
    return "/".join((*head, *parts))
