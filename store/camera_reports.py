"""What cameras report, or others of them: status (the newest receipt stands) and the last few pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb

from store.connection import rows

_CODES: LiteralString = """
select code from camera
where case when %(named)s then code = %(name)s or platform_id = %(name)s
      else recorder_id = %(name)s or platform_id = %(name)s end
order by code
"""

_CODES_OF_SOURCE: LiteralString = """
select camera from camera_state where source = %s and exercise is not distinct from %s order by camera
"""

_FIRST_STATE: LiteralString = """
insert into camera_state
    (camera, exercise, online, time, received_at, stream, since, settled, source, roles, battery)
select code, %(exercise)s, coalesce(%(online)s, true), %(time)s, %(received_at)s, %(stream)s, %(received_at)s,
       coalesce(%(online)s, true), %(source)s, %(roles)s, %(battery)s
from unnest(%(cameras)s::text[]) as reported (code)
on conflict (camera, exercise) do nothing
returning camera
"""

_NEXT_STATE: LiteralString = """
update camera_state as held set
    settled = camera_online(held.online, held.since, held.settled, held.received_at,
                            camera.keepalive_s, camera.settle_s, %(received_at)s),
    since = case when next.online = held.online
                      and %(received_at)s - held.received_at < 3 * camera.keepalive_s * interval '1 second'
                 then held.since else %(received_at)s end,
    changes = case when next.online = held.online then held.changes
                   else (array[%(received_at)s::timestamptz] || held.changes)[1:6] end,
    online = next.online, roles = next.roles, time = %(time)s, received_at = %(received_at)s,
    stream = coalesce(%(stream)s, held.stream), source = %(source)s,
    battery = coalesce(%(battery)s, held.battery)
from camera
join camera_state as was on was.camera = camera.code and was.exercise is not distinct from %(exercise)s
cross join lateral (select was.roles || %(roles)s as roles) as merged
cross join lateral (
    select case when %(online)s::boolean is not null then '{}' else merged.roles end as roles,
           coalesce(%(online)s,
                    (select bool_or(value::boolean) from jsonb_each_text(merged.roles)), was.online) as online
) as next
where held.camera = camera.code and held.exercise is not distinct from %(exercise)s
    and camera.code = any(%(cameras)s) and held.received_at <= %(received_at)s
"""

_SAVE_SNAPSHOT: LiteralString = """
insert into camera_snapshot (camera, exercise, received_at, width, height, jpeg)
values (%s, %s, %s, %s, %s, %b)
"""

_FORGET: LiteralString = """
delete from camera_snapshot
where camera = %(camera)s and exercise is not distinct from %(exercise)s
    and (received_at, id) <= (select received_at, id from camera_snapshot
                              where camera = %(camera)s and exercise is not distinct from %(exercise)s
                              order by received_at desc, id desc offset %(keep)s limit 1)
"""

_NEWEST: LiteralString = """
select id, camera, received_at, width, height, jpeg from camera_snapshot
where camera = %s and exercise is not distinct from %s order by received_at desc, id desc limit 1
"""


@dataclass(frozen=True, slots=True)
class CameraState:
    """What was reported of cameras at one moment.

    `online` None is a sign of life that says nothing new: the first one means there, later ones leave what was
    reported. `roles` are parts of a report (Frigate's processes): the camera is there if any of them is.
    """

    online: bool | None
    time: datetime
    received_at: datetime
    source: str
    stream: str | None = None
    battery: float | None = None
    roles: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CameraPicture:
    """A kept snapshot."""

    id: int
    camera: str
    received_at: datetime
    width: int
    height: int
    jpeg: bytes


def named(connection: Connection[Any], name: str) -> list[str]:
    """The cameras of our code, or of the platform's name for it."""
    return _codes(connection, _CODES, {"name": name, "named": True})


def behind(connection: Connection[Any], recorder: str) -> list[str]:
    """The cameras of a recorder of GB/T 28181, and the one that is this device itself."""
    return _codes(connection, _CODES, {"name": recorder, "named": False})


def told_by(connection: Connection[Any], source: str, exercise: str | None) -> list[str]:
    """The cameras of which this source told last."""
    return _codes(connection, _CODES_OF_SOURCE, (source, exercise))


def save_state(
    connection: Connection[Any], cameras: Sequence[str], state: CameraState, exercise: str | None
) -> None:
    """Keeps a report on cameras. A last will carries an old time and still counts: the order of receipt decides.

    What counts (`camera_online` in the schema) changes once the reported has held for the camera's `settle_s`.
    """
    values: dict[str, Any] = {
        "exercise": exercise,
        "cameras": list(cameras),
        "online": state.online,
        "time": state.time,
        "received_at": state.received_at,
        "source": state.source,
        "stream": state.stream,
        "battery": state.battery,
        "roles": Jsonb(dict(state.roles)),
    }
    first = {"online": any(state.roles.values())} if state.roles and state.online is None else {}
    new = {row[0] for row in connection.execute(_FIRST_STATE, values | first).fetchall()}
    known = [code for code in cameras if code not in new]
    if known:
        connection.execute(_NEXT_STATE, values | {"cameras": known})


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


def is_camera(connection: Connection[Any], code: str) -> bool:
    """True of the code of a camera."""
    return connection.execute("select 1 from camera where code = %s", (code,)).fetchone() is not None


def is_held(connection: Connection[Any], camera: str, exercise: str | None, jpeg: bytes) -> bool:
    """True if the camera's kept pictures hold this very one: a station sends it again for want of an answer."""
    found = connection.execute(
        "select 1 from camera_snapshot where camera = %s and exercise is not distinct from %s and jpeg = %b",
        (camera, exercise, jpeg),
    )
    return found.fetchone() is not None


def newest_snapshot(connection: Connection[Any], camera: str, exercise: str | None) -> CameraPicture | None:
    """The last picture of a camera, if there is one."""
    found = rows(connection, CameraPicture, _NEWEST, (camera, exercise))
    return found[0] if found else None


def _codes(connection: Connection[Any], query: LiteralString, values: Any) -> list[str]:
    return [row[0] for row in connection.execute(query, values).fetchall()]
