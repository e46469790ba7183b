"""What alarms ask for: who waits to be told, what was told when, floods at desks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_ASK = """
insert into annunciation (alarm, exercise, asked_at, severity, colour, title, text, line, hazard, due_at)
values (%(alarm)s, %(exercise)s, %(at)s, %(severity)s, %(colour)s, %(title)s, %(text)s, %(line)s, %(hazard)s, %(at)s)
on conflict (alarm) where state = 'waiting' do update set
    severity = excluded.severity, colour = excluded.colour, title = excluded.title, text = excluded.text,
    line = excluded.line, due_at = least(annunciation.due_at, excluded.due_at), reason = null, uncalled = false
"""

_NEXT_DUE = """
select least((select min(due_at) from annunciation where state = 'waiting'),
             (select min(repeat_at) from orders where repeat_at is not null and state = 'issued'),
             (select min(look_at) from alarm_flood where ended_at is null))
"""

_WAITING: LiteralString = """
select annunciation.id, annunciation.alarm, annunciation.exercise, annunciation.asked_at,
       annunciation.severity, annunciation.colour, annunciation.title, annunciation.text, annunciation.line,
       annunciation.hazard, annunciation.desk, annunciation.place_kind, annunciation.place,
       annunciation.due_at, annunciation.reason,
       alarm.state as alarm_state, alarm.returned_at, alarm.area, alarm.severity as alarm_severity, alarm.value, alarm.threshold,
       alarm.observed_at, station.river, silence.id as silence, silence.ends_at as silenced_until
from annunciation
join alarm on alarm.id = annunciation.alarm
left join station on station.code = alarm.station
left join silence on silence.id = silence_of(alarm.*, %s)
where annunciation.state = 'waiting'
order by annunciation.id
for update of alarm skip locked
"""

_TOLD: LiteralString = """
select annunciation.id, annunciation.alarm, annunciation.exercise, annunciation.severity, annunciation.colour,
       annunciation.title, annunciation.text, annunciation.line, annunciation.hazard, annunciation.desk,
       annunciation.place_kind, annunciation.place, annunciation.order_id, orders.issued_at,
       alarm.area, alarm.state = 'returned_unacknowledged' as returned, silence.ends_at as silenced_until
from annunciation
join alarm on alarm.id = annunciation.alarm
join orders on orders.id = annunciation.order_id
left join silence on silence.id = silence_of(alarm.*, %s)
where annunciation.state = 'told' and alarm.closed_at is null and orders.state = 'issued'
  and alarm.state in ('unacknowledged', 'returned_unacknowledged')
  and annunciation.desk = any(%s)
order by annunciation.id
"""

_RUNNING: LiteralString = """
select id as order_id, exercise, desk, repeat_at from orders
where repeat_at is not null and state = 'issued' and desk is not null
order by id
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """An alarm's wish to be heard, in words."""

    alarm: int
    exercise: str | None
    at: datetime
    severity: str
    colour: str | None
    title: str
    text: str
    line: str
    hazard: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits, beside its alarm as it stands; the alarm's row is locked. `desk` and place are None when new.

    `silence` mutes it now, until `silenced_until`.
    """

    id: int
    alarm: int
    exercise: str | None
    asked_at: datetime
    severity: str
    colour: str | None
    title: str
    text: str
    line: str
    hazard: str
    desk: str | None
    place_kind: str | None
    place: str | None
    due_at: datetime
    reason: str | None
    alarm_state: str
    returned_at: datetime | None
    area: str | None
    alarm_severity: str | None
    value: float | None
    threshold: float | None
    observed_at: datetime | None
    river: str | None
    silence: int | None
    silenced_until: datetime | None


@dataclass(frozen=True, slots=True)
class ToldRow:
    """The last that people heard of an alarm that is not acknowledged, in a notice that still runs."""

    id: int
    alarm: int
    exercise: str | None
    severity: str
    colour: str | None
    title: str
    text: str
    line: str
    hazard: str
    desk: str
    place_kind: str
    place: str | None
    order_id: int
    issued_at: datetime
    area: str | None
    returned: bool
    silenced_until: datetime | None


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A notice of a desk that is to be repeated."""

    order_id: int
    exercise: str | None
    desk: str
    repeat_at: datetime


@dataclass(frozen=True, slots=True)
class FloodRow:
    """A flood of alarms that goes on at a desk."""

    id: int
    exercise: str | None
    desk: str
    began_at: datetime
    count: int
    peak: int
    look_at: datetime | None


def ask(connection: Connection[Any], entry: Ask) -> None:
    """Queues it, due at once; an alarm that waits already goes on waiting, with what is newest."""
    connection.execute(
        _ASK,
        {
            "alarm": entry.alarm, "exercise": entry.exercise, "at": entry.at, "severity": entry.severity,
            "colour": entry.colour, "title": entry.title, "text": entry.text, "line": entry.line,
            "hazard": entry.hazard,
        },
    )  # fmt: skip


def next_due(connection: Connection[Any]) -> datetime | None:
    """When something waiting, a repeat or a flood is to be looked at next."""
    found = connection.execute(_NEXT_DUE).fetchone()
    return found[0] if found else None


def waiting(connection: Connection[Any], at: datetime) -> list[WaitingRow]:
    """All that waits, oldest first, but for alarms on which somebody acts this very moment."""
    return rows(connection, WaitingRow, _WAITING, (at,))


