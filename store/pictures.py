"""One camera picture by its number, for addresses that never change their content."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from store.camera_reports import CameraPicture
from store.connection import rows


def picture(connection: Connection[Any], camera: str, id: int) -> CameraPicture | None:
    """The numbered picture of this camera, if it is still kept."""
    found = rows(
        connection,
        CameraPicture,
        "select id, camera, received_at, width, height, jpeg from camera_snapshot"
        " where camera = %s and id = %s",
        (camera, id),
    )
    return found[0] if found else None
