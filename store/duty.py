"""Shifts, turns of duty as they are edited, and who is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.duty import Shift, Turn, rota_of
from core.errors import NotFoundError
from core.people import Absence, RosterEntry
from store.connection import rows
from store.people import save_roster_entry

_SHIFT: LiteralString = """
select code, name, area, position, starts, ends, days, first_day, rota, active from shift
"""

_SAVE_SHIFT = """
insert into shift (code, name, area, position, starts, ends, days, first_day, rota, active, set_by, set_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set name = excluded.name, area = excluded.area, position = excluded.position,
    starts = excluded.starts, ends = excluded.ends, days = excluded.days, first_day = excluded.first_day,
    rota = excluded.rota, active = excluded.active, set_by = excluded.set_by, set_at = excluded.set_at
"""

_TURNS: LiteralString = """
select area, position, person, starts, ends, shift, id from roster
where starts < %(until)s and ends > %(since)s
  and (%(within)s::text is null or area_within(area, %(within)s))
order by starts, area, position, id
"""

_ABSENCES: LiteralString = """
select id, person, substitute, starts, least(ends, coalesce(ended_at, ends)) as ends, reason, made_by from absence
where starts < %(until)s and ends > %(since)s and (ended_at is null or ended_at > greatest(starts, %(since)s))
order by starts, id
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """An area that somebody is, was or will be on the roster of, or that a duty desk signs in for."""

    area: str
    name: str
    name_en: str
    kind: str
    positions: list[str]
    signs_in: bool


# A desk signs in where a user who may hand over holds a role for exactly that area.
_DESKS: LiteralString = """
with county as (select code from area where parent is null order by code limit 1),
listed as (
    select area, array_agg(distinct position order by position) as positions from roster
    where ends > %(now)s - interval '30 days' group by area
), signing as (
    select distinct coalesce(app_user.area, county.code) as area from app_user, county
    where app_user.role in ('duty', 'leader') and app_user.disabled_at is null
)
select area.code as area, area.name, area.name_en, area.kind, coalesce(listed.positions, '{}') as positions,
       signing.area is not null as signs_in
from area left join listed on listed.area = area.code left join signing on signing.area = area.code
where (listed.area is not null or signing.area is not null or area.parent is null)
  and (%(within)s::text is null or area_within(area.code, %(within)s))
order by array_position(array['county', 'town', 'village', 'hamlet'], area.kind), area.code
"""


def desks(connection: Connection[Any], now: datetime, *, within: str | None = None) -> list[Desk]:
    """Desks by kind of area and code."""
    return rows(connection, Desk, _DESKS, {"now": now, "within": within})


@dataclass(frozen=True, slots=True)
class OutOfService:
    """A station, device or camera that is out of service; `until` None: until somebody puts it back."""

    name: str
    name_en: str
    until: datetime | None
    reason: str


_OUT_OF_SERVICE = """
select coalesce(station.name, device.name, camera.name, away.subject) as name,
       coalesce(station.name_en, device.name_en, camera.name_en, away.subject) as name_en, away.until, away.reason
from service_absence away
left join station on away.kind = 'station' and station.code = away.subject
left join device on away.kind = 'device' and device.code = away.subject
left join camera on away.kind = 'camera' and camera.code = away.subject
where away.ended_at is null and (%(area)s::text is null or area_within(away.area, %(area)s))
union all
select name, name_en, null, '' from station
where out_of_service and (%(area)s::text is null or area_within(area, %(area)s))
  and not exists (select from service_absence away
                  where away.kind = 'station' and away.subject = station.code and away.ended_at is null)
order by name
"""


def out_of_service(connection: Connection[Any], area: str | None) -> list[OutOfService]:
    """What is out of service in an area (None: everywhere), by name."""
    return rows(connection, OutOfService, _OUT_OF_SERVICE, {"area": area})


def shifts(connection: Connection[Any], *, within: str | None = None) -> list[Shift]:
    """Shifts by area and code."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            _SHIFT + " where %s::text is null or area_within(area, %s) order by area, code", (within, within)
        ).fetchall()
    return [
        Shift(**row | {"days": tuple(row["days"]), "rota": rota_of(";".join(row["rota"]))}) for row in found
    ]


def shift(connection: Connection[Any], code: str) -> Shift:
    """One shift. Raises NotFoundError."""
    for one in shifts(connection):
        if one.code == code:
            return one
    raise NotFoundError(f"there is no shift {code!r}")


def save_shift(connection: Connection[Any], entry: Shift, *, by: str, at: datetime) -> None:
    """Creates or replaces a shift; turns that were made from it stay as they are."""
    connection.execute(
        _SAVE_SHIFT,
        (
            entry.code, entry.name, entry.area, entry.position, entry.starts, entry.ends, list(entry.days),
            entry.first_day, ["+".join(one) for one in entry.rota], entry.active, by, at,
        ),
    )  # fmt: skip


def turns(
    connection: Connection[Any], since: datetime, until: datetime, *, within: str | None = None
) -> list[Turn]:
    """Turns that touch the span, by start; with `within` those of that area and below."""
    return rows(connection, Turn, _TURNS, {"since": since, "until": until, "within": within})


def turn(connection: Connection[Any], number: int) -> Turn:
    """One turn, its row locked. Raises NotFoundError."""
    found = rows(
        connection,
        Turn,
        "select area, position, person, starts, ends, shift, id from roster where id = %s for update",
        (number,),
    )
    if not found:
        raise NotFoundError(f"there is no turn of duty {number}")
    return found[0]


def add_turns(connection: Connection[Any], entries: Sequence[Turn], *, by: str, at: datetime) -> int:
    """Adds turns that do not stand yet; returns how many."""
    return sum(
        save_roster_entry(
            connection, RosterEntry(one.area, one.person, one.position, one.starts, one.ends),
            shift=one.shift, by=by, at=at,
        )
        for one in entries
    )  # fmt: skip


def change_turn(connection: Connection[Any], entry: Turn, *, by: str, at: datetime) -> None:
    """Changes who has a turn and when; it is one by hand from now on, so that making turns leaves it."""
    connection.execute(
        "update roster set person = %s, starts = %s, ends = %s, shift = null, made_by = %s, made_at = %s where id = %s",
        (entry.person, entry.starts, entry.ends, by, at, entry.id),
    )


def remove_turn(connection: Connection[Any], number: int, *, at: datetime) -> None:
    """Takes a turn off the roster: a coming one wholly, a running one from `at` on."""
    connection.execute(
        "update roster set ends = %(at)s where id = %(id)s and starts < %(at)s", {"id": number, "at": at}
    )
    connection.execute("delete from roster where id = %s and starts >= %s", (number, at))


def made_until(connection: Connection[Any]) -> dict[str, datetime]:
    """Shift → begin of the last turn that was made from it."""
    found = connection.execute("select shift, max(starts) from roster where shift is not null group by shift")
    return {str(code): starts for code, starts in found}


def clear_shift(connection: Connection[Any], code: str, since: datetime, until: datetime | None) -> int:
    """Takes off the turns of a shift that start in the span (without `until`: from then on); returns how many."""
    return connection.execute(
        "delete from roster where shift = %(code)s and starts >= %(since)s"
        " and (%(until)s::timestamptz is null or starts < %(until)s)",
        {"code": code, "since": since, "until": until},
    ).rowcount


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who set a shift or a chain, and when: what a person who changes it must have seen."""

    code: str
    by: str
    at: datetime


def shift_stamps(connection: Connection[Any]) -> dict[str, Stamp]:
    """The stamp of every shift."""
    found = rows(connection, Stamp, 'select code, set_by as "by", set_at as at from shift')
    return {one.code: one for one in found}


def hold_plans(connection: Connection[Any]) -> None:
    """Shifts and chains are changed by one person at a time, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext('anlan.duty'))")


def absences(connection: Connection[Any], since: datetime, until: datetime) -> list[Absence]:
    """Absences that touch the span, as they hold now: one that was ended ends there."""
    return rows(connection, Absence, _ABSENCES, {"since": since, "until": until})


def presence(connection: Connection[Any], since: datetime, until: datetime) -> list[Absence]:
    """What decides who is there: absences, and persons of the roster or standing in who are not in use any more."""
    away = absences(connection, since, until)
    gone = rows(
        connection,
        Absence,
        "select 0::bigint as id, code as person, null::text as substitute, %(since)s::timestamptz as starts,"
        " %(until)s::timestamptz as ends, '' as reason, '' as made_by from person where not active and ("
        " code = any(%(substitutes)s)"
        " or exists (select from roster where roster.person = code and starts < %(until)s and ends > %(since)s))",
        {"since": since, "until": until, "substitutes": [one.substitute for one in away if one.substitute]},
    )
    return away + gone


def absence(connection: Connection[Any], number: int) -> Absence:
    """One absence that was not ended, its row locked. Raises NotFoundError."""
    found = rows(
        connection,
        Absence,
        "select id, person, substitute, starts, ends, reason, made_by from absence"
        " where id = %s and ended_at is null for update",
        (number,),
    )
    if not found:
        raise NotFoundError(f"there is no absence {number} that still holds")
    return found[0]


def add_absence(
    connection: Connection[Any],
    person: str,
    substitute: str | None,
    starts: datetime,
    ends: datetime,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> int:
    """Keeps that a person is away and who stands in; returns its number."""
    found = connection.execute(
        "insert into absence (person, substitute, starts, ends, reason, made_by, made_at)"
        " values (%s, %s, %s, %s, %s, %s, %s) returning id",
        (person, substitute, starts, ends, reason, by, at),
    ).fetchone()
    assert found is not None  # insert … returning
    return int(found[0])


def end_absence(connection: Connection[Any], number: int, *, by: str, at: datetime) -> None:
    """The person is back (or the entry was wrong); the row stays as history."""
    connection.execute("update absence set ended_at = %s, ended_by = %s where id = %s", (at, by, number))
