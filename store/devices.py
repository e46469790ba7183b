"""LED screens and loudspeakers: what they are, what they last said, and their command sequence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.devices import Device, DeviceKind
from core.errors import NotFoundError
from store.connection import rows


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a device last said of itself.

    `state` is its own word for what it does, None if it never said; `time` is the device's clock,
    `received_at` ours; `verified` is True only where a signature of the device proved it.
    """

    device: str
    exercise: str | None
    online: bool
    state: str | None
    time: datetime | None
    received_at: datetime
    verified: bool
    detail: dict[str, Any]


_DEVICE = """
select code, kind, name, name_en, area, lon, lat, columns, rows, public_key, active, origin, internal from device
"""

_SAVE = """
insert into device (code, kind, name, name_en, area, lon, lat, columns, rows, public_key, active, origin,
                    internal)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set
    kind = excluded.kind, name = excluded.name, name_en = excluded.name_en, area = excluded.area,
    lon = excluded.lon, lat = excluded.lat, columns = excluded.columns, rows = excluded.rows,
    public_key = coalesce(excluded.public_key, device.public_key), active = excluded.active,
    origin = excluded.origin, internal = excluded.internal
"""

_SAVE_STATE = """
insert into device_state (device, exercise, online, state, time, received_at, verified, detail)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (device, exercise) do update set
    online = excluded.online, state = coalesce(excluded.state, device_state.state),
    time = coalesce(excluded.time, device_state.time), received_at = excluded.received_at,
    verified = excluded.verified,
    detail = excluded.detail || jsonb_strip_nulls(jsonb_build_object(
        'babbling_at', device_state.detail -> 'babbling_at', 'babbled', device_state.detail -> 'babbled'))
where device_state.received_at <= excluded.received_at
"""

_NEXT_SEQUENCE = """
insert into device_sequence (device, last) values (%s, %s)
on conflict (device) do update set last = greatest(device_sequence.last + 1, excluded.last)
returning last
"""


def _devices(connection: Connection[Any], where: LiteralString, values: Any) -> list[Device]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_DEVICE + where, values).fetchall()
    return [Device(**{**row, "kind": DeviceKind(row["kind"])}) for row in found]


def devices(connection: Connection[Any], *, within: str | None = None) -> list[Device]:
    """Devices by code; with `within` those that stand in that area or below it."""
    return _devices(
        connection, " where %s::text is null or area_within(area, %s) order by code", (within, within)
    )


def internal_devices(connection: Connection[Any], areas: list[str]) -> list[Device]:
    """Devices in use of the duty rooms of exactly these areas."""
    return _devices(connection, " where internal and active and area = any(%s) order by code", (areas,))


def internal_of(connection: Connection[Any], codes: list[str]) -> frozenset[str]:
    """Those of the devices that stand in duty rooms, as it is now."""
    if not codes:
        return frozenset()
    found = connection.execute("select code from device where internal and code = any(%s)", (codes,))
    return frozenset(code for (code,) in found)


def device(connection: Connection[Any], code: str) -> Device:
    """One device. Raises NotFoundError."""
    found = _devices(connection, " where code = %s", (code,))
    if not found:
        raise NotFoundError(f"there is no device {code!r}")
    return found[0]


def save_device(connection: Connection[Any], entry: Device) -> None:
    """Creates or replaces a device; a known public key is kept if none is given."""
    connection.execute(
        _SAVE,
        (
            entry.code, entry.kind, entry.name, entry.name_en, entry.area, entry.lon, entry.lat,
            entry.columns, entry.rows, entry.public_key, entry.active, entry.origin, entry.internal,
        ),
    )  # fmt: skip


def set_public_key(connection: Connection[Any], code: str, public_key: str) -> None:
    """Sets the key (raw Ed25519, base64url) by which a device's receipts are verified."""
    changed = connection.execute(
        "update device set public_key = %s where code = %s", (public_key, code)
    ).rowcount
    if not changed:
        raise NotFoundError(f"there is no device {code!r}")


def device_states(connection: Connection[Any], exercise: str | None = None) -> list[DeviceState]:
    """What every device last said, in one exercise or for real."""
    return rows(
        connection,
        DeviceState,
        "select device, exercise, online, state, time, received_at, verified, detail from device_state"
        " where exercise is not distinct from %s order by device",
        (exercise,),
    )


def save_device_state(connection: Connection[Any], entry: DeviceState) -> None:
    """Keeps what a device said, unless something newer was received already.

    A message without `state` or `time` (a last will) changes the link and keeps what was known.
    """
    connection.execute(
        _SAVE_STATE,
        (
            entry.device, entry.exercise, entry.online, entry.state, entry.time, entry.received_at,
            entry.verified, Jsonb(entry.detail),
        ),
    )  # fmt: skip


def next_sequence(connection: Connection[Any], code: str, at: datetime) -> int:
    """The next command sequence of a device: max(last + 1, unix ms), never given twice."""
    found = connection.execute(_NEXT_SEQUENCE, (code, int(at.timestamp() * 1000))).fetchone()
    if found is None:
        raise NotFoundError(f"there is no device {code!r}")
    return int(found[0])
