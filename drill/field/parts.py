"""The parts of the simulated field by name, each its own process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.devices import DeviceKind
from drill.field import cameras, devices, phones, stations
from drill.field.part import Part

PARTS: dict[str, Callable[[Part], None]] = {
    "screens": partial(devices.run, kind=DeviceKind.LED),
    "loudspeakers": partial(devices.run, kind=DeviceKind.LOUDSPEAKER),
    "phones": phones.run,
    "stations": stations.run,
    "cameras": cameras.run,
}
"""Each runs until SIGTERM."""
