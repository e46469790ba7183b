"""Alarms and their history: what the evaluator and people move, and what the pages list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.alarms import Alarm, AlarmClass, AlarmEvent, AlarmEventKind, AlarmState
from core.errors import NotFoundError
from core.severity import Severity

_COLUMNS: LiteralString = """
    alarm.id, alarm.class as alarm_class, alarm.subject_kind, alarm.subject, alarm.station, alarm.property,
    alarm.area, alarm.rule, alarm.rule_version, alarm.exercise, alarm.severity, alarm.highest_severity,
    alarm.state, alarm.raised_at, alarm.observed_at, alarm.returned_at, alarm.acknowledged_at,
    alarm.acknowledged_by, alarm.closed_at, alarm.value, alarm.threshold, alarm.threshold_name,
    alarm.shelved_until, alarm.shelved_reason, alarm.shelved_by, alarm.shelved_severity, alarm.to_verify,
    alarm.called_severity, alarm.reached_from, alarm.reached_until, alarm.colourless, alarm.priority,
    alarm.latches, alarm.suppressed_by, alarm.service_until, alarm.title, alarm.detail
"""

SELECT: LiteralString = f"select {_COLUMNS} from alarm"
"""Everything of alarms, as `alarm_of` reads it."""

_CREATE = """
insert into alarm (class, subject_kind, subject, station, property, area, rule, rule_version, exercise,
                   severity, highest_severity, state, raised_at, observed_at, returned_at, acknowledged_at,
                   acknowledged_by, closed_at, value, threshold, threshold_name, shelved_until, shelved_reason,
                   shelved_by, shelved_severity, to_verify, called_severity, reached_from, reached_until,
                   colourless, priority, latches, suppressed_by, service_until, title, detail)
values (%(alarm_class)s, %(subject_kind)s, %(subject)s, %(station)s, %(property)s, %(area)s, %(rule)s,
        %(rule_version)s, %(exercise)s, %(severity)s, %(highest_severity)s, %(state)s, %(raised_at)s,
        %(observed_at)s, %(returned_at)s, %(acknowledged_at)s, %(acknowledged_by)s, %(closed_at)s, %(value)s,
        %(threshold)s, %(threshold_name)s, %(shelved_until)s, %(shelved_reason)s, %(shelved_by)s,
        %(shelved_severity)s, %(to_verify)s, %(called_severity)s, %(reached_from)s, %(reached_until)s,
        %(colourless)s, %(priority)s, %(latches)s, %(suppressed_by)s, %(service_until)s, %(title)s, %(detail)s)
returning id
"""

_SAVE = """
update alarm set
    severity = %(severity)s, highest_severity = %(highest_severity)s, state = %(state)s,
    observed_at = %(observed_at)s, returned_at = %(returned_at)s, acknowledged_at = %(acknowledged_at)s,
    acknowledged_by = %(acknowledged_by)s, closed_at = %(closed_at)s, value = %(value)s,
    threshold = %(threshold)s, threshold_name = %(threshold_name)s, shelved_until = %(shelved_until)s,
    shelved_reason = %(shelved_reason)s, shelved_by = %(shelved_by)s,
    shelved_severity = %(shelved_severity)s, to_verify = %(to_verify)s,
    called_severity = %(called_severity)s, reached_from = %(reached_from)s,
    reached_until = %(reached_until)s, colourless = %(colourless)s, suppressed_by = %(suppressed_by)s,
    service_until = %(service_until)s, title = %(title)s, detail = %(detail)s
where id = %(id)s
"""

_ADD_EVENT = """
insert into alarm_event (alarm, at, kind, state, severity, value, threshold, observed_at, received_at,
                         actor, late, detail)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_EVENTS = """
select alarm, at, kind, state, severity, value, threshold, observed_at, received_at, actor, late, detail
from alarm_event where alarm = %s order by id
"""

_LIST = """
select station.name as station_name, station.name_en as station_name_en, station.kind as station_kind,
       station.river, station.period_s, area.name as area_name, area.name_en as area_name_en,
       newest.time as latest_time, newest.value as latest_value, newest.quality as latest_quality,
       newest.usable_time, newest.usable_value, before.rate_per_hour,
       exists (select from annunciation
               where annunciation.alarm = alarm.id and annunciation.state = 'waiting' and uncalled) as uncalled,
"""

