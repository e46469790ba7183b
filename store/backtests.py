"""Back-tests that were asked for, and the stored observations that they read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from core.errors import ConflictError, NotFoundError
from store.connection import rows

LEASE = timedelta(seconds=30)
"""A worker that says nothing for so long is gone; another one begins anew."""
KEPT = timedelta(days=30)
MOST_WAITING = 20
MOST_OF_ONE = 3

_SELECT: LiteralString = """
select id, spec, area, asked_by, asked_at, state, progress, readings, lease_until, ended_at, result, fault from backtest
"""

_CLAIM = """
update backtest set state = 'running', lease_until = %(until)s, progress = 0, readings = 0
where id = (
    select id from backtest
    where state = 'waiting' or (state = 'running' and lease_until < %(now)s)
    order by id limit 1 for update skip locked
)
returning id
"""

_STREAM = """
select series, time, value, quality, reason, received_at, by_user from observation
where series = any(%s) and time >= %s and time < %s
order by time, series
"""


@dataclass(frozen=True, slots=True)
class Backtest:
    """One back-test. `state`: waiting, running, done, failed, cancelled; `progress` 0 to 1."""

    id: int
    spec: dict[str, Any]
    area: str | None
    asked_by: str
    asked_at: datetime
    state: str
    progress: float
    readings: int
    lease_until: datetime | None
    ended_at: datetime | None
    result: dict[str, Any] | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class StoredReading:
    """An observation as it stands now, corrections included."""

    series: int
    time: datetime
    value: float | None
    quality: int
    reason: str
    received_at: datetime
    by_user: str | None


def ask(connection: Connection[Any], spec: dict[str, Any], area: str | None, by: str, at: datetime) -> int:
    """Puts a back-test into the queue and returns its id. Raises ConflictError where too many wait already."""
    connection.execute("select pg_advisory_xact_lock(hashtext('anlan.backtest'))")
    connection.execute("delete from backtest where asked_at < %s", (at - KEPT,))
    found = connection.execute(
        "select count(*), count(*) filter (where asked_by = %s) from backtest where state in ('waiting', 'running')",
        (by,),
    ).fetchone()
    if found is not None and (found[0] >= MOST_WAITING or found[1] >= MOST_OF_ONE):
        raise ConflictError("too many back-tests wait already: let one end, or cancel it")
    made = connection.execute(
        "insert into backtest (spec, area, asked_by, asked_at) values (%s, %s, %s, %s) returning id",
        (Jsonb(spec), area, by, at),
    ).fetchone()
    assert made is not None  # insert … returning
    return int(made[0])


def get(connection: Connection[Any], backtest_id: int) -> Backtest:
    """One back-test. Raises NotFoundError."""
    found = rows(connection, Backtest, _SELECT + " where id = %s", (backtest_id,))
    if not found:
        raise NotFoundError(f"there is no back-test {backtest_id}")
    return found[0]


def claim(connection: Connection[Any], now: datetime) -> int | None:
    """The next one that waits, or whose worker is gone; it is leased."""
    found = connection.execute(_CLAIM, {"until": now + LEASE, "now": now}).fetchone()
    return int(found[0]) if found else None


def go_on(
    connection: Connection[Any], backtest_id: int, *, progress: float, readings: int, now: datetime
) -> bool:
    """Tells how far it is and renews the lease; False if somebody has cancelled it."""
    return (
        connection.execute(
            "update backtest set progress = %s, readings = %s, lease_until = %s where id = %s and state = 'running'",
            (min(max(progress, 0.0), 1.0), readings, now + LEASE, backtest_id),
        ).rowcount
        == 1
    )


def finish(
    connection: Connection[Any],
    backtest_id: int,
    at: datetime,
    *,
    result: dict[str, Any] | None = None,
    fault: str | None = None,
) -> None:
    """Done with a result, or failed with the reason; nothing if it was cancelled meanwhile."""
    connection.execute(
        "update backtest set state = %s, result = %s, fault = %s, ended_at = %s, lease_until = null,"
        " progress = case when %s then 1 else progress end where id = %s and state = 'running'",
        (
            "done" if fault is None else "failed", None if result is None else Jsonb(result), fault, at,
            fault is None, backtest_id,
        ),
    )  # fmt: skip


def cancel(connection: Connection[Any], backtest_id: int, at: datetime) -> bool:
    """Stops it; False if it is over already."""
    return (
        connection.execute(
            "update backtest set state = 'cancelled', ended_at = %s, lease_until = null"
            " where id = %s and state in ('waiting', 'running')",
            (at, backtest_id),
        ).rowcount
        == 1
    )


def real_series(connection: Connection[Any], station: str, property: str) -> dict[int, int]:
    """The series of a property at a station outside every exercise, with their periods in seconds."""
    return dict(
        connection.execute(
            "select id, period_s from series where station = %s and property = %s and exercise is null",
            (station, property),
        ).fetchall()
    )


def stream(
    connection: Connection[Any], series: Sequence[int], begin: datetime, end: datetime, chunk: int = 2000
) -> Iterator[list[StoredReading]]:
    """Observations in time order, a week read whole at a time and handed out in chunks.

    So memory grows with what one week of these series holds, never with the length of the whole span.
    """
    week = timedelta(days=7)
    while begin < end:
        until = min(begin + week, end)
        with connection.cursor(row_factory=class_row(StoredReading)) as cursor:
            found = cursor.execute(_STREAM, (list(series), begin, until)).fetchall()
        for start in range(0, len(found), chunk):
            yield found[start : start + chunk]
        begin = until
