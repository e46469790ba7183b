"""Letting go of what is too old, in small transactions: nightly rounds, and what each step may delete.

Never touched, whatever the days: revisions, corrections, alarms, orders with their deliveries, receipts and
answers, the audit: they are the record. Of readings, those stay whose station has an open alarm or an order
that is still out, those whose marks nobody has worked off yet, and those not yet rolled up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from store.connection import rows

_FREE: LiteralString = """
    and exists (select from rollup_begun where rollup_begun.series = series.id)
    and not exists (select from mark where mark.series = series.id and mark.from_time < %(before)s)
    and not exists (
        select from alarm
        where alarm.station = series.station and alarm.exercise is not distinct from series.exercise
            and (alarm.closed_at is null or exists (
                select from order_alarm join orders on orders.id = order_alarm.order_id
                where order_alarm.alarm = alarm.id and orders.state in ('draft', 'checked', 'issued'))))
"""

_SERIES: LiteralString = (
    """
select series.id from series
where series.id > %(after)s and series.exercise is null and series.property = any(%(properties)s)
"""
    + _FREE
    + """
    and exists (select from observation where observation.series = series.id and time < %(before)s)
order by series.id limit %(limit)s
"""
)

_EXERCISE_SERIES: LiteralString = (
    """
select series.id from series join exercise on exercise.code = series.exercise
where series.id > %(after)s and exercise.ended_at < %(ended)s
"""
    + _FREE
    + """
    and not exists (
        select from orders where orders.exercise = exercise.code and orders.state in ('draft', 'checked', 'issued'))
    and exists (select from observation where observation.series = series.id and time < %(before)s)
order by series.id limit %(limit)s
"""
)

_REMOVE: LiteralString = """
with old as (
    select time from observation
    where series = %(series)s and time < %(before)s and received_at < %(received)s
    order by time limit %(limit)s
)
delete from observation using old
where observation.series = %(series)s and observation.time = old.time and observation.time < %(before)s
"""

_REMOVED: LiteralString = """
insert into raw_removed as kept (series, before) values (%s, %s)
on conflict (series) do update set before = greatest(kept.before, excluded.before)
"""

_OLD_ROWS: dict[str, tuple[LiteralString, LiteralString]] = {
    "quarantine": ("quarantine", "coalesce(resolved_at, closed_at) < %(before)s"),
    "quarantine_requests": ("quarantine_request", "done_at < %(before)s"),
    "station_texts": ("station_text", "received_at < %(before)s"),
    "login_attempts": ("login_attempt", "at < %(before)s"),
    "sessions": ("session", "expires_at < %(before)s"),
    "heartbeats": ("heartbeat", "at < %(before)s"),
}
"""Tables of which rows go by one time of theirs, and which."""

_CHUNKED = {"raw_messages": "raw_message", "area_rain": "area_rain", "forecasts": "forecast"}
"""Hypertables of which whole chunks go."""

_RUN: LiteralString = (
    "select id, day, started_at, ended_at, removed, stage, reached, ordered_by from retention_run"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A round of retention; `removed` counts rows (or whole chunks) by class."""

    id: int
    day: date
    started_at: datetime
    ended_at: datetime | None
    removed: dict[str, int]
    stage: int
    reached: int
    ordered_by: str | None


@dataclass(frozen=True, slots=True)
class Old:
    """What a class would lose: so many rows, the oldest of this time."""

    count: int
    oldest: datetime | None


def open_run(connection: Connection[Any]) -> Run | None:
    """The round in hand, held for this transaction."""
    found = rows(connection, Run, _RUN + " where ended_at is null for update")
    return found[0] if found else None


def newest_run(connection: Connection[Any]) -> Run | None:
    """The last round that was begun."""
    found = rows(connection, Run, _RUN + " order by id desc limit 1")
    return found[0] if found else None


def has_run(connection: Connection[Any], day: date) -> bool:
    """Whether a round was begun on this day of the county."""
    found = connection.execute("select exists (select from retention_run where day = %s)", (day,)).fetchone()
    return bool(found and found[0])


