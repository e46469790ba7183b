"""The quarantine: messages that could not be read wholly, kept as received, with the reason.

An entry is open until a retry could read all of it (resolved) or a person gave it up (closed); its
payload stays in any case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
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
    where sha256(payload) = sha256(%(payload)b) and topic = %(topic)s and payload = %(payload)b
      and received_at > %(received_at)s - interval '1 day')
"""

_COLUMNS: LiteralString = (
    "id, received_at, topic, exercise, code, format, payload, reason, detail, retried_at, resolved_at,"
    " closed_at, closed_by, closed_reason"
)

WANTED: LiteralString = """
  and (%(number)s::bigint is null or id = %(number)s)
  and (%(reason)s::text is null or reason = %(reason)s)
  and (%(format)s::text is null or format is not distinct from nullif(%(format)s, ''))
  and (%(topic)s::text is null or topic like replace(replace(replace(replace(
        %(topic)s, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_'), '*', '%%'))
  and (%(exact_topic)s::text is null or topic = %(exact_topic)s)
  and (%(every_exercise)s or exercise is not distinct from %(exercise)s)
  and (%(area)s::text is null or code in (
        with recursive within (code) as (
            select %(area)s::text union select area.code from area join within on area.parent = within.code)
        select station.code from station join within on within.code = station.area
        union all select camera.code from camera join within on within.code = camera.area))
"""
"""The condition of a `Filter`; after a `where` with another condition."""

_LIST: LiteralString = f"""
select {_COLUMNS} from quarantine
where resolved_at is null and closed_at is null {WANTED}
order by id desc limit %(limit)s
"""

_OPEN_IDS: LiteralString = f"""
select id from quarantine
where resolved_at is null and closed_at is null and id > %(after)s and id <= %(upto)s {WANTED}
order by id limit %(limit)s
"""

_COUNTS: LiteralString = f"""
select reason, count(*) from quarantine where resolved_at is null and closed_at is null {WANTED}
group by reason order by 2 desc
"""

_CLOSE: LiteralString = f"""
update quarantine set closed_at = %(at)s, closed_by = %(by)s, closed_reason = %(why)s
where resolved_at is null and closed_at is null and id <= %(upto)s {WANTED}
"""

LAST = 2**62
"""No entry has a higher number."""


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
    code: str | None
    format: str | None
    payload: bytes
    reason: str
    detail: str
    retried_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    closed_reason: str | None

    @property
    def open(self) -> bool:
        """Neither read by a retry nor given up."""
        return self.resolved_at is None and self.closed_at is None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: everything that is set must hold. `*` in a topic stands for anything.

    `format` "" is none at all. Without `every_exercise` those of one exercise, or of the real world;
    `area` leaves those whose topic names a station or camera of it.
    """

    number: int | None = None
    reason: str | None = None
    format: str | None = None
    topic: str | None = None
    exact_topic: str | None = None
    exercise: str | None = None
    every_exercise: bool = False
    area: str | None = None


EVERYTHING = Filter(every_exercise=True)


def keep(connection: Connection[Any], messages: Iterable[Quarantined]) -> int:
    """Keeps messages and returns how many; one that was sent again and is here already is not doubled."""
    kept = 0
    for message in messages:
        values = {name: getattr(message, name) for name in Quarantined.__slots__}
        kept += connection.execute(_KEEP, values).rowcount
    return kept


def entries(
    connection: Connection[Any], wanted: Filter = EVERYTHING, *, limit: int = 50
) -> list[QuarantineEntry]:
    """What is open, newest first."""
    return rows(connection, QuarantineEntry, _LIST, {**asdict(wanted), "limit": limit})


def entry(connection: Connection[Any], number: int, *, lock: bool = False) -> QuarantineEntry:
    """One entry, open or not; `lock` holds it for a retry. Raises NotFoundError."""
    query: LiteralString = f"select {_COLUMNS} from quarantine where id = %s"
    with connection.cursor(row_factory=class_row(QuarantineEntry)) as cursor:
        found = cursor.execute(query + (" for update" if lock else ""), (number,)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no quarantine entry {number}; anlan quarantine list shows them")
    return found


def open_numbers(
    connection: Connection[Any],
    wanted: Filter = EVERYTHING,
    *,
    after: int = 0,
    upto: int = LAST,
    limit: int = 1_000_000,
) -> list[int]:
    """Numbers of the entries that a retry should try, oldest first, within (after, upto]."""
    values = {**asdict(wanted), "after": after, "upto": upto, "limit": limit}
    return [row[0] for row in connection.execute(_OPEN_IDS, values)]


def counts(connection: Connection[Any], wanted: Filter = EVERYTHING) -> dict[str, int]:
    """Open entries by reason, most first."""
    return dict(connection.execute(_COUNTS, asdict(wanted)).fetchall())


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


def close(
    connection: Connection[Any], wanted: Filter, *, by: str, why: str, at: datetime, upto: int = LAST
) -> int:
    """Gives open entries up to a number up, without storing them; returns how many."""
    values = {**asdict(wanted), "by": by, "why": why, "at": at, "upto": upto}
    return connection.execute(_CLOSE, values).rowcount
