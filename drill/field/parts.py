"""The parts of the simulated field by name, each its own process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.devices import DeviceKind
from drill.field.part import Part

PARTS = ("screens", "loudspeakers", "phones", "stations", "rtus", "cameras", "weather")


def part_runner(name: str) -> Callable[[Part], None]:
    """What runs one part until SIGTERM.

    Imports only what that part needs: seven processes with everything would hold 300 MB for nothing.
    """
    if name in ("screens", "loudspeakers"):
        from drill.field import devices

        kind = DeviceKind.LED if name == "screens" else DeviceKind.LOUDSPEAKER
        return partial(devices.run, kind=kind)
    if name == "phones":
        from drill.field import phones

        return phones.run
    if name == "stations":
        from drill.field import stations

        return stations.run
    if name == "rtus":
        from drill.field import rtus

        return rtus.run
    if name == "weather":
        from drill.field import weather

        return weather.run
    from drill.field import cameras

    return cameras.run