def told(connection: Connection[Any], desks: Sequence[str], at: datetime) -> list[ToldRow]:
    """What these desks were told and nobody has acknowledged."""
    return rows(connection, ToldRow, _TOLD, (at, list(desks)))


def running(connection: Connection[Any]) -> list[RunningRow]:
    """Notices that are to be repeated."""
    return rows(connection, RunningRow, _RUNNING)


def place(connection: Connection[Any], placed: Iterable[tuple[int, str | None, str, str | None]]) -> None:
    """Writes down desk and place (id, desk, place kind, place) of what waits."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update annunciation set desk = %s, place_kind = %s, place = %s where id = %s",
            [(desk, kind, where, number) for number, desk, kind, where in placed],
        )


def wait(connection: Connection[Any], waits: Iterable[tuple[int, datetime, str, bool]]) -> None:
    """Says until when each (id, until, reason, nobody can be called) waits."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update annunciation set due_at = %s, reason = %s, uncalled = %s where id = %s",
            [(until, reason, uncalled, number) for number, until, reason, uncalled in waits],
        )


def drop(connection: Connection[Any], numbers: Iterable[tuple[int, str]], at: datetime) -> None:
    """Nobody needs to hear it any more (id, reason)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update annunciation set state = 'dropped', reason = %s, settled_at = %s where id = %s",
            [(reason, at, number) for number, reason in numbers],
        )


def settle(
    connection: Connection[Any], order_id: int, news: Sequence[int], known: Sequence[int], at: datetime
) -> None:
    """The order tells these annunciations: the new ones take the place of what was told of their alarms."""
    connection.execute(
        "update annunciation set state = 'past' where state = 'told' and alarm in"
        " (select alarm from annunciation where id = any(%s))",
        (list(news),),
    )
    connection.execute(
        "update annunciation set state = 'told', reason = null, uncalled = false, settled_at = %s, order_id = %s where id = any(%s)",
        (at, order_id, list(news)),
    )
    connection.execute("update annunciation set order_id = %s where id = any(%s)", (order_id, list(known)))


def add_notice(
    connection: Connection[Any],
    order_id: int,
    *,
    exercise: str | None,
    desk: str,
    at: datetime,
    why: str,
    severity: str,
    alarms: int,
    news: int,
    repeat_at: datetime,
) -> None:
    """Notes that a desk is called, and when the order is repeated."""
    connection.execute(
        "insert into alarm_notice (order_id, exercise, desk, at, why, severity, alarms, news)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (order_id, exercise, desk, at, why, severity, alarms, news),
    )
    connection.execute(
        "update orders set desk = %s, repeat_at = %s where id = %s", (desk, repeat_at, order_id)
    )


def take_place(connection: Connection[Any], earlier: int, later: int) -> None:
    """A notice stands in the place of an earlier one: what that told, and when its desk is called again."""
    connection.execute(
        "update annunciation set order_id = %s where order_id = %s and state = 'told'", (later, earlier)
    )
    connection.execute(
        "update orders set desk = coalesce(orders.desk, earlier.desk),"
        " repeat_at = coalesce(orders.repeat_at, earlier.repeat_at)"
        " from orders earlier where orders.id = %s and earlier.id = %s",
        (later, earlier),
    )


def repeat_later(connection: Connection[Any], order_id: int, at: datetime | None) -> None:
    """Moves the next repeat of an order; None: there will be none."""
    connection.execute("update orders set repeat_at = %s where id = %s", (at, order_id))


def calls(connection: Connection[Any], since: datetime) -> list[tuple[str | None, str, datetime]]:
    """Exercise, desk and time of every call of a desk after `since`, oldest first."""
    return connection.execute(
        "select exercise, desk, at from alarm_notice where at > %s order by at, id", (since,)
    ).fetchall()


def asked(connection: Connection[Any], since: datetime) -> list[tuple[str | None, str, datetime]]:
    """Exercise, desk and time of everything that asked for people after `since`."""
    return connection.execute(
        "select exercise, desk, asked_at from annunciation where asked_at > %s and desk is not null", (since,)
    ).fetchall()


def floods(connection: Connection[Any]) -> list[FloodRow]:
    """Floods that go on."""
    return rows(
        connection,
        FloodRow,
        "select id, exercise, desk, began_at, count, peak, look_at from alarm_flood where ended_at is null",
    )


def begin_flood(
    connection: Connection[Any],
    exercise: str | None,
    desk: str,
    *,
    at: datetime,
    count: int,
    look_at: datetime | None,
) -> None:
    """A flood begins at a desk."""
    connection.execute(
        "insert into alarm_flood (exercise, desk, began_at, count, peak, look_at) values (%s, %s, %s, %s, %s, %s)",
        (exercise, desk, at, count, count, look_at),
    )


def update_flood(connection: Connection[Any], number: int, *, count: int, look_at: datetime | None) -> None:
    """A flood goes on."""
    connection.execute(
        "update alarm_flood set count = %s, peak = greatest(peak, %s), look_at = %s where id = %s",
        (count, count, look_at, number),
    )


def end_flood(connection: Connection[Any], number: int, *, at: datetime, count: int) -> None:
    """A flood is over."""
    connection.execute(
        "update alarm_flood set ended_at = %s, count = %s, look_at = null where id = %s", (at, count, number)
    )
