"""Which format reads a topic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.faults import Fault, FaultReason, quoted
from core.topics import CODE, split


class Format(StrEnum):
    """What a payload is; also the `format` in the quarantine and the `source` of observations."""

    OBSERVATIONS = "obs"
    SL651 = "sl651"
    SENML = "senml"
    THE_THINGS_STACK = "tts"
    CHIRPSTACK = "chirpstack"
    THINGSBOARD = "thingsboard"
    TYPHOON = "typhoon"
    WEATHER_WARNING = "weather_warning"
    WEATHER_IMAGE = "weather_image"
    CAMERA_STATUS = "camera_status"
    CAMERA_SNAPSHOT = "camera_snapshot"
    FRIGATE = "frigate"
    GB28181 = "gb28181"


NETWORKS = frozenset({Format.SENML, Format.THE_THINGS_STACK, Format.CHIRPSTACK, Format.THINGSBOARD})
"""Formats whose payloads name the devices; their first part of a topic is their own name."""

SPEAKERS = NETWORKS | {Format.SL651}
"""Formats whose topic names who speaks, and whose payload of which stations."""

CONNECTION = "tcp:sl651:"
"""What stands for a topic where a station dials in: this and the address that it dials from."""


@dataclass(frozen=True, slots=True)
class Route:
    """`code` is the station, camera or layer of the topic, of a network who speaks, else empty.

    `address` is where a station dials in from; empty if it comes by the broker.
    """

    format: Format
    exercise: str | None
    code: str
    address: str = ""


_OF_OTHERS = frozenset({"device", "ack"})
"""First parts that are not ours: devices belong to dispatch, acknowledgements are our own words."""


@lru_cache(maxsize=10_000)
def route(topic: str) -> Route | Fault | None:
    """The route of a topic; a fault if it has none; None if another role reads it."""
    if topic.startswith(CONNECTION):
        return Route(Format.SL651, None, "", topic.removeprefix(CONNECTION))
    taken = split(topic)
    if taken is None:
        return Fault(
            FaultReason.NO_ROUTE, f"no route for topic {quoted(topic)}; see the topics of the contract."
        )
    match taken.parts:
        case (first, *_) if first in _OF_OTHERS:
            return None
        case (_, _, "down"):
            return None
        case ("obs", code):
            return _coded(Format.OBSERVATIONS, taken.exercise, code, "station")
        case (network, code) if network in SPEAKERS:
            return _coded(Format(network), taken.exercise, code, "station or gateway")
        case ("weather", "typhoon"):
            return Route(Format.TYPHOON, taken.exercise, "")
        case ("weather", "warning"):
            return Route(Format.WEATHER_WARNING, taken.exercise, "")
        case ("weather", "image", layer):
            return _coded(Format.WEATHER_IMAGE, taken.exercise, layer, "layer of images")
        case ("camera", code, "status"):
            return _coded(Format.CAMERA_STATUS, taken.exercise, code, "camera")
        case ("camera", code, "snapshot"):
            return _coded(Format.CAMERA_SNAPSHOT, taken.exercise, code, "camera")
        case ("frigate", _, *_):
            return Route(Format.FRIGATE, taken.exercise, "")
        case ("gb28181", platform):
            return _coded(Format.GB28181, taken.exercise, platform, "video platform")
    return Fault(FaultReason.NO_ROUTE, f"no route for topic {quoted(topic)}; see the topics of the contract.")


def _coded(format_: Format, exercise: str | None, code: str, what: str) -> Route | Fault:
    if CODE.fullmatch(code):
        return Route(format_, exercise, code)
    return Fault(
        FaultReason.BAD_CODE,
        f"{quoted(code)} is no code of a {what}: letters, digits and _ . - only, at most 64.",
    )
