"""What a camera says of itself; a patrol also where it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from core.cameras import CameraStatus, Position
from formats import camera
from hydrology.judgement import judge_time
from ingest.understood import Keeping, Known, Limits, Understood
from store import camera_reports, patrols


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The status, if its time can be true."""
    status, understood.faults = camera.decode_status(understood.message.payload)
    if status is None:
        return
    fault = judge_time(status.time, understood.message.received_at, limits.time)
    if fault is None:
        understood.report = status
    else:
        understood.faults.append(fault)


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps the status; the newest receipt stands. Where a patrol was goes by its own time."""
    status: CameraStatus = understood.report
    code, exercise, received_at = understood.to.code, understood.to.exercise, understood.message.received_at
    camera_reports.save_state(
        connection,
        [code],
        camera_reports.CameraState(
            status.online, status.time, received_at, "camera", status.stream, status.battery
        ),
        exercise,
    )
    if status.position is not None:
        save_position(connection, code, exercise, status.position, received_at, keeping)


def save_position(
    connection: Connection[Any],
    code: str,
    exercise: str | None,
    position: Position,
    received_at: datetime,
    keeping: Keeping,
) -> None:
    """Keeps where a camera was, as long as the settings say."""
    keep = timedelta(days=keeping.position_days)
    patrols.save_position(connection, code, exercise, position, received_at, keep=keep)