def begin_run(
    connection: Connection[Any], day: date, now: datetime, *, ordered_by: str | None = None
) -> bool:
    """Begins a round; False if one is in hand."""
    done = connection.execute(
        "insert into retention_run (day, started_at, ordered_by) values (%s, %s, %s) on conflict do nothing",
        (day, now, ordered_by),
    )
    return done.rowcount > 0


def go_on(
    connection: Connection[Any], run: int, *, stage: int, reached: int, removed: Mapping[str, int]
) -> None:
    """Notes how far the round is."""
    connection.execute(
        "update retention_run set stage = %s, reached = %s, removed = %s where id = %s",
        (stage, reached, Jsonb(dict(removed)), run),
    )


def end_run(connection: Connection[Any], run: int, now: datetime) -> None:
    """The round is over."""
    connection.execute("update retention_run set ended_at = %s where id = %s", (now, run))


def series_of(
    connection: Connection[Any],
    properties: Sequence[str],
    before: datetime,
    *,
    after: int = 0,
    limit: int = 100,
) -> list[int]:
    """Real series of these properties that may lose readings of before, by number, above `after`."""
    values = {"properties": list(properties), "before": before, "after": after, "limit": limit}
    return [row[0] for row in connection.execute(_SERIES, values)]


def series_of_exercises(
    connection: Connection[Any], ended: datetime, before: datetime, *, after: int = 0, limit: int = 100
) -> list[int]:
    """Series of exercises that ended before `ended` and of which nothing is open any more."""
    values = {"ended": ended, "before": before, "after": after, "limit": limit}
    return [row[0] for row in connection.execute(_EXERCISE_SERIES, values)]


def remove_readings(
    connection: Connection[Any], series: int, before: datetime, received: datetime, limit: int
) -> int:
    """Deletes at most so many of the oldest readings of before; hours and days of them stay.

    What was received after `received` stays for the next round: its mark may not be written yet. Hold
    `rollups.lock`.
    """
    values = {"series": series, "before": before, "received": received, "limit": limit}
    removed = connection.execute(_REMOVE, values).rowcount
    if removed:
        connection.execute(_REMOVED, (series, before))
    return removed


def old_readings(connection: Connection[Any], series: Sequence[int], before: datetime) -> Old:
    """How many readings of these series are older."""
    found = connection.execute(
        "select count(*)::integer, min(time) from observation where series = any(%s) and time < %s",
        (list(series), before),
    ).fetchone()
    return Old(*found) if found else Old(0, None)


def old_chunks(connection: Connection[Any], kind: str, before: datetime) -> Old:
    """About how many rows of a table of `_CHUNKED` lie in chunks that are wholly of before."""
    found = connection.execute(
        "select coalesce(sum(approximate_row_count(chunk)), 0)::integer from show_chunks(%s::regclass, %s) chunk",
        (_CHUNKED[kind], before),
    ).fetchone()
    return Old(found[0] if found else 0, None)


def drop_chunks(connection: Connection[Any], kind: str, before: datetime) -> int:
    """Drops the chunks of a table of `_CHUNKED` that lie wholly before; returns how many."""
    return len(
        connection.execute("select drop_chunks(%s::regclass, %s)", (_CHUNKED[kind], before)).fetchall()
    )


def remove_rows(connection: Connection[Any], kind: str, before: datetime, limit: int) -> int:
    """Deletes at most so many old rows of a table of `_OLD_ROWS`."""
    table, condition = _OLD_ROWS[kind]
    query = sql.SQL(
        "delete from {table} where ctid in (select ctid from {table} where {condition} limit %(limit)s)"
    )
    return connection.execute(
        query.format(table=sql.Identifier(table), condition=sql.SQL(condition)),
        {"before": before, "limit": limit},
    ).rowcount


def old_rows(connection: Connection[Any], kind: str, before: datetime) -> Old:
    """How many rows of a table of `_OLD_ROWS` are older."""
    table, condition = _OLD_ROWS[kind]
    query = sql.SQL("select count(*)::integer from {table} where {condition}")
    found = connection.execute(
        query.format(table=sql.Identifier(table), condition=sql.SQL(condition)), {"before": before}
    ).fetchone()
    return Old(found[0] if found else 0, None)
