"""The quarantine as people look through it: groups first, then the entries of one, newest first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows
from store.quarantine import WANTED, Filter

_STATE: LiteralString = """
  (%(state)s = 'open' and resolved_at is null and closed_at is null
   or %(state)s = 'resolved' and resolved_at is not null
   or %(state)s = 'closed' and closed_at is not null and resolved_at is null)
"""

_GROUPS: LiteralString = f"""
select topic, reason, format, code, count(*)::integer as count, min(received_at) as first_at,
       max(received_at) as last_at, max(id) as newest, sum(octet_length(payload))::bigint as size
from quarantine where {_STATE} {WANTED}
group by topic, reason, format, code order by max(received_at) desc, topic, reason
limit %(limit)s offset %(offset)s
"""

_TOTALS: LiteralString = f"""
select count(*)::integer, count(distinct (topic, reason, format, code))::integer
from quarantine where {_STATE} {WANTED}
"""

_PAGE: LiteralString = f"""
select id, received_at, topic, exercise, code, format, octet_length(payload) as size, reason, detail,
       retried_at, resolved_at, closed_at, closed_by, closed_reason
from quarantine
where {_STATE} {WANTED} and (%(before)s::bigint is null or id < %(before)s)
order by id desc limit %(limit)s
"""

_CHOICES: LiteralString = f"""
select coalesce(array_agg(distinct reason), '{{}}'), coalesce(array_agg(distinct coalesce(format, '')), '{{}}')
from quarantine where {_STATE} {WANTED}
"""

_VISIBLE: LiteralString = f"select exists (select from quarantine where true {WANTED})"

STATES = ("open", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one topic and reason; `newest` is the number of the last one."""

    topic: str
    reason: str
    format: str | None
    code: str | None
    count: int
    first_at: datetime
    last_at: datetime
    newest: int
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """An entry without its payload."""

    id: int
    received_at: datetime
    topic: str
    exercise: str | None
    code: str | None
    format: str | None
    size: int
    reason: str
    detail: str
    retried_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    closed_reason: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Entries and groups of a filter, and the reasons and formats that they have."""

    entries: int
    groups: int
    reasons: list[str]
    formats: list[str]


def groups(
    connection: Connection[Any], wanted: Filter, state: str, *, limit: int, offset: int = 0
) -> list[Group]:
    """By topic and reason, whose last message is newest first."""
    values = {**asdict(wanted), "state": state, "limit": limit, "offset": offset}
    return rows(connection, Group, _GROUPS, values)


def totals(connection: Connection[Any], wanted: Filter, state: str) -> Totals:
    """How much a filter finds; the choices are those of its exercise and area."""
    values = {**asdict(wanted), "state": state}
    entries, groups_ = connection.execute(_TOTALS, values).fetchone() or (0, 0)
    wide = values | {"number": None, "reason": None, "format": None, "topic": None, "exact_topic": None}
    reasons, formats = connection.execute(_CHOICES, wide).fetchone() or ([], [])
    return Totals(entries, groups_, reasons, formats)


def lines(
    connection: Connection[Any], wanted: Filter, state: str, *, before: int | None = None, limit: int = 50
) -> list[Line]:
    """Entries, newest first, from the one before `before` on."""
    return rows(connection, Line, _PAGE, {**asdict(wanted), "state": state, "before": before, "limit": limit})


def visible(connection: Connection[Any], wanted: Filter) -> bool:
    """Whether the filter finds anything at all, in whatever state."""
    found = connection.execute(_VISIBLE, asdict(wanted)).fetchone()
    return bool(found and found[0])
