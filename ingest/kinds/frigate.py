"""What Frigate says of the cameras that it records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason, quoted
from core.topics import split
from formats import frigate
from ingest.understood import Keeping, Known, Limits, Understood
from store import camera_reports

SOURCE = "frigate"


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """The reports; most of what Frigate says is none."""
    topic = split(understood.message.topic)
    parts = topic.parts[1:] if topic else ()
    reports, understood.faults = frigate.decode(parts, understood.message.payload)
    understood.report = reports or None


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps the states and pictures of the cameras that we know by Frigate's names."""
    for report in understood.report:
        match report:
            case frigate.Availability():
                if not report.online:
                    told = camera_reports.told_by(connection, SOURCE, understood.to.exercise)
                    _save(connection, understood, told, online=False)
            case frigate.Seen():
                found = _known(connection, understood, report.camera)
                _save(connection, understood, found, roles={report.role: report.online})
            case frigate.Picture():
                for code in _known(connection, understood, report.camera):
                    camera_reports.save_snapshot(
                        connection,
                        code,
                        understood.to.exercise,
                        understood.message.received_at,
                        (report.snapshot.width, report.snapshot.height),
                        report.snapshot.jpeg,
                        keep=keeping.snapshots,
                    )


def _save(
    connection: Connection[Any],
    understood: Understood,
    cameras: Sequence[str],
    *,
    online: bool | None = None,
    roles: dict[str, bool] | None = None,
) -> None:
    at = understood.message.received_at
    state = camera_reports.CameraState(online, at, at, SOURCE, roles=roles or {})
    camera_reports.save_state(connection, cameras, state, understood.to.exercise)


def _known(connection: Connection[Any], understood: Understood, name: str) -> list[str]:
    """Our codes of Frigate's camera; a fault (once for the same words of the same topic) if there is none."""
    found = camera_reports.named(connection, name)
    if not found:
        understood.repeats = True
        understood.faults.append(unknown(name))
    return found


def unknown(name: str) -> Fault:
    """A platform speaks of a camera that we have not."""
    return Fault(
        FaultReason.UNKNOWN_CAMERA,
        f"no camera is called {quoted(name)}; import it with this code or platform_id.",
    )
