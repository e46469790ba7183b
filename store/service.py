"""What is out of service (停用): for hours by two persons, or a station flagged so for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.errors import UniqueViolation

from core.errors import ConflictError, NotFoundError
from store.connection import rows

_LIST: LiteralString = """
select service_absence.id, service_absence.kind, service_absence.subject,
       coalesce(station.name, device.name, camera.name) as name,
       coalesce(station.name_en, device.name_en, camera.name_en) as name_en,
       service_absence.area, service_absence.starts, service_absence.until, service_absence.reason,
       service_absence.by_user, service_absence.second, service_absence.request, service_absence.ended_at,
       service_absence.ended_by
from service_absence
left join station on service_absence.kind = 'station' and station.code = service_absence.subject
left join device on service_absence.kind = 'device' and device.code = service_absence.subject
left join camera on service_absence.kind = 'camera' and camera.code = service_absence.subject
"""

_BEGIN = """
insert into service_absence (kind, subject, area, starts, until, reason, by_user, second, request)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id
"""

_OUT = """
select kind, subject, until from service_absence where ended_at is null
union all
select 'station', code, null from station where out_of_service and not exists (
    select from service_absence where kind = 'station' and subject = station.code and ended_at is null)
"""

_OPEN_ALARMS: LiteralString = """
select id from alarm
where closed_at is null and (%(kind)s = 'station' and station = %(code)s
                             or subject_kind = %(kind)s and subject = %(code)s)
"""


@dataclass(frozen=True, slots=True)
class Absence:
    """A station, device or camera out of service from `starts` to `until`, at most 12 hours.

    `by_user` asked for it, `second` allowed it. Over once `ended_at` is set: by a person, or `by itself`.
    """

    id: int
    kind: str
    subject: str
    name: str | None
    name_en: str | None
    area: str | None
    starts: datetime
    until: datetime
    reason: str
    by_user: str
    second: str
    request: int | None
    ended_at: datetime | None
    ended_by: str | None


def absences(
    connection: Connection[Any], *, within: str | None = None, running: bool = True, limit: int = 1000
) -> list[Absence]:
    """What is out of service, what ends first first; without `running` also what was, the newest first."""
    return rows(
        connection,
        Absence,
        _LIST + " where (not %(running)s or service_absence.ended_at is null)"
        " and (%(within)s::text is null or area_within(service_absence.area, %(within)s))"
        " order by service_absence.ended_at desc nulls first, service_absence.until limit %(limit)s",
        {"running": running, "within": within, "limit": limit},
    )


def absence(connection: Connection[Any], absence_id: int, *, lock: bool = False) -> Absence:
    """One absence. Raises NotFoundError."""
    where: LiteralString = " where service_absence.id = %s"
    found = rows(
        connection, Absence, _LIST + where + (" for update of service_absence" if lock else ""), (absence_id,)
    )
    if not found:
        raise NotFoundError(f"nothing is out of service under the number {absence_id}")
    return found[0]


def absence_of(connection: Connection[Any], kind: str, code: str) -> Absence | None:
    """The running absence of a thing."""
    found = rows(
        connection,
        Absence,
        _LIST + " where service_absence.kind = %s and service_absence.subject = %s and ended_at is null",
        (kind, code),
    )
    return found[0] if found else None


def begin(connection: Connection[Any], entry: Absence) -> int:
    """Takes it out of service and returns the absence's id. Raises ConflictError if it is out already."""
    try:
        with connection.transaction():
            found = connection.execute(
                _BEGIN,
                (
                    entry.kind, entry.subject, entry.area, entry.starts, entry.until, entry.reason, entry.by_user,
                    entry.second, entry.request,
                ),
            ).fetchone()  # fmt: skip
    except UniqueViolation as error:
        raise ConflictError(f"{entry.kind} {entry.subject} is out of service already") from error
    assert found is not None  # insert … returning
    flag(connection, entry.kind, entry.subject, out=True)
    return int(found[0])


def end(connection: Connection[Any], entry: Absence, *, at: datetime, by: str) -> None:
    """Puts it back."""
    connection.execute(
        "update service_absence set ended_at = %s, ended_by = %s where id = %s", (at, by, entry.id)
    )
    flag(connection, entry.kind, entry.subject, out=False)


def flag(connection: Connection[Any], kind: str, code: str, *, out: bool) -> None:
    """A station carries its absence as a mark of its own, by which everything that reads it goes."""
    if kind == "station":
        connection.execute("update station set out_of_service = %s where code = %s", (out, code))


def due_back(connection: Connection[Any], now: datetime) -> list[int]:
    """Absences whose time is over."""
    return [
        row[0]
        for row in connection.execute(
            "select id from service_absence where ended_at is null and until <= %s order by id", (now,)
        )
    ]


def out_of_service(connection: Connection[Any]) -> dict[tuple[str, str], datetime | None]:
    """(kind, code) of all that is out of service now, until when; None: for good."""
    return {(row[0], row[1]): row[2] for row in connection.execute(_OUT)}


def open_alarms(connection: Connection[Any], kind: str, code: str) -> list[int]:
    """The open alarms of a station (of its series too), a device or a camera."""
    found = connection.execute(_OPEN_ALARMS + " order by id", {"kind": kind, "code": code})
    return [row[0] for row in found]
