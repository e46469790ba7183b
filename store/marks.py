"""Marks: the append-only queue of what changed (series, from, to), one queue per consumer.

A consumer takes marks (which deletes exactly the rows that it sees), *then* re-reads the data, and
writes its result, all in one transaction: what commits later than its look leaves its own mark. Marks
are never upserted and never read by a high-water mark; both lose work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

EVALUATOR = "evaluator"

_ADD: LiteralString = """
insert into mark (consumer, series, from_time, to_time)
select %b, * from unnest(%b::integer[], %b::timestamptz[], %b::timestamptz[])
"""

_TAKE: LiteralString = """
delete from mark where id in (
    select id from mark where consumer = %s order by id limit %s for update skip locked
) returning series, from_time, to_time
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """Observations of `series` within [from_time, to_time] changed."""

    series: int
    from_time: datetime
    to_time: datetime


def add(connection: Connection[Any], consumer: str, marks: Iterable[Mark]) -> None:
    """Appends marks."""
    entries = list(marks)
    if entries:
        connection.execute(
            _ADD,
            (
                consumer,
                [mark.series for mark in entries],
                [mark.from_time for mark in entries],
                [mark.to_time for mark in entries],
            ),
        )


def take(connection: Connection[Any], consumer: str, limit: int = 10_000) -> list[Mark]:
    """Takes the oldest marks out of the queue; a roll-back puts them back."""
    return rows(connection, Mark, _TAKE, (consumer, limit))


def merged(marks: Iterable[Mark]) -> dict[int, Mark]:
    """One range per series that covers all its marks."""
    found: dict[int, Mark] = {}
    for mark in marks:
        held = found.get(mark.series)
        found[mark.series] = (
            mark
            if held is None
            else Mark(mark.series, min(held.from_time, mark.from_time), max(held.to_time, mark.to_time))
        )
    return found


def waiting(connection: Connection[Any], consumer: str) -> int:
    """How many marks are in the queue."""
    found = connection.execute("select count(*) from mark where consumer = %s", (consumer,)).fetchone()
    return int(found[0]) if found else 0
