"""Which alarms are open, of what: what the evaluator moves, what ends by itself, what a correction or an exercise touches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.alarms import Alarm
from core.severity import Severity
from store.alarms import SELECT, alarm_of, severity_of
from store.rules import STREAM_KINDS

_STANDING_FOR: LiteralString = """
 where station = %s and property = %s and exercise is not distinct from %s
   and exists (select from unnest(%s::timestamptz[]) as wanted (time)
               where wanted.time between coalesce(reached_from, observed_at, raised_at)
                                     and coalesce(reached_until, 'infinity'))
 order by id
"""

_WITHOUT_RULE: LiteralString = """
select alarm.id from alarm
join (select distinct on (code) * from rule order by code, version desc) rule on rule.code = alarm.rule
left join station on station.code = alarm.station
where alarm.closed_at is null and (alarm.severity is not null or alarm.colourless)
  and (not rule.active or rule.kind = any(%s) and not coalesce(station.kind = any(rule.kinds), false))
order by alarm.id
"""


def open_and_recent(connection: Connection[Any], stations: Sequence[str], since: datetime) -> list[Alarm]:
    """The stations' alarms that are open, or stand for a time after `since`; open ones are locked."""
    with connection.cursor(row_factory=dict_row) as cursor:
        opened = cursor.execute(
            SELECT + " where station = any(%s) and closed_at is null order by id for update",
            (list(stations),),
        ).fetchall()
        closed = cursor.execute(
            SELECT + " where station = any(%s) and closed_at is not null and reached_until >= %s order by id",
            (list(stations), since),
        ).fetchall()
    return [alarm_of(row) for row in (*closed, *opened)]


def open_of_rule(connection: Connection[Any], rule: str) -> tuple[int, ...]:
    """The open alarms of a rule in the real world."""
    found = connection.execute(
        "select id from alarm where rule = %s and closed_at is null and exercise is null order by id", (rule,)
    )
    return tuple(row[0] for row in found)


def severities_of_rule(
    connection: Connection[Any], rule: str
) -> dict[tuple[str | None, str, str], Severity | None]:
    """The present severity of each open alarm of a rule, by exercise, subject kind and subject."""
    return {
        (exercise, kind, subject): severity_of(severity)
        for exercise, kind, subject, severity in connection.execute(
            "select exercise, subject_kind, subject, severity from alarm where rule = %s and closed_at is null",
            (rule,),
        )
    }


def lock_open_of_rule(
    connection: Connection[Any], rule: str, subjects: Collection[tuple[str | None, str, str]]
) -> list[Alarm]:
    """The open alarms of a rule about these subjects (exercise, subject kind, subject), locked."""
    if not subjects:
        return []
    exercises, kinds, codes = zip(*subjects, strict=True)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            SELECT + " join unnest(%s::text[], %s::text[], %s::text[]) as wanted (exercise, kind, code)"
            " on alarm.subject_kind = wanted.kind and alarm.subject = wanted.code"
            " and alarm.exercise is not distinct from wanted.exercise"
            " where alarm.rule = %s and alarm.closed_at is null order by alarm.id for update of alarm",
            (list(exercises), list(kinds), list(codes), rule),
        ).fetchall()
    return [alarm_of(row) for row in found]


def open_subjects(connection: Connection[Any], rules: Sequence[str]) -> set[tuple[str | None, str, str]]:
    """Whose alarms of the rules hold now, hidden ones too: (exercise, subject kind, subject)."""
    return set(
        connection.execute(
            "select exercise, subject_kind, subject from alarm"
            " where rule = any(%s) and closed_at is null and (colourless or severity is not null)",
            (list(rules),),
        ).fetchall()
    )


def standing_for(
    connection: Connection[Any], station: str, property: str, exercise: str | None, times: Sequence[datetime]
) -> list[Alarm]:
    """The station's alarms of the property, open or closed, that stand for danger at one of the times."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(SELECT + _STANDING_FOR, (station, property, exercise, list(times))).fetchall()
    return [alarm_of(row) for row in found]


def open_in_exercise(connection: Connection[Any], exercise: str) -> list[Alarm]:
    """Open alarms of an exercise, locked."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            SELECT + " where exercise = %s and closed_at is null order by id for update", (exercise,)
        ).fetchall()
    return [alarm_of(row) for row in found]


def over_shelved(connection: Connection[Any], now: datetime) -> list[int]:
    """Alarms whose shelf should have ended by `now`."""
    return [
        row[0]
        for row in connection.execute(
            "select id from alarm where state = 'shelved' and closed_at is null and shelved_until <= %s"
            " order by id",
            (now,),
        )
    ]


def at_rest(connection: Connection[Any], before: datetime) -> list[int]:
    """Alarms that returned before then, wait for an acknowledgement, and never were worse than blue.

    Equipment counts by how people are called for it: blue, or not at all.
    """
    found = connection.execute(
        "select id from alarm where closed_at is null and state = 'returned_unacknowledged'"
        " and returned_at <= %s and coalesce(highest_severity, priority, 'blue') = 'blue' order by id",
        (before,),
    )
    return [row[0] for row in found]


def without_rule(connection: Connection[Any]) -> list[int]:
    """Alarms that hold by a rule which is out of force, or no longer for stations of their kind."""
    return [row[0] for row in connection.execute(_WITHOUT_RULE, (list(STREAM_KINDS),))]


def next_shelf_end(connection: Connection[Any]) -> datetime | None:
    """When the next shelf ends."""
    found = connection.execute(
        "select min(shelved_until) from alarm where state = 'shelved' and closed_at is null"
    ).fetchone()
    return found[0] if found else None
