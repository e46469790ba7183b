"""Hand-overs of desks, their test sounds, and changes of shift that nobody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from core.duty import last_change
from core.errors import ConflictError, NotFoundError
from store.connection import rows
from store.duty import desks, presence, turns

BEFORE = timedelta(hours=2)
"""A hand-over confirmed so long before the change of shift counts for it."""
_LOOK_BACK = timedelta(days=2)
"""A change of shift is looked for so far back; an older one is owed no more, another desk has it."""


@dataclass(frozen=True, slots=True)
class Handover:
    """`outgoing` signed, `incoming` confirmed; user names. `brief` is what stood at the signature.

    `tries` counts the test sounds that were answered, the last one rightly if it is confirmed.
    """

    id: int
    area: str
    area_name: str
    area_name_en: str
    note: str
    brief: dict[str, Any]
    outgoing: str
    outgoing_person: str | None
    signed_at: datetime
    incoming: str | None
    incoming_person: str | None
    confirmed_at: datetime | None
    remark: str
    withdrawn_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class Sound:
    """One test sound; `beeps` are the numbers of its two groups, never told."""

    id: int
    handover: int
    asked_by: str
    asked_at: datetime
    beeps: list[int]
    fetched_at: datetime | None
    heard: list[int] | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """The persons of a desk became others at `changed_at`, and nobody confirmed the hand-over."""

    area: str
    name: str
    name_en: str
    changed_at: datetime
    signed: bool


_HANDOVER: LiteralString = """
select handover.id, handover.area, area.name as area_name, area.name_en as area_name_en, handover.note,
       handover.brief, handover.outgoing, outgoing_person.name as outgoing_person, handover.signed_at,
       handover.incoming, incoming_person.name as incoming_person, handover.confirmed_at, handover.remark,
       handover.withdrawn_at,
       (select count(*) from handover_sound where handover_sound.handover = handover.id
        and answered_at is not null)::integer as tries
