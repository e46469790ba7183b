"""The quarantine: messages that could not be read wholly, kept as received, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row

from core.errors import NotFoundError
from store.connection import rows

_KEEP: LiteralString = """
insert into quarantine (received_at, topic, exercise, code, format, payload, reason, detail)
select %(received_at)s, %(topic)s, %(exercise)s, %(code)s, %(format)s, %(payload)b, %(reason)s, %(detail)s
where not %(repeated)s or not exists (
    select from quarantine
    where topic = %(topic)s and payload = %(payload)b and received_at > %(received_at)s - interval '1 day')
"""

_COLUMNS: LiteralString = (
    "id, received_at, topic, exercise, format, payload, reason, detail, retried_at, resolved_at"
)

_LIST: LiteralString = f"""
select {_COLUMNS} from quarantine
where resolved_at is null and (%s::text is null or reason = %s)
order by id desc limit %s
"""

_OPEN_IDS: LiteralString = """
select id from quarantine
where resolved_at is null and (%s::text is null or reason = %s)
order by id
"""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message to be kept; `code` is the station, camera or gateway that its topic names.

    `repeated` says that the broker or the sender sent it before.
    """

    received_at: datetime
    topic: str
    exercise: str | None
    code: str | None
    format: str | None
    payload: bytes
    reason: str
    detail: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A kept message; `resolved_at` is set when a retry could read all of it."""

    id: int
    received_at: datetime
    topic: str
    exercise: str | None
    format: str | None
    payload: bytes
    reason: str
    detail: str
    retried_at: datetime | None
    resolved_at: datetime | None


def keep(connection: Connection[Any], messages: Iterable[Quarantined]) -> int:
    """Keeps messages and returns how many; one that was sent again and is here already is not doubled."""
    kept = 0
    for message in messages:
        values = {name: getattr(message, name) for name in Quarantined.__slots__}
        kept += connection.execute(_KEEP, values).rowcount
    return kept


def entries(
    connection: Connection[Any], *, reason: str | None = None, limit: int = 50
) -> list[QuarantineEntry]:
    """What is not resolved, newest first."""
    return rows(connection, QuarantineEntry, _LIST, (reason, reason, limit))


def entry(connection: Connection[Any], number: int, *, lock: bool = False) -> QuarantineEntry:
    """One entry, resolved or not; `lock` holds it for a retry. Raises NotFoundError."""
    query: LiteralString = f"select {_COLUMNS} from quarantine where id = %s"
    with connection.cursor(row_factory=class_row(QuarantineEntry)) as cursor:
        found = cursor.execute(query + (" for update" if lock else ""), (number,)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no quarantine entry {number}; anlan quarantine list shows them")
    return found


def open_numbers(connection: Connection[Any], reason: str | None = None) -> list[int]:
    """Numbers of the entries that a retry should try, oldest first."""
    return [row[0] for row in connection.execute(_OPEN_IDS, (reason, reason))]


def counts(connection: Connection[Any]) -> dict[str, int]:
    """Unresolved entries by reason."""
    found = connection.execute(
        "select reason, count(*) from quarantine where resolved_at is null group by reason order by 2 desc"
    )
    return dict(found.fetchall())


def resolve(connection: Connection[Any], number: int, at: datetime) -> None:
    """Marks an entry as wholly read by a retry."""
    connection.execute(
        "update quarantine set retried_at = %s, resolved_at = %s where id = %s", (at, at, number)
    )


def fail_again(connection: Connection[Any], number: int, at: datetime, reason: str, detail: str) -> None:
    """Notes that a retry could still not read all of it, and why."""
    connection.execute(
        "update quarantine set retried_at = %s, reason = %s, detail = %s where id = %s",
        (at, reason, detail, number),
    )
