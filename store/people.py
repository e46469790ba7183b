"""Responsible persons, what they answer for, and who is on duty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.errors import NotFoundError
from core.people import Person, Responsibility, RosterEntry
from store.connection import rows

_PERSON = "select code, name, phone, area, post, superior, drill_phone, active, origin, phone2 from person"

_SAVE_PERSON = """
insert into person (code, name, phone, drill_phone, area, post, superior, active, origin, phone2)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set
    name = excluded.name, phone = excluded.phone, drill_phone = excluded.drill_phone, area = excluded.area,
    post = excluded.post, superior = excluded.superior, active = excluded.active, origin = excluded.origin,
    phone2 = excluded.phone2
"""


def persons(connection: Connection[Any], *, within: str | None = None) -> list[Person]:
    """Persons by code; with `within` those whose own area is that one or lies below it."""
    return rows(
        connection,
        Person,
        _PERSON + " where %s::text is null or area_within(area, %s) order by code",
        (within, within),
    )


def persons_of(connection: Connection[Any], codes: Iterable[str]) -> list[Person]:
    """The persons with these codes, in use or not; unknown codes are left out."""
    return rows(connection, Person, _PERSON + " where code = any(%s)", (sorted(set(codes)),))


def person(connection: Connection[Any], code: str) -> Person:
    """One person. Raises NotFoundError."""
    found = rows(connection, Person, _PERSON + " where code = %s", (code,))
    if not found:
        raise NotFoundError(f"there is no person {code!r}")
    return found[0]


def save_person(connection: Connection[Any], entry: Person) -> None:
    """Creates or replaces a person; the superior may follow later in the same transaction."""
    connection.execute(
        _SAVE_PERSON,
        (
            entry.code, entry.name, entry.phone, entry.drill_phone, entry.area, entry.post, entry.superior,
            entry.active, entry.origin, entry.phone2,
        ),
    )  # fmt: skip


def set_responsibilities(connection: Connection[Any], code: str, entries: list[Responsibility]) -> None:
    """Replaces everything that a person answers for."""
    connection.execute("delete from responsibility where person = %s", (code,))
    for entry in entries:
        connection.execute(
            "insert into responsibility (person, area, post, turn) values (%s, %s, %s, %s)",
            (code, entry.area, entry.post, entry.turn),
        )


def responsibilities(connection: Connection[Any]) -> list[Responsibility]:
    """All responsibilities, by area and person."""
    return rows(
        connection,
        Responsibility,
        "select person, area, post, turn from responsibility order by area, person",
    )


def save_roster_entry(
    connection: Connection[Any],
    entry: RosterEntry,
    *,
    shift: str | None = None,
    by: str = "",
    at: datetime | None = None,
) -> bool:
    """Adds a turn of duty, made from `shift` if so; False if exactly this one stands already."""
    standing = connection.execute(
        "select 1 from roster"
        " where area = %s and person = %s and position = %s and starts = %s and ends = %s",
        (entry.area, entry.person, entry.position, entry.starts, entry.ends),
    ).fetchone()
    if standing:
        return False
    connection.execute(
        "insert into roster (area, person, position, starts, ends, shift, made_by, made_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()))",
        (entry.area, entry.person, entry.position, entry.starts, entry.ends, shift, by, at),
    )
    return True