_LIST_FROM = """
from alarm
left join station on station.code = alarm.station
left join area on area.code = alarm.area
left join lateral (
    select latest.series, latest.time, latest.value, latest.quality, latest.usable_time, latest.usable_value
    from series join latest on latest.series = series.id
    where series.station = alarm.station and series.property = alarm.property
        and series.exercise is not distinct from alarm.exercise
    order by latest.time desc, latest.series limit 1
) newest on true
left join lateral (
    select (newest.usable_value - observation.value)
           / (extract(epoch from newest.usable_time - observation.time) / 3600)::double precision
           as rate_per_hour
    from observation
    where observation.series = newest.series and observation.quality in (1, 2)
        and observation.time <= newest.usable_time - interval '30 minutes'
        and observation.time >= newest.usable_time - interval '3 hours'
    order by observation.time desc limit 1
) before on true
where alarm.exercise is not distinct from %(exercise)s
    and (%(area)s::text is null or area_within(alarm.area, %(area)s))
    and (not %(open)s or alarm.closed_at is null)
    and (%(station)s::text is null or alarm.station = %(station)s)
    and (%(severities)s::text[] is null or alarm.severity = any(%(severities)s))
    and (%(states)s::text[] is null or alarm.state = any(%(states)s))
    and (%(classes)s::text[] is null or alarm.class = any(%(classes)s))
    and (%(since)s::timestamptz is null or alarm.raised_at >= %(since)s)
order by alarm.closed_at is not null,
         array_position(array['red', 'orange', 'yellow', 'blue'], alarm.severity),
         alarm.raised_at desc, alarm.id desc
limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """An alarm as a list shows it.

    `latest_*` is the newest that was received (whatever its quality) of the alarm's station and
    property, `usable_*` the newest usable; `rate_per_hour` is its slope over the last 30 minutes to
    3 hours in the property's unit, None where no older usable value is at hand. `uncalled`: somebody
    should be called and nobody can be.
    """

    alarm: Alarm
    station_name: str | None
    station_name_en: str | None
    station_kind: str | None
    river: str | None
    period_s: int | None
    area_name: str | None
    area_name_en: str | None
    latest_time: datetime | None
    latest_value: float | None
    latest_quality: int | None
    usable_time: datetime | None
    usable_value: float | None
    rate_per_hour: float | None
    uncalled: bool


def get(connection: Connection[Any], alarm_id: int) -> Alarm:
    """One alarm. Raises NotFoundError."""
    return _one(connection, SELECT + " where id = %s", alarm_id)


def lock(connection: Connection[Any], alarm_id: int) -> Alarm:
    """One alarm, held until the transaction ends. Raises NotFoundError."""
    return _one(connection, SELECT + " where id = %s for update", alarm_id)


def events(connection: Connection[Any], alarm_id: int) -> list[AlarmEvent]:
    """The alarm's history, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_EVENTS, (alarm_id,)).fetchall()
    return [
        AlarmEvent(
            **{
                **row,
                "kind": AlarmEventKind(row["kind"]),
                "state": AlarmState(row["state"]),
                "severity": severity_of(row["severity"]),
            }
        )
        for row in found
    ]


def list_alarms(
    connection: Connection[Any],
    *,
    exercise: str | None,
    area: str | None = None,
    only_open: bool = True,
    station: str | None = None,
    severities: Sequence[Severity] | None = None,
    states: Sequence[AlarmState] | None = None,
    classes: Sequence[AlarmClass] | None = None,
    since: datetime | None = None,
    limit: int = 1000,
) -> list[AlarmLine]:
    """Alarms by filters: open ones first, then the most severe, then the newest."""
    values = {
        "exercise": exercise,
        "area": area,
        "open": only_open,
        "station": station,
        "severities": None if severities is None else list(severities),
        "states": None if states is None else list(states),
        "classes": None if classes is None else list(classes),
        "since": since,
        "limit": limit,
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_LIST + _COLUMNS + _LIST_FROM, values).fetchall()
    return [
        AlarmLine(alarm=alarm_of(row), **{name: row[name] for name in _LINE_FIELDS if name != "alarm"})
        for row in found
    ]


def create(connection: Connection[Any], alarm: Alarm) -> int:
    """Opens an alarm (its `id` is ignored) and returns its id."""
    (created,) = create_all(connection, [alarm])
    return created


def create_all(connection: Connection[Any], opened: Sequence[Alarm]) -> list[int]:
    """Opens alarms, however many, without waiting for the answer of each; returns their ids in the same order."""
    if not opened:
        return []
    with connection.cursor() as cursor:
        cursor.executemany(_CREATE, [_values(alarm) for alarm in opened], returning=True)
        created = []
        while True:
            created += [int(row[0]) for row in cursor.fetchall()]
            if not cursor.nextset():
                return created


def save(connection: Connection[Any], alarm: Alarm) -> None:
    """Writes everything that may change of an alarm."""
    connection.execute(_SAVE, _values(alarm))


def add_event(connection: Connection[Any], event: AlarmEvent) -> None:
    """Appends one line to an alarm's history."""
    connection.execute(_ADD_EVENT, _line(event))


def add_events(connection: Connection[Any], lines: Iterable[AlarmEvent]) -> None:
    """Appends lines to the histories of alarms, however many."""
    with connection.cursor() as cursor:
        cursor.executemany(_ADD_EVENT, [_line(event) for event in lines])


_ALARM_FIELDS = tuple(field.name for field in fields(Alarm))
_LINE_FIELDS = tuple(field.name for field in fields(AlarmLine))


def _one(connection: Connection[Any], query: LiteralString, alarm_id: int) -> Alarm:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, (alarm_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no alarm {alarm_id}")
    return alarm_of(row)


def alarm_of(row: dict[str, Any]) -> Alarm:
    """The alarm of a row of `SELECT`."""
    known = {name: row[name] for name in _ALARM_FIELDS}
    known["alarm_class"] = AlarmClass(row["alarm_class"])
    known["state"] = AlarmState(row["state"])
    for name in ("severity", "highest_severity", "shelved_severity", "called_severity", "priority"):
        known[name] = severity_of(row[name])
    return Alarm(**known)


def _line(event: AlarmEvent) -> tuple[Any, ...]:
    return (
        event.alarm, event.at, event.kind, event.state, event.severity, event.value, event.threshold,
        event.observed_at, event.received_at, event.actor, event.late, Jsonb(event.detail),
    )  # fmt: skip


def _values(alarm: Alarm) -> dict[str, Any]:
    values = {name: getattr(alarm, name) for name in _ALARM_FIELDS}
    title = None if alarm.title is None else Jsonb(alarm.title)
    return values | {"title": title, "detail": Jsonb(alarm.detail)}


def severity_of(value: str | None) -> Severity | None:
    """A severity as it is stored."""
    return None if value is None else Severity(value)