from handover
join area on area.code = handover.area
left join person outgoing_person on outgoing_person.code = handover.outgoing_person
left join person incoming_person on incoming_person.code = handover.incoming_person
"""

_SOUND: LiteralString = """
select id, handover, asked_by, asked_at, beeps, fetched_at, heard, answered_at from handover_sound
"""


def handovers(
    connection: Connection[Any], *, within: str | None = None, before: int | None = None, limit: int = 20
) -> list[Handover]:
    """The newest first; `before` asks for those older than this number."""
    return rows(
        connection,
        Handover,
        _HANDOVER
        + " where (%s::text is null or area_within(handover.area, %s))"
        + " and (%s::bigint is null or handover.id < %s) order by handover.id desc limit %s",
        (within, within, before, before, limit),
    )


def handover(connection: Connection[Any], number: int) -> Handover:
    """One hand-over. Raises NotFoundError."""
    found = rows(connection, Handover, _HANDOVER + " where handover.id = %s", (number,))
    if not found:
        raise NotFoundError(f"there is no hand-over {number}")
    return found[0]


def lock(connection: Connection[Any], number: int) -> Handover:
    """One hand-over, its row held until the transaction ends. Raises NotFoundError."""
    connection.execute("select from handover where id = %s for update", (number,))
    return handover(connection, number)


def signed_at_desk(connection: Connection[Any], area: str) -> Handover | None:
    """The hand-over of a desk that was signed and waits to be confirmed."""
    found = rows(
        connection,
        Handover,
        _HANDOVER + " where handover.area = %s and confirmed_at is null and withdrawn_at is null",
        (area,),
    )
    return found[0] if found else None


def sign(
    connection: Connection[Any],
    area: str,
    *,
    note: str,
    brief: dict[str, Any],
    outgoing: str,
    person: str | None,
    at: datetime,
) -> int:
    """Keeps what the outgoing officer signed; returns its number. Raises ConflictError if one waits already."""
    try:
        with connection.transaction():
            found = connection.execute(
                "insert into handover (area, note, brief, outgoing, outgoing_person, signed_at)"
                " values (%s, %s, %s, %s, %s, %s) returning id",
                (area, note, Jsonb(brief), outgoing, person, at),
            ).fetchone()
    except UniqueViolation as error:
        raise ConflictError("a signed hand-over of this desk waits to be confirmed") from error
    assert found is not None  # insert … returning
    return int(found[0])


def withdraw(connection: Connection[Any], number: int, at: datetime) -> None:
    """The outgoing officer takes the signature back; the row stays."""
    connection.execute("update handover set withdrawn_at = %s where id = %s", (at, number))


def confirm(
    connection: Connection[Any], number: int, *, incoming: str, person: str | None, remark: str, at: datetime
) -> None:
    """The incoming officer has the desk."""
    connection.execute(
        "update handover set incoming = %s, incoming_person = %s, remark = %s, confirmed_at = %s where id = %s",
        (incoming, person, remark, at, number),
    )


def add_sound(
    connection: Connection[Any], number: int, *, by: str, at: datetime, beeps: Sequence[int], address: str
) -> int:
    """Keeps a new test sound; returns its number."""
    found = connection.execute(
        "insert into handover_sound (handover, asked_by, asked_at, beeps, address) values (%s, %s, %s, %s, %s)"
        " returning id",
        (number, by, at, list(beeps), address),
    ).fetchone()
    assert found is not None  # insert … returning
    return int(found[0])


def sound(connection: Connection[Any], number: int) -> Sound:
    """One test sound. Raises NotFoundError."""
    found = rows(connection, Sound, _SOUND + " where id = %s", (number,))
    if not found:
        raise NotFoundError(f"there is no test sound {number}")
    return found[0]


def sounds_of(connection: Connection[Any], handover_id: int, by: str) -> list[Sound]:
    """The test sounds that one user asked for, newest first."""
    return rows(
        connection,
        Sound,
        _SOUND + " where handover = %s and asked_by = %s order by id desc",
        (handover_id, by),
    )


def mark_fetched(connection: Connection[Any], number: int, at: datetime) -> None:
    """The desk's browser has the sound."""
    connection.execute(
        "update handover_sound set fetched_at = coalesce(fetched_at, %s) where id = %s", (at, number)
    )


def answer_sound(connection: Connection[Any], number: int, heard: Sequence[int], at: datetime) -> None:
    """What the officer says to have heard."""
    connection.execute(
        "update handover_sound set heard = %s, answered_at = %s where id = %s", (list(heard), at, number)
    )


def practised(connection: Connection[Any]) -> frozenset[str]:
    """Areas whose desk was handed over at least once."""
    found = connection.execute("select distinct area from handover where confirmed_at is not null")
    return frozenset(area for (area,) in found)


def overdue(
    connection: Connection[Any], now: datetime, minutes: int, *, within: str | None = None
) -> list[Overdue]:
    """Desks that sign in, whose persons changed more than `minutes` ago without a confirmed hand-over."""
    signing = [desk for desk in desks(connection, now, within=within) if desk.signs_in]
    listed = turns(connection, now - _LOOK_BACK, now, within=within)
    away = presence(connection, now - _LOOK_BACK, now + timedelta(seconds=1))
    found = []
    for desk in signing:
        own = [one for one in listed if (one.area, one.position) == (desk.area, "duty")]
        changed = last_change(own, away, now)
        if changed is None or changed <= now - _LOOK_BACK or now - changed <= timedelta(minutes=minutes):
            continue
        confirmed = connection.execute(
            "select 1 from handover where area = %s and confirmed_at >= %s limit 1",
            (desk.area, changed - BEFORE),
        ).fetchone()
        if confirmed is None:
            signed = signed_at_desk(connection, desk.area) is not None
            found.append(Overdue(desk.area, desk.name, desk.name_en, changed, signed))
    return found
