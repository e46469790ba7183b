"""Cameras as they stand (their reports are in `store.camera_reports`)."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection

from core.devices import Camera
from core.errors import NotFoundError
from store.connection import rows

_CAMERA: LiteralString = """
select code, name, name_en, area, lon, lat, stream, keepalive_s, origin, kind, platform_id, recorder_id, settle_s
from camera
"""

_SAVE = """
insert into camera (code, name, name_en, area, lon, lat, stream, keepalive_s, origin, kind, platform_id,
                    recorder_id, settle_s)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set
    name = excluded.name, name_en = excluded.name_en, area = excluded.area, lon = excluded.lon,
    lat = excluded.lat, stream = excluded.stream, keepalive_s = excluded.keepalive_s, origin = excluded.origin,
    kind = excluded.kind, platform_id = excluded.platform_id, recorder_id = excluded.recorder_id,
    settle_s = excluded.settle_s
"""


def cameras(connection: Connection[Any], *, within: str | None = None) -> list[Camera]:
    """Cameras by code; with `within` those that stand in that area or below it."""
    return rows(
        connection,
        Camera,
        _CAMERA + " where %s::text is null or area_within(area, %s) order by code",
        (within, within),
    )


def camera(connection: Connection[Any], code: str) -> Camera:
    """One camera. Raises NotFoundError."""
    found = rows(connection, Camera, _CAMERA + " where code = %s", (code,))
    if not found:
        raise NotFoundError(f"there is no camera {code!r}")
    return found[0]


def save_camera(connection: Connection[Any], entry: Camera) -> None:
    """Creates or replaces a camera."""
    connection.execute(
        _SAVE,
        (
            entry.code, entry.name, entry.name_en, entry.area, entry.lon, entry.lat, entry.stream,
            entry.keepalive_s, entry.origin, entry.kind, entry.platform_id, entry.recorder_id, entry.settle_s,
        ),
    )  # fmt: skip
