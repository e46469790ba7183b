"""The audit: append-only lines, each chained to the one before it by SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from store.connection import rows

_FIRST = b"\x00"
"""What the first line names as the hash before it (audit_append in 0001_ground.sql)."""

_CHAIN = """
select id, previous, hash, convert_to(audit_text(id, at, actor, action, subject, detail), 'UTF8')
from audit order by id
"""

_LIST = """
select id, at, actor, action, subject, detail from audit
where (%(actor)s::text is null or actor = %(actor)s)
    and (%(action)s::text is null or action = %(action)s)
    and (%(subject)s::text is null or subject = %(subject)s)
order by id desc limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to which thing, and when."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found: `broken` is the first line that does not fit, with the reason.

    `head` is the last hash (hex). A chain cut off at its end is whole in itself: only a head that was
    noted elsewhere shows the cut.
    """

    lines: int
    broken: int | None
    reason: str
    head: str


def append(
    connection: Connection[Any],
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Adds a line and returns its number.

    Writers queue until the transaction ends: call it last, so that a slow transaction holds nobody up.
    """
    added = connection.execute(
        "select audit_append(%s, %s, %s, %s)", (actor, action, subject, Jsonb(dict(detail or {})))
    ).fetchone()
    if added is None:
        raise RuntimeError("audit_append returned no row")
    return int(added[0])


def lines(
    connection: Connection[Any],
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    limit: int = 100,
) -> list[AuditLine]:
    """The newest lines first, by filters."""
    return rows(
        connection, AuditLine, _LIST, {"actor": actor, "action": action, "subject": subject, "limit": limit}
    )


def verify(connection: Connection[Any]) -> Verdict:
    """Recomputes the whole chain outside the database's own functions for hashing."""
    previous, checked = _FIRST, 0
    with connection.cursor(name="audit_chain") as cursor:
        cursor.itersize = 2000
        cursor.execute(_CHAIN)
        for number, named, kept, text in cursor:
            reason = _fault(checked, number, bytes(named), previous, bytes(kept), bytes(text))
            if reason:
                return Verdict(checked, number, reason, previous.hex())
            previous, checked = bytes(kept), checked + 1
    return Verdict(checked, None, "", previous.hex() if checked else "")


def contains(connection: Connection[Any], head: str) -> bool:
    """True if a line has this hash (hex), as a check at an earlier time noted it."""
    try:
        wanted = bytes.fromhex(head)
    except ValueError:
        return False
    found = connection.execute("select 1 from audit where hash = %s", (wanted,)).fetchone()
    return found is not None


def _fault(before: int, number: int, named: bytes, previous: bytes, kept: bytes, text: bytes) -> str:
    if number != before + 1:
        return f"line {before + 1} is missing"
    if named != previous:
        return "it does not continue the line before it"
    if hashlib.sha256(previous + text).digest() != kept:
        return "its content does not fit its hash"
    return ""
