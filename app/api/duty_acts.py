"""Acts on the roster: turns, turns made from a shift, who is away and who stands in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from alerts import duty
from app.api.asking import Done, Who, actor, problems, see_area
from app.auth.identity import SignedIn
from core.errors import ForbiddenError
from store.duty import absence, shift, turn
from store.people import person

if TYPE_CHECKING:
    from app.context import AppContext

Code = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(max_length=400)]
Position = Literal["duty", "leader"]


class TurnIn(BaseModel):
    """A turn entered by hand; times with an offset."""

    area: Code
    person: Code
    position: Position = "duty"
    starts: AwareDatetime
    ends: AwareDatetime


class TurnChange(BaseModel):
    """What a turn becomes, and why; of a running one the end alone."""

    person: Code
    starts: AwareDatetime
    ends: AwareDatetime
    reason: Reason


class Removing(BaseModel):
    """Why a turn is taken off."""

    reason: Reason


class Making(BaseModel):
    """The first and the last day on which turns begin; `until` included."""

    since: date
    until: date


class Made(BaseModel):
    """How many turns were made."""

    made: int


class AwayIn(BaseModel):
    """A person is away; without `substitute` nobody stands in."""

    person: Code
    substitute: Code | None = None
    starts: AwareDatetime
    ends: AwareDatetime
    reason: Reason


class AwayMade(BaseModel):
    """The number of the absence."""

    id: int


def duty_act_routes(context: AppContext) -> APIRouter:
    """POST on duty."""
    router = APIRouter(tags=["duty"])

    @router.post("/duty/roster", responses=problems(403, 404, 409, 422))
    def enter(who: Who, entry: TurnIn) -> Done:
        """Enters a turn by hand."""
        person_only(who)
        with context.transaction() as connection:
            see_area(connection, who, entry.area, f"area {entry.area}")
            see_area(connection, who, person(connection, entry.person).area, f"person {entry.person}")
            duty.add_turn(
                connection, actor(who), area_code=entry.area, person_code=entry.person, position=entry.position,
                starts=entry.starts, ends=entry.ends, at=context.clock(),
            )  # fmt: skip
        return Done()

    @router.post("/duty/roster/{id}/change", responses=problems(403, 404, 409, 422))
    def change(who: Who, id: int, entry: TurnChange) -> Done:
        """Changes a turn: who has it and when, of a running one the end alone."""
        person_only(who)
        with context.transaction() as connection:
            see_area(connection, who, turn(connection, id).area, f"turn {id}")
            see_area(connection, who, person(connection, entry.person).area, f"person {entry.person}")
            duty.change_turn(
                connection, actor(who), id, person_code=entry.person, starts=entry.starts, ends=entry.ends,
                reason=entry.reason, at=context.clock(),
            )  # fmt: skip
        return Done()

    @router.post("/duty/roster/{id}/remove", responses=problems(403, 404, 409, 422))
    def remove(who: Who, id: int, why: Removing) -> Done:
        """Takes a turn off the roster: a coming one wholly, a running one from now on."""
        person_only(who)
        with context.transaction() as connection:
            see_area(connection, who, turn(connection, id).area, f"turn {id}")
            duty.remove_turn(connection, actor(who), id, reason=why.reason, at=context.clock())
        return Done()

    @router.post("/duty/shifts/{code}/make", responses=problems(403, 404, 409, 422))
    def make(who: Who, code: str, span: Making) -> Made:
        """Makes the coming turns of a shift; made again, they replace those of this shift."""
        person_only(who)
        with context.transaction() as connection:
            see_area(connection, who, shift(connection, code).area, f"shift {code}")
            made = duty.make_turns(
                connection, actor(who), code, since=span.since, until=span.until,
                zone=context.settings.time_zone, at=context.clock(),
            )  # fmt: skip
        return Made(made=made)

    @router.post("/duty/absences", responses=problems(403, 404, 409, 422))
    def away(who: Who, entry: AwayIn) -> AwayMade:
        """A person is away, and who stands in (代班) is called instead."""
        person_only(who)
        with context.transaction() as connection:
            for code in filter(None, (entry.person, entry.substitute)):
                see_area(connection, who, person(connection, code).area, f"person {code}")
            number = duty.set_away(
                connection, actor(who), entry.person, entry.substitute, starts=entry.starts, ends=entry.ends,
                reason=entry.reason, at=context.clock(), zone=context.settings.time_zone,
            )  # fmt: skip
        return AwayMade(id=number)

    @router.post("/duty/absences/{id}/end", responses=problems(403, 404, 409))
    def back(who: Who, id: int) -> Done:
        """The person is back, or the entry was wrong."""
        person_only(who)
        with context.transaction() as connection:
            code = absence(connection, id).person
            see_area(connection, who, person(connection, code).area, f"absence {id}")
            duty.end_away(connection, actor(who), id, at=context.clock())
        return Done()

    return router


def person_only(who: SignedIn) -> None:
    """Raises ForbiddenError for a wall screen or token: nobody stands behind it."""
    if who.kiosk:
        raise ForbiddenError("the roster is kept by a person: a wall screen or token may only look")
