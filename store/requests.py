"""Requests for a second person: proposed, decided, expired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.errors import ConflictError, NotFoundError
from core.requests import Request, RequestKind, RequestState, Silenced
from store.connection import rows

_SELECT: LiteralString = """
select id, kind, subject, area, exercise, detail, silences, content_hash, reason, state, proposed_at, proposed_by,
       expires_at, ends_at, decided_at, decided_by, note, notice
from second_person_request
"""

_INSERT = """
insert into second_person_request
    (kind, subject, area, exercise, detail, silences, content_hash, reason, proposed_at, proposed_by, expires_at,
     ends_at)
values (%(kind)s, %(subject)s, %(area)s, %(exercise)s, %(detail)s, %(silences)s, %(content_hash)s, %(reason)s,
        %(proposed_at)s, %(proposed_by)s, %(expires_at)s, %(ends_at)s)
returning id
"""

_LIST = """
where (%(states)s::text[] is null or state = any(%(states)s))
    and (%(kinds)s::text[] is null or kind = any(%(kinds)s))
    and (%(exercise)s::text is null or exercise = %(exercise)s)
    and (%(within)s::text is null or area_within(area, %(within)s))
order by state <> 'open', id desc limit %(limit)s
"""

_OPEN_ALARMS = """
select alarm.id, alarm.class as alarm_class, alarm.subject_kind, alarm.subject, alarm.rule, alarm.severity, alarm.highest_severity, alarm.state,
       alarm.value, alarm.threshold, alarm.threshold_name, alarm.area, station.name as station_name
from alarm left join station on station.code = alarm.station
where alarm.closed_at is null and alarm.exercise is not distinct from %(exercise)s
    and (alarm.id = any(%(alarms)s) or alarm.station = any(%(stations)s))
order by array_position(array['red', 'orange', 'yellow', 'blue'], alarm.severity), alarm.id
"""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What is written when a request is made."""

    kind: RequestKind
    subject: str
    area: str | None
    exercise: str | None
    detail: dict[str, Any]
    silences: Silenced
    content_hash: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    expires_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """An open alarm as the one who decides about it must see it."""

    id: int
    alarm_class: str
    subject_kind: str
    subject: str
    rule: str
    severity: str | None
    highest_severity: str | None
    state: str
    value: float | None
    threshold: float | None
    threshold_name: str | None
    area: str | None
    station_name: str | None


def add(connection: Connection[Any], entry: NewRequest) -> int:
    """Writes a request and returns its id. Raises ConflictError if the same one is open already."""
    values = asdict(entry) | {"detail": Jsonb(entry.detail), "silences": Jsonb(asdict(entry.silences))}
    try:
        with connection.transaction():
            found = connection.execute(_INSERT, values).fetchone()
    except UniqueViolation as error:
        raise ConflictError(
            f"this is proposed already ({entry.kind} of {entry.subject}) and waits for a second person"
        ) from error
    assert found is not None  # insert … returning
    return int(found[0])


def get(connection: Connection[Any], request_id: int, *, lock: bool = False) -> Request:
    """One request; with `lock` its row is held until the transaction ends. Raises NotFoundError."""
    found = _requests(connection, " where id = %s for update" if lock else " where id = %s", (request_id,))
    if not found:
        raise NotFoundError(f"there is no request {request_id}")
    return found[0]


def requests(
    connection: Connection[Any],
    *,
    states: Sequence[RequestState] | None = None,
    kinds: Sequence[RequestKind] | None = None,
    exercise: str | None = None,
    within: str | None = None,
    limit: int = 100,
) -> list[Request]:
    """Requests by filters: open ones first, then the newest."""
    values = {
        "states": None if states is None else list(states),
        "kinds": None if kinds is None else list(kinds),
        "exercise": exercise,
        "within": within,
        "limit": limit,
    }
    return _requests(connection, _LIST, values)


def overdue(connection: Connection[Any], now: datetime) -> list[Request]:
    """Open requests that nobody decided in time, locked; those that another process holds are left out."""
    return _requests(
        connection, " where state = 'open' and expires_at <= %s order by id for update skip locked", (now,)
    )


def decide(
    connection: Connection[Any],
    request_id: int,
    state: RequestState,
    *,
    at: datetime,
    by: str | None,
    note: str = "",
    notice: int | None = None,
) -> None:
    """Closes a request."""
    connection.execute(
        "update second_person_request set state = %s, decided_at = %s, decided_by = %s, note = %s, notice = %s"
        " where id = %s",
        (state, at, by, note, notice, request_id),
    )


def open_alarms(
    connection: Connection[Any], exercise: str | None, *, alarms: Sequence[int], stations: Sequence[str]
) -> list[OpenAlarm]:
    """The named alarms as far as they are open, and all open ones of the stations; the most severe first."""
    return rows(
        connection,
        OpenAlarm,
        _OPEN_ALARMS,
        {"exercise": exercise, "alarms": list(alarms), "stations": list(stations)},
    )


def person_of(connection: Connection[Any], user: str) -> tuple[bool, str | None]:
    """Whether there is such an active user, and the person who stands behind the name, if one is known."""
    found = connection.execute(
        "select person from app_user where name = %s and disabled_at is null", (user,)
    ).fetchone()
    return (False, None) if found is None else (True, found[0])


def _requests(connection: Connection[Any], where: LiteralString, values: Any) -> list[Request]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SELECT + where, values).fetchall()
    return [_request(row) for row in found]


def _request(row: dict[str, Any]) -> Request:
    shown = row["silences"]
    return Request(
        **{
            **row,
            "kind": RequestKind(row["kind"]),
            "state": RequestState(row["state"]),
            "silences": Silenced(
                alarms=tuple(shown["alarms"]),
                stations=tuple(shown["stations"]),
                persons=tuple(shown["persons"]),
                facts=shown["facts"],
            ),
        }
    )
