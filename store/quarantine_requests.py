"""Wishes to read quarantined messages again: written by the pages, fulfilled by the role `derive`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb

from core import notices
from core.errors import ConflictError, NotFoundError
from store.connection import rows
from store.quarantine import Filter, open_numbers

_COLUMNS: LiteralString = (
    "id, wanted, asked_by, asked_at, upto, reached, total, resolved, remaining, readings, done_at, fault"
)

_NEXT: LiteralString = f"""
select {_COLUMNS} from quarantine_request where done_at is null order by id limit 1 for update skip locked
"""

_ASK: LiteralString = """
insert into quarantine_request (wanted, asked_by, asked_at, upto, total) values (%s, %s, %s, %s, %s) returning id
"""

_GO_ON: LiteralString = """
update quarantine_request set reached = %s, resolved = resolved + %s, remaining = remaining + %s,
    readings = readings + %s where id = %s
"""

_LIST: LiteralString = f"""
select {_COLUMNS} from quarantine_request
where (%(by)s::text is null or asked_by = %(by)s)
  and wanted ->> 'exercise' is not distinct from %(exercise)s
order by id desc limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """A wish and how far it is: `total` entries were open when it was asked, `reached` is the last one tried."""

    id: int
    wanted: dict[str, Any]
    asked_by: str
    asked_at: datetime
    upto: int
    reached: int
    total: int
    resolved: int
    remaining: int
    readings: int
    done_at: datetime | None
    fault: str | None

    @property
    def filter(self) -> Filter:
        """What is to be read again."""
        return Filter(**self.wanted)


def ask(connection: Connection[Any], wanted: Filter, *, by: str, at: datetime) -> int:
    """Writes a wish and wakes who fulfils it. Raises ConflictError if there is nothing, or it runs already."""
    connection.execute("lock table quarantine_request in share row exclusive mode")
    same = connection.execute(
        "select id from quarantine_request where done_at is null and wanted = %s", (Jsonb(asdict(wanted)),)
    ).fetchone()
    if same is not None:
        raise ConflictError("these entries are being read again already; wait for the result")
    numbers = open_numbers(connection, wanted)
    if not numbers:
        raise ConflictError("nothing of this is open any more")
    made = connection.execute(_ASK, (Jsonb(asdict(wanted)), by, at, numbers[-1], len(numbers))).fetchone()
    connection.execute("select pg_notify(%s, '')", (notices.MARKS,))
    return int(made[0]) if made else 0


def next_open(connection: Connection[Any]) -> RetryRequest | None:
    """The oldest wish that is not fulfilled, held until the transaction ends."""
    found = rows(connection, RetryRequest, _NEXT)
    return found[0] if found else None


def go_on(
    connection: Connection[Any], number: int, *, reached: int, resolved: int, remaining: int, readings: int
) -> None:
    """Notes how far a wish has come."""
    connection.execute(_GO_ON, (reached, resolved, remaining, readings, number))


def finish(connection: Connection[Any], number: int, at: datetime, fault: str | None = None) -> None:
    """Notes that a wish is fulfilled, or why it cannot be."""
    connection.execute(
        "update quarantine_request set done_at = %s, fault = %s where id = %s", (at, fault, number)
    )


def request(connection: Connection[Any], number: int) -> RetryRequest:
    """One wish. Raises NotFoundError."""
    query: LiteralString = f"select {_COLUMNS} from quarantine_request where id = %s"
    found = rows(connection, RetryRequest, query, (number,))
    if not found:
        raise NotFoundError(f"there is no request {number}")
    return found[0]


def requests(
    connection: Connection[Any], exercise: str | None, *, by: str | None = None, limit: int = 10
) -> list[RetryRequest]:
    """The last wishes, newest first; `by` only those of one person."""
    return rows(connection, RetryRequest, _LIST, {"by": by, "exercise": exercise, "limit": limit})
