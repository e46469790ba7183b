"""Whether the finder of a kind can read a rule's terms: asked before a rule is changed, not at three in the morning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alerts.standing import (
    battery,
    camera,
    clock,
    device,
    duty,
    isolation,
    link,
    projection,
    rain_area,
    silence,
    typhoon,
)

_READERS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "battery": battery.Terms.of,
    "camera": camera.Terms.of,
    "clock": clock.Terms.of,
    "device": device.Terms.of,
    "duty": duty.Terms.of,
    "isolation": isolation.Terms.of,
    "link": link.Terms.of,
    "projection": projection.Terms.of_rule,
    "rain_area": rain_area.Terms.of,
    "silence": silence.Terms.of,
    "typhoon": typhoon.Terms.of,
}


def unreadable(kind: str, terms: Mapping[str, Any]) -> str | None:
    """What is wrong with the terms of a rule of this kind, or None; of kinds without terms nothing is."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        reader(terms)
    except KeyError as error:
        return f"{error.args[0]} is missing"
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        return str(error)
    return None
