"""What the duty routes answer, and how records become it. Never a telephone number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg import Connection
from pydantic import BaseModel, Field

from alerts.callees import Callees
from core.duty import Clash, Gap, Turn, there_at
from core.people import Absence, Person
from store import people


class PersonOut(BaseModel):
    """A person, never a number. `reachable` says only that a first (and a second) number is known."""

    code: str
    name: str
    post: str
    area: str
    second_number: bool


class TurnOut(BaseModel):
    """A turn of duty; `there` is who is really there at its begin, or now: the substitute, null is nobody."""

    id: int | None
    area: str
    position: str
    person: PersonOut
    there: PersonOut | None
    reason: str | None = Field(description="why the person is away")
    starts: datetime
    ends: datetime
    shift: str | None
    changes: bool = Field(description="the person is away for a part of it, or back again within it")


class DeskOut(BaseModel):
    """An area that somebody answers for. `empty` is loud: a roster, and nobody there now."""

    area: str
    name: str
    name_en: str
    kind: str
    signs_in: bool
    now: list[TurnOut]
    next: list[TurnOut]
    empty: bool
    unlisted: bool = Field(description="no roster at all: the area above answers")


class GapOut(BaseModel):
    """Nobody is there."""

    area: str
    position: str
    starts: datetime
    ends: datetime


class ClashOut(BaseModel):
    """One person in two places at once."""

    person: PersonOut | None
    first_area: str
    second_area: str
    starts: datetime
    ends: datetime


class OwedOut(BaseModel):
    """A change of shift that nobody confirmed."""

    area: str
    name: str
    name_en: str
    changed_at: datetime
    signed: bool


class DutyOut(BaseModel):
    """The desks of an area, and what is wrong with the next 14 days."""

    at: datetime
    desks: list[DeskOut]
    gaps: list[GapOut]
    clashes: list[ClashOut]
    owed: list[OwedOut]


class AbsenceOut(BaseModel):
    """A person is away; `substitute` stands in."""

    id: int
    person: PersonOut
    substitute: PersonOut | None
    starts: datetime
    ends: datetime
    reason: str
    made_by: str


class ShiftOut(BaseModel):
    """A shift and its rota."""

    code: str
    name: str
    area: str
    position: str
    starts: str
    ends: str
    days: list[int]
    first_day: str
    rota: list[list[str]]
    active: bool
    made_until: datetime | None = Field(description="begin of the last turn that was made from it")
    set_by: str
    set_at: datetime = Field(description="as `seen` takes it, to change the shift")


class ChainOut(BaseModel):
    """A chain of whom to call."""

    code: str
    name: str
    area: str
    hazard: str | None
    least: str | None
    members: list[str]
    channels: list[str] | None
    quiet: str | None
    active: bool
    source: str
    set_by: str
    set_at: datetime = Field(description="as `seen` takes it, to change the chain")


class ReasonOut(BaseModel):
    """One step of the decision."""

    kind: str
    facts: dict[str, str]


class CalleesOut(BaseModel):
    """Who would be called. Nobody is."""

    at: datetime
    desk: str | None
    persons: list[PersonOut]
    stands_in: dict[str, str]
    channels: list[str]
    devices: list[str]
    quiet_until: datetime | None
    reason: str
    reasons: list[ReasonOut]


def callees_told(connection: Connection[Any], found: Callees, at: datetime) -> CalleesOut:
    """With the names of everybody whom a step of the decision is about."""
    keys = ("person", "substitute", "persons")
    named = {code for one in found.reasons for key in keys for code in one.facts.get(key, "").split()}
    return _callees_out(found, {one.code: one.name for one in people.persons_of(connection, named)}, at)


def _callees_out(found: Callees, names: dict[str, str], at: datetime) -> CalleesOut:
    def told(key: str, value: str) -> str:
        if key in ("person", "substitute", "persons"):
            return ", ".join(names.get(code, code) for code in value.split())
        return value

    return CalleesOut(
        at=at,
        desk=found.desk,
        persons=[person_out(one) for one in found.persons],
        stands_in=dict(found.stands_in or {}),
        channels=[str(one) for one in found.channels],
        devices=[one.name for one in found.devices],
        quiet_until=found.quiet_until,
        reason=found.reason,
        reasons=[
            ReasonOut(kind=one.kind, facts={key: told(key, value) for key, value in one.facts.items()})
            for one in found.reasons
        ],
    )


def turn_out(turn: Turn, absences: list[Absence], known: dict[str, Person], at: datetime) -> TurnOut:
    there = there_at(turn.person, absences, at)
    present = known.get(there) if there is not None else None
    why = [one.reason for one in absences if one.person == turn.person and one.starts <= at < one.ends]
    return TurnOut(
        id=turn.id, area=turn.area, position=turn.position, person=person_out(known[turn.person]),
        there=person_out(present) if present is not None and present.active else None,
        reason=why[0] if why else None, starts=turn.starts, ends=turn.ends, shift=turn.shift,
        changes=any(one.person == turn.person and _partly(one, turn) for one in absences),
    )  # fmt: skip


def known_persons(
    connection: Connection[Any], turns: Iterable[Turn], absences: Iterable[Absence]
) -> dict[str, Person]:
    """Everybody who is named by them, by code."""
    gone = list(absences)
    codes = {one.person for one in turns} | {one.person for one in gone}
    codes |= {one.substitute for one in gone if one.substitute is not None}
    return {one.code: one for one in people.persons_of(connection, codes)}


def gap_out(one: Gap) -> GapOut:
    return GapOut(**asdict(one))


def clash_out(one: Clash, known: Mapping[str, Person]) -> ClashOut:
    return ClashOut(
        person=person_out(known[one.person]) if one.person in known else None,
        first_area=one.first.area, second_area=one.second.area, starts=one.starts, ends=one.ends,
    )  # fmt: skip


def _partly(absence: Absence, turn: Turn) -> bool:
    touches = absence.starts < turn.ends and absence.ends > turn.starts
    return touches and (absence.starts > turn.starts or absence.ends < turn.ends)


def absence_out(one: Absence, known: dict[str, Person]) -> AbsenceOut:
    return AbsenceOut(
        id=one.id, person=person_out(known[one.person]),
        substitute=person_out(known[one.substitute]) if one.substitute else None,
        starts=one.starts, ends=one.ends, reason=one.reason, made_by=one.made_by,
    )  # fmt: skip


def person_out(one: Person) -> PersonOut:
    return PersonOut(
        code=one.code, name=one.name, post=one.post, area=one.area, second_number=one.phone2 is not None
    )
