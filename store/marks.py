"""Marks: the append-only queue of what changed (series, from, to), one queue per consumer.

A consumer takes marks (which deletes exactly the rows that it sees), *then* re-reads the data, and
writes its result, all in one transaction: what commits later than its look leaves its own mark. Marks
are never upserted and never read by a high-water mark; both lose work.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core import notices
from core.observations import Observation
from store.connection import rows

EVALUATOR = "evaluator"
ROLLUP = "rollup"
DERIVED = "derived"
CONSUMERS = (EVALUATOR, ROLLUP, DERIVED)
"""Whoever has to do something when an observation changes; each has a queue of its own."""
FORECAST = "forecast"
"""Gets the marks of levels from `DERIVED`, when their trend and their surge are known."""
QUEUES = (*CONSUMERS, FORECAST)

_WIDEST = timedelta(days=1)
"""Times of one series that lie further apart get marks of their own: nobody re-reads the years between."""
_NOTICE_KEYS = 700
"""Series numbers in one notification: at most 10 digits each, below PostgreSQL's 8,000 bytes."""

_ADD: LiteralString = """
insert into mark (consumer, series, from_time, to_time, fresh)
select consumer, series, from_time, to_time, %b::boolean
from unnest(%b::integer[], %b::timestamptz[], %b::timestamptz[]) as changed (series, from_time, to_time)
cross join unnest(%b::text[]) as consumer
"""

_LAG: LiteralString = """
select consumer,
       (select count(*) from mark where mark.consumer = asked.consumer)::integer as waiting,
       coalesce(extract(epoch from clock_timestamp() - least(
           (select at from mark where mark.consumer = asked.consumer and fresh order by id limit 1),
           (select at from mark where mark.consumer = asked.consumer and not fresh order by id limit 1))), 0)::float8
           as lag_s
from unnest(%s::text[]) as asked (consumer)
"""

_TAKE_OF: LiteralString = """
delete from mark where id in (
    select id from mark where consumer = %s and fresh = %s order by id limit %s for update skip locked
) returning series, from_time, to_time
"""

_TAKE: LiteralString = """
delete from mark where id in (
    select id from mark where consumer = %s order by fresh desc, id limit %s for update skip locked
) returning series, from_time, to_time
"""


_SET_ASIDE: LiteralString = """
with taken as (
    delete from mark where id in (
        select id from mark where consumer = %(consumer)s and (%(fresh)s::boolean is null or fresh = %(fresh)s)
        order by fresh desc, id limit 1 for update skip locked
    ) returning consumer, series, from_time, to_time
)
insert into mark_aside (consumer, series, from_time, to_time, reason)
select consumer, series, from_time, to_time, %(reason)s from taken
"""

_BRING_BACK: LiteralString = """
with back as (delete from mark_aside where consumer = %s and at <= %s returning *)
insert into mark (consumer, series, from_time, to_time, fresh)
select consumer, series, from_time, to_time, false from back order by id
"""

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """Observations of `series` within [from_time, to_time] changed."""

    series: int
    from_time: datetime
    to_time: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a consumer is behind: marks in its queue, and the age of the oldest."""

    consumer: str
    waiting: int
    lag_s: float


def changed(
    connection: Connection[Any],
    applied: Iterable[Observation],
    consumers: Sequence[str] = CONSUMERS,
    *,
    fresh: bool = True,
) -> None:
    """Tells every consumer, and who listens, which observations hold anew; call it in their transaction.

    One statement for all consumers, whatever the number of series. What is derived itself goes only to those
    that do not derive. Not `fresh`: it comes from a backlog, and what is new is served before it.
    """
    found = list(_marks(applied))
    if not found:
        return
    _add(connection, consumers, found, fresh=fresh)
    connection.execute("select pg_notify(%s, '')", (notices.MARKS,))
    announce(connection, {mark.series for mark in found})


def announce(connection: Connection[Any], series: Iterable[int]) -> None:
    """Tells open pages that the newest of these series, or what is shown with it, changed."""
    keys = sorted(series)
    for start in range(0, len(keys), _NOTICE_KEYS):
        notice = {"kind": notices.LATEST, "keys": keys[start : start + _NOTICE_KEYS]}
        connection.execute(
            "select pg_notify(%s, %s)", (notices.CHANGES, json.dumps(notice, separators=(",", ":")))
        )


def _marks(applied: Iterable[Observation]) -> Iterator[Mark]:
    times: dict[int, list[datetime]] = {}
    for entry in applied:
        times.setdefault(entry.series, []).append(entry.time)
    for series, found in times.items():
        if len(found) > 1:
            found.sort()
        first = last = found[0]
        if found[-1] - first <= _WIDEST:
            yield Mark(series, first, found[-1])
            continue
        for time in found:
            if time - first > _WIDEST:
                yield Mark(series, first, last)
                first = time
            last = time
        yield Mark(series, first, last)


def add(connection: Connection[Any], consumer: str, marks: Iterable[Mark], *, fresh: bool = True) -> None:
    """Appends marks to the queue of one consumer."""
    entries = list(marks)
    if entries:
        _add(connection, (consumer,), entries, fresh=fresh)


def _add(
    connection: Connection[Any], consumers: Sequence[str], marks: Sequence[Mark], *, fresh: bool
) -> None:
    connection.execute(
        _ADD,
        (
            fresh,
            [mark.series for mark in marks],
            [mark.from_time for mark in marks],
            [mark.to_time for mark in marks],
            list(consumers),
        ),
    )


def take(
    connection: Connection[Any], consumer: str, limit: int = 10_000, *, fresh: bool | None = None
) -> list[Mark]:
    """Takes marks out of the queue, fresh ones first, of each kind the oldest; a roll-back puts them back.

    `fresh`: only those of what is new, or only those of a backlog. Who merges ranges keeps the two apart, else
    a fresh reading waits until all between it and an hour ago has been read.
    """
    if fresh is None:
        return rows(connection, Mark, _TAKE, (consumer, limit))
    return rows(connection, Mark, _TAKE_OF, (consumer, fresh, limit))


def set_aside(connection: Connection[Any], consumer: str, reason: str, *, fresh: bool | None = None) -> int:
    """Puts the mark that would be taken next (`fresh` as `take` has it) aside: its work fails even alone, and must
    not stop all others. Returns how many: none where no mark waits."""
    asked = {"consumer": consumer, "reason": reason[:_LONGEST_REASON], "fresh": fresh}
    return connection.execute(_SET_ASIDE, asked).rowcount


def bring_back(connection: Connection[Any], consumer: str, until: datetime) -> int:
    """Queues what was set aside until then, behind all that is fresh; returns how much."""
    return connection.execute(_BRING_BACK, (consumer, until)).rowcount


def aside(connection: Connection[Any]) -> dict[str, tuple[int, str]]:
    """How many marks of each consumer are set aside, and why the last one is."""
    found = connection.execute(
        "select consumer, count(*), (array_agg(reason order by id desc))[1] from mark_aside group by consumer"
    ).fetchall()
    return {consumer: (count, reason) for consumer, count, reason in found}


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


def lags(connection: Connection[Any], consumers: Sequence[str] = QUEUES) -> list[Lag]:
    """How far each consumer is behind."""
    return rows(connection, Lag, _LAG, (list(consumers),))
