"""What a camera says of itself."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from formats import camera
from hydrology.judgement import judge_time
from ingest.understood import Keeping, Known, Limits, Understood
from store import camera_reports


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
    """Keeps the status; the newest receipt stands."""
    status: camera.CameraStatus = understood.report
    state = camera_reports.CameraState(
        understood.to.code, status.online, status.time, understood.message.received_at, status.stream
    )
    camera_reports.save_state(connection, state, understood.to.exercise)
