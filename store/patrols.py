"""Where patrols (单兵) are and were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row

from core.cameras import Position
from core.geometry import distance_km
from store.connection import rows

FASTEST_MS = 70.0
"""Metres a second, 250 km/h: nobody on patrol moves faster, so the receiver erred."""

_BEFORE: LiteralString = """
select camera, time, received_at, lon, lat, accuracy_m, speed_ms, heading_deg, altitude_m, doubtful
from camera_position
where camera = %(camera)s and exercise is not distinct from %(exercise)s and time < %(time)s
"""

_LAST_TWO: LiteralString = f"""
(({_BEFORE} order by time desc limit 1) union ({_BEFORE} and not doubtful order by time desc limit 1))
"""

_SAVE: LiteralString = """
insert into camera_position
    (camera, exercise, time, received_at, lon, lat, accuracy_m, speed_ms, heading_deg, altitude_m, doubtful)
values (%(camera)s, %(exercise)s, %(time)s, %(received_at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_ms)s,
        %(heading_deg)s, %(altitude_m)s, %(doubtful)s)
on conflict do nothing
"""

_FORGET: LiteralString = """
delete from camera_position
where camera = %s and exercise is not distinct from %s and time < %s
"""

_TRACK: LiteralString = """
select camera, time, received_at, lon, lat, accuracy_m, speed_ms, heading_deg, altitude_m, doubtful
from camera_position
where camera = %s and exercise is not distinct from %s and time >= %s and time < %s
order by time limit %s
"""


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as it is kept; `doubtful` if the way to it was faster than anything on the ground."""

    camera: str
    time: datetime
    received_at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    speed_ms: float | None
    heading_deg: float | None
    altitude_m: float | None
    doubtful: bool


def save_position(
    connection: Connection[Any],
    camera: str,
    exercise: str | None,
    position: Position,
    received_at: datetime,
    *,
    keep: timedelta,
) -> None:
    """Keeps a patrol's position, once for each time, and forgets those older than `keep` before its receipt.

    A position that could be reached neither from the last credible one nor from the last one is doubtful: one
    leap of a receiver is, and the place that two reports agree upon is not.
    """
    place = {"camera": camera, "exercise": exercise, "time": position.time}
    with connection.cursor(row_factory=class_row(Fix)) as cursor:
        before = cursor.execute(_LAST_TWO, place).fetchall()
    connection.execute(
        _SAVE,
        place
        | {
            "received_at": received_at,
            "lon": position.lon,
            "lat": position.lat,
            "accuracy_m": position.accuracy_m,
            "speed_ms": position.speed_ms,
            "heading_deg": position.heading_deg,
            "altitude_m": position.altitude_m,
            "doubtful": bool(before) and not any(_reachable(fix, position) for fix in before),
        },
    )
    connection.execute(_FORGET, (camera, exercise, received_at - keep))


def track(
    connection: Connection[Any],
    camera: str,
    exercise: str | None,
    start: datetime,
    end: datetime,
    *,
    most: int = 5_000,
) -> list[Fix]:
    """The positions of [start, end) in time order, at most so many."""
    return rows(connection, Fix, _TRACK, (camera, exercise, start, end, most))


def _reachable(fix: Fix, position: Position) -> bool:
    allowed = FASTEST_MS * (position.time - fix.time).total_seconds()
    blur = (fix.accuracy_m or 0) + (position.accuracy_m or 0)
    return distance_km((fix.lon, fix.lat), (position.lon, position.lat)) * 1000 <= allowed + blur
