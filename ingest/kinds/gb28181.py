"""What a video platform of GB/T 28181 hands on of its recorders, cameras and patrols."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from formats import gb28181
from hydrology.judgement import judge_time
from ingest.kinds.camera_status import save_position
from ingest.kinds.frigate import unknown
from ingest.understood import Keeping, Known, Limits, Understood
from store import camera_reports

SOURCE = "gb28181"


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The reports; positions only where their time can be true."""
    received_at = understood.message.received_at
    reports, understood.faults = gb28181.decode(understood.message.payload, received_at)
    believed = []
    for report in reports:
        fault = (
            judge_time(report.position.time, received_at, limits.time)
            if isinstance(report, gb28181.Moved)
            else None
        )
        if fault is None:
            believed.append(report)
        else:
            understood.faults.append(fault)
    understood.report = believed or None


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps states and positions. A recorder's keep-alive holds for every camera behind it."""
    at, exercise = understood.message.received_at, understood.to.exercise
    for report in understood.report:
        match report:
            case gb28181.Alive():
                if not report.well:
                    continue
                name, online = report.device, None
                cameras = camera_reports.behind(connection, report.device)
            case gb28181.Channel():
                name, online = report.channel, report.online
                cameras = camera_reports.named(connection, report.channel)
            case gb28181.Moved():
                name, online = report.device, True
                cameras = camera_reports.named(connection, report.device)
                for code in cameras:
                    save_position(connection, code, exercise, report.position, at, keeping)
        if not cameras:
            understood.repeats = True
            understood.faults.append(unknown(name))
            continue
        state = camera_reports.CameraState(online, at, at, SOURCE)
        camera_reports.save_state(connection, cameras, state, exercise)
