"""Heartbeats: each role says every few seconds that it lives, and its counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb

from store.connection import rows

_BEAT: LiteralString = """
insert into heartbeat (role, instance, at, detail) values (%s, %s, %s, %s)
on conflict (role, instance) do update set at = excluded.at, detail = excluded.detail
"""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of one process; `detail` holds its counters since it started."""

    role: str
    instance: str
    at: datetime
    detail: dict[str, Any]


def beat(
    connection: Connection[Any], role: str, instance: str, at: datetime, detail: Mapping[str, Any]
) -> None:
    """Writes this process's heartbeat."""
    connection.execute(_BEAT, (role, instance, at, Jsonb(dict(detail))))


def heartbeats(connection: Connection[Any]) -> list[Heartbeat]:
    """The last heartbeat of every process that ever ran; its age says whether it still does."""
    query: LiteralString = "select role, instance, at, detail from heartbeat order by role, instance"
    return rows(connection, Heartbeat, query)
