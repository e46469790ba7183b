"""Pictures of cameras."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from core.cameras import Snapshot
from formats import camera
from ingest.understood import Keeping, Known, Limits, Understood
from store import camera_reports


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The picture, if it is one."""
    understood.report, understood.faults = camera.decode_snapshot(understood.message.payload)


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps the picture, and of its camera only the newest few; one that may have come before only once."""
    snapshot: Snapshot = understood.report
    message, camera_code, exercise = understood.message, understood.to.code, understood.to.exercise
    may_be_held = message.repeated or message.backlog
    if may_be_held and camera_reports.is_held(connection, camera_code, exercise, snapshot.jpeg):
        return
    camera_reports.save_snapshot(
        connection,
        camera_code,
        exercise,
        message.received_at,
        (snapshot.width, snapshot.height),
        snapshot.jpeg,
        keep=keeping.snapshots,
    )
