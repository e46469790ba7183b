"""The kinds of messages: one file each, with `read` (pure) and, where it brings more than readings, `save`.

A new kind is a member of `ingest.routes.Format` with its topic, a file here, and a line in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from ingest.kinds import (
    camera_snapshot,
    camera_status,
    frigate,
    gb28181,
    network,
    observations,
    sl651,
    typhoon,
    weather_image,
    weather_warning,
)
from ingest.routes import NETWORKS, Format
from ingest.understood import Keeping, Known, Limits, Understood


@dataclass(frozen=True, slots=True)
class Kind:
    """How a message is read, and how what it brings beside readings (`report`) is kept.

    `read` fills the record it is given. `save` is called in the transaction of the batch, where a report is.
    """

    read: Callable[[Understood, Known, Limits], None]
    save: Callable[[Connection[Any], Understood, Keeping], None] | None = None


KINDS: dict[Format, Kind] = {
    Format.OBSERVATIONS: Kind(observations.read),
    **dict.fromkeys(NETWORKS, Kind(network.read)),
    Format.SL651: Kind(sl651.read, sl651.save),
    Format.TYPHOON: Kind(typhoon.read, typhoon.save),
    Format.WEATHER_WARNING: Kind(weather_warning.read, weather_warning.save),
    Format.WEATHER_IMAGE: Kind(weather_image.read, weather_image.save),
    Format.CAMERA_STATUS: Kind(camera_status.read, camera_status.save),
    Format.CAMERA_SNAPSHOT: Kind(camera_snapshot.read, camera_snapshot.save),
    Format.FRIGATE: Kind(frigate.read, frigate.save),
    Format.GB28181: Kind(gb28181.read, gb28181.save),
}
