"""Sessions that ingest holds at the broker: which there are, who drains them, since when they are closed.

The broker knows a session by a secret name; here stands its number. Who uses a session holds its advisory
lock on the connection that writes: a session whose lock is free belongs to nobody, and whoever takes the
lock may drain it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_HOLD: LiteralString = """
select pg_try_advisory_lock(hashtext('anlan.ingest_session'), hashtext(%s || '~' || %s::integer::text))
"""

_RELEASE: LiteralString = """
select pg_advisory_unlock(hashtext('anlan.ingest_session'), hashtext(%s || '~' || %s::integer::text))
"""

_OPEN: LiteralString = """
insert into ingest_session (instance, number, broker, filter, opened_at, seen_at, closed_at)
values (%s, %s, %s, %s, %s, %s, %s)
"""

_KNOWN: LiteralString = """
select instance, number, filter, opened_at, seen_at, closed_at from ingest_session
where broker = %s order by instance, number
"""

_NEXT: LiteralString = "select max(number) + 1 from ingest_session where instance = %s"

_CLOSE: LiteralString = """
update ingest_session set closed_at = %s where instance = %s and number = %s and closed_at is null
"""

_SEEN: LiteralString = """
update ingest_session set seen_at = %s where instance = %s and number = any(%s) and closed_at is null
"""

_HEARD: LiteralString = """
select max(seen_at) from ingest_session
having bool_and(closed_at is null) and count(*) = count(distinct instance)
"""

_REMOVE: LiteralString = "delete from ingest_session where instance = %s and number = %s"

_FORGET: LiteralString = """
delete from ingest_session where coalesce(closed_at, seen_at) < %s and broker <> %s
"""


@dataclass(frozen=True, slots=True)
class IngestSession:
    """One session; `closed_at` None while it is subscribed."""

    instance: str
    number: int
    filter: str
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None


def hold(connection: Connection[Any], instance: str, number: int) -> bool:
    """Takes the session for this connection; False if another has it. Once only: locks pile up."""
    found = connection.execute(_HOLD, (instance, number)).fetchone()
    return bool(found and found[0])


def release(connection: Connection[Any], instance: str, number: int) -> None:
    """Gives the session back."""
    connection.execute(_RELEASE, (instance, number))


def open_next(
    connection: Connection[Any], instance: str, broker: str, filter_: str, at: datetime
) -> IngestSession:
    """A new session of the instance, held by this connection, which has the lock of the instance too.

    The first one of an instance leaves a closed row 0 behind it: the session without a number that an
    installation of before may have is drained too.
    """
    with connection.transaction():
        found = connection.execute(_NEXT, (instance,)).fetchone()
        number: int | None = found[0] if found else None
        if number is None:
            connection.execute(_OPEN, (instance, 0, broker, filter_, at, at, at))
            number = 1
        while not hold(connection, instance, number):
            # Somebody has just ended a session of this number and not yet let go of its lock.
            number += 1
        connection.execute(_OPEN, (instance, number, broker, filter_, at, at, None))
    return IngestSession(instance, number, filter_, at, at, None)


def known(connection: Connection[Any], broker: str) -> list[IngestSession]:
    """All sessions at this broker that can be reached with this login, whoever holds them."""
    return rows(connection, IngestSession, _KNOWN, (broker,))


def close(connection: Connection[Any], instance: str, number: int, at: datetime) -> None:
    """From now on the session brings only what came until `at`; a second time changes nothing."""
    connection.execute(_CLOSE, (at, instance, number))


def seen(connection: Connection[Any], instance: str, numbers: Sequence[int], at: datetime) -> None:
    """A sign of life of subscribed sessions."""
    connection.execute(_SEEN, (at, instance, list(numbers)))


def heard(connection: Connection[Any]) -> datetime | None:
    """The last sign of life of an ingest that hears the broker; None while older sessions are to be drained."""
    found = connection.execute(_HEARD).fetchone()
    return found[0] if found else None


def remove(connection: Connection[Any], instance: str, number: int) -> None:
    """The broker has ended the session."""
    connection.execute(_REMOVE, (instance, number))


def forget_unreachable(
    connection: Connection[Any], broker: str, now: datetime, session_expiry_s: int
) -> None:
    """Sessions of another broker or login that the broker itself has dropped by now."""
    connection.execute(_FORGET, (now - timedelta(seconds=session_expiry_s), broker))
