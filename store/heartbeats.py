"""Heartbeats: each role says every few seconds that it lives, its counts, and how its clock goes."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb

from store.connection import rows
from store.machine_clock import MachineClock

_BEAT: LiteralString = """
insert into heartbeat (role, instance, at, detail)
values (%(role)s, %(instance)s, %(at)s, %(detail)s::jsonb || jsonb_build_object(
    'clock_off_s', round(extract(epoch from %(at)s::timestamptz - clock_timestamp()), 3)))
on conflict (role, instance) do update set at = excluded.at, detail = excluded.detail
"""

_CLOCK = MachineClock()
_BEGAN: dict[tuple[str, str], datetime] = {}
"""Of each role of this process, its first heartbeat."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of one process; `detail` holds its counters since it started, and its clock.

    `host` is the machine, `synchronised` (null: nobody can tell) holds since `clock_since`, `clock_off_s` is how
    far the process is ahead of the database. `began` is the first one of this process.
    """

    role: str
    instance: str
    at: datetime
    detail: dict[str, Any]


def beat(
    connection: Connection[Any], role: str, instance: str, at: datetime, detail: Mapping[str, Any]
) -> None:
    """Writes this process's heartbeat."""
    synchronised, since = _CLOCK.now(at)
    clock = {"host": socket.gethostname(), "synchronised": synchronised, "clock_since": since.isoformat()}
    clock["began"] = _BEGAN.setdefault((role, instance), at).isoformat()
    connection.execute(
        _BEAT, {"role": role, "instance": instance, "at": at, "detail": Jsonb({**detail, **clock})}
    )


def heartbeats(connection: Connection[Any]) -> list[Heartbeat]:
    """The last heartbeat of every process that ever ran; its age says whether it still does."""
    query: LiteralString = "select role, instance, at, detail from heartbeat order by role, instance"
    return rows(connection, Heartbeat, query)
