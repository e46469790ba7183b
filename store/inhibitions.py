"""The table of what explains what, and the alarms that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.alarms import AlarmClass, AlarmState
from core.inhibition import Equal, Inhibition, Muted
from store.connection import rows

_COLUMNS: LiteralString = """
select alarm.id, alarm.rule, alarm.class, alarm.subject_kind, alarm.subject, alarm.station, alarm.area,
       alarm.exercise, alarm.state,
       case when alarm.colourless or alarm.severity is not null then null else alarm.returned_at end,
       coalesce((alarm.detail ->> 'limit_s')::double precision, 0), alarm.suppressed_by
from alarm
"""

_SOURCES: LiteralString = """
where alarm.rule = any(%(rules)s)
  and (alarm.closed_at is null and (alarm.colourless or alarm.severity is not null)
       or alarm.rule = any(%(lasting)s) and alarm.returned_at > %(now)s - interval '12 hours')
order by alarm.id
"""

_TARGETS: LiteralString = """
where alarm.rule = any(%(rules)s) and alarm.closed_at is null
  and (alarm.state = 'suppressed'
       or alarm.state in ('unacknowledged', 'acknowledged') and (alarm.colourless or alarm.severity is not null))
order by alarm.id
"""


def inhibitions(connection: Connection[Any]) -> list[Inhibition]:
    """What explains what."""
    found = connection.execute(
        "select source, target, equal, release_after_s, reason from inhibition order by source, target"
    )
    return [Inhibition(row[0], row[1], Equal(row[2]), row[3], row[4]) for row in found]


def save(connection: Connection[Any], row: Inhibition, by: str) -> bool:
    """Sets what a rule hides of another; False if it stands just so."""
    return (
        connection.execute(
            "insert into inhibition (source, target, equal, release_after_s, reason, set_by)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (source, target) do update set equal = excluded.equal,"
            " release_after_s = excluded.release_after_s, reason = excluded.reason, set_by = excluded.set_by,"
            " set_at = now() where (inhibition.equal, inhibition.release_after_s, inhibition.reason)"
            " is distinct from (excluded.equal, excluded.release_after_s, excluded.reason)",
            (row.source, row.target, row.equal, row.release_after_s, row.reason, by),
        ).rowcount
        > 0
    )


def remove(connection: Connection[Any], source: str, target: str) -> bool:
    """Takes a row away; False if there is none."""
    done = connection.execute("delete from inhibition where source = %s and target = %s", (source, target))
    return done.rowcount > 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of what hides what, as the audit keeps it; `second` allowed it, `set` False: it was taken away."""

    at: datetime
    by: str
    second: str | None
    source: str
    target: str
    set: bool
    equal: str | None
    release_after_s: int | None
    reason: str


def changes(connection: Connection[Any], rule: str, *, limit: int = 50) -> list[Changed]:
    """Changes of what a rule hides and what hides it, newest first."""
    return rows(
        connection,
        Changed,
        "select at, actor as by, detail ->> 'second' as second, split_part(subject, '/', 2) as source,"
        " split_part(subject, '/', 3) as target, action = 'inhibition.set' as set, detail ->> 'equal' as equal,"
        " (detail ->> 'release_after_s')::integer as release_after_s, detail ->> 'reason' as reason"
        " from audit where action in ('inhibition.set', 'inhibition.remove')"
        " and %s in (split_part(subject, '/', 2), split_part(subject, '/', 3)) order by id desc limit %s",
        (rule, limit),
    )


def sources(connection: Connection[Any], rows: Sequence[Inhibition], now: datetime) -> list[Muted]:
    """Alarms that explain others: those that stand, hidden ones too, and those lately over whose effect lasts."""
    values = {
        "rules": sorted({row.source for row in rows}),
        "lasting": sorted({row.source for row in rows if row.release_after_s}),
        "now": now,
    }
    return _muted(connection, _COLUMNS + _SOURCES, values)


def targets(connection: Connection[Any], rows: Sequence[Inhibition]) -> list[Muted]:
    """Alarms that may be hidden, and those that are."""
    return _muted(connection, _COLUMNS + _TARGETS, {"rules": sorted({row.target for row in rows})})


def _muted(connection: Connection[Any], query: LiteralString, values: dict[str, Any]) -> list[Muted]:
    return [
        Muted(
            id=row[0],
            rule=row[1],
            alarm_class=AlarmClass(row[2]),
            subject_kind=row[3],
            subject=row[4],
            station=row[5],
            area=row[6],
            exercise=row[7],
            state=AlarmState(row[8]),
            ended_at=row[9],
            limit_s=row[10],
            suppressed_by=row[11],
        )
        for row in connection.execute(query, values)
    ]


def set_suppressed_by(connection: Connection[Any], alarm_id: int, by: str) -> None:
    """Another alarm explains it now; the state is as before."""
    connection.execute("update alarm set suppressed_by = %s where id = %s", (by, alarm_id))
