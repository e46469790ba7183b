"""What cameras report: status (the newest receipt stands) and the last few pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_SAVE_STATE: LiteralString = """
insert into camera_state (camera, exercise, online, time, received_at, stream)
values (%s, %s, %s, %s, %s, %s)
on conflict (camera, exercise) do update set
    online = excluded.online, time = excluded.time, received_at = excluded.received_at,
    stream = coalesce(excluded.stream, camera_state.stream)
where camera_state.received_at <= excluded.received_at
"""

_SAVE_SNAPSHOT: LiteralString = """
insert into camera_snapshot (camera, exercise, received_at, width, height, jpeg)
values (%s, %s, %s, %s, %s, %b)
"""

_FORGET: LiteralString = """
delete from camera_snapshot
where camera = %(camera)s and exercise is not distinct from %(exercise)s
    and id <= (select id from camera_snapshot
               where camera = %(camera)s and exercise is not distinct from %(exercise)s
               order by id desc offset %(keep)s limit 1)
"""

_NEWEST: LiteralString = """
select id, camera, received_at, width, height, jpeg from camera_snapshot
where camera = %s and exercise is not distinct from %s order by id desc limit 1
"""


@dataclass(frozen=True, slots=True)
class CameraState:
    """What a camera last said; it counts as there only while `received_at` is younger than 3 keep-alives."""

    camera: str
    online: bool
    time: datetime
    received_at: datetime
    stream: str | None


@dataclass(frozen=True, slots=True)
class CameraPicture:
    """A kept snapshot."""

    id: int
    camera: str
    received_at: datetime
    width: int
    height: int
    jpeg: bytes


def save_state(connection: Connection[Any], state: CameraState, exercise: str | None) -> None:
    """Keeps a status. A last will carries an old time and still counts: the order of receipt decides."""
    connection.execute(
        _SAVE_STATE,
        (state.camera, exercise, state.online, state.time, state.received_at, state.stream),
    )


def save_snapshot(
    connection: Connection[Any],
    camera: str,
    exercise: str | None,
    received_at: datetime,
    size: tuple[int, int],
    jpeg: bytes,
    *,
    keep: int,
) -> None:
    """Keeps a picture of (width, height) and forgets all but the newest `keep` of this camera."""
    connection.execute(_SAVE_SNAPSHOT, (camera, exercise, received_at, *size, jpeg))
    connection.execute(_FORGET, {"camera": camera, "exercise": exercise, "keep": keep})


def newest_snapshot(connection: Connection[Any], camera: str, exercise: str | None) -> CameraPicture | None:
    """The last picture of a camera, if there is one."""
    found = rows(connection, CameraPicture, _NEWEST, (camera, exercise))
    return found[0] if found else None
