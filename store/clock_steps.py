"""What waits by the clock, when the clock has gone back: nothing may wait for a time that has become far away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

_SHORTENED: tuple[LiteralString, ...] = (
    "update alarm set shelved_until = %(latest)s where state = 'shelved' and closed_at is null"
    " and shelved_until > %(latest)s",
    "update service_absence set starts = least(starts, %(now)s), until = %(latest)s"
    " where ended_at is null and until > %(latest)s",
    "update mark_fault set retry_at = %(now)s where retry_at > %(now)s",
    "update annunciation set asked_at = least(asked_at, %(now)s), due_at = %(now)s"
    " where state = 'waiting' and due_at > %(now)s",
    "update orders set repeat_at = %(now)s where state = 'issued' and repeat_at > %(now)s",
)


def newest_beat(connection: Connection[Any], role: str) -> datetime | None:
    """When a process of the role last lived, by its own clock."""
    found = connection.execute("select max(at) from heartbeat where role = %s", (role,)).fetchone()
    return found[0] if found else None


def hurry(connection: Connection[Any], now: datetime, longest: timedelta) -> int:
    """Looks at once at what waits, and lets nothing be suppressed for longer than `longest` from now. How many rows.

    Who is called twice by that was called once more than needed; who is not called at all, drowns.
    """
    values = {"now": now, "latest": now + longest}
    return sum(connection.execute(query, values).rowcount for query in _SHORTENED)
