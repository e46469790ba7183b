"""The hand-over of a desk: note, signature, test sound, confirmation, history."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from alerts import duty
from alerts.duty.handover import LONGEST_NOTE, MOST_BEEPS
from app.api.asking import Done, Who, actor, problems, see_area
from app.auth.identity import SignedIn
from core.errors import ForbiddenError, InputError
from store import handovers as store
from store.areas import top_area

if TYPE_CHECKING:
    from psycopg import Connection

    from app.context import AppContext

DeskCode = Annotated[str | None, Query(max_length=64, description="the desk's area; default: one's own")]


class BriefOut(BaseModel):
    """What stands at the desk now, and the hand-over that waits to be confirmed."""

    area: str
    brief: dict[str, Any]
    waiting: HandoverOut | None
    mine: bool = Field(description="who asks has signed it")


class HandoverOut(BaseModel):
    """A hand-over; `tries` counts answered test sounds."""

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


class Signing(BaseModel):
    """The note that the next shift reads."""

    area: str | None = Field(default=None, max_length=64, description="default: one's own area")
    note: str = Field(max_length=LONGEST_NOTE)


class Signed(BaseModel):
    """The number of the hand-over."""

    id: int


class SoundOut(BaseModel):
    """Where the test sound is, for five minutes and for who asked."""

    id: int
    url: str
    most: int = Field(description="beeps of a group at most")


class Confirming(BaseModel):
    """How many beeps each group had."""

    heard: list[int] = Field(min_length=2, max_length=2)
    remark: str = Field(default="", max_length=500)


class Confirmed(BaseModel):
    """False: the numbers are not those that were played."""

    confirmed: bool


def handover_routes(context: AppContext) -> APIRouter:
    """GET and POST on hand-overs."""
    router = APIRouter(tags=["duty"])
    _reading(router, context)
    _acts(router, context)
    _sounds(router, context)
    return router


def _reading(router: APIRouter, context: AppContext) -> None:
    @router.get("/duty/brief", responses=problems(404))
    def brief(who: Who, area: DeskCode = None) -> BriefOut:
        """Open alarms, running orders, what is hidden, data faults; and a signed hand-over that waits."""
        with context.transaction() as connection:
            desk = _desk(connection, who, area)
            stands = duty.brief(connection, desk, context.clock())
            waiting = store.signed_at_desk(connection, desk)
        return BriefOut(
            area=desk,
            brief=stands.as_json(),
            waiting=_out(waiting) if waiting else None,
            mine=waiting is not None and waiting.outgoing == who.name,
        )

    @router.get("/duty/handovers", responses=problems())
    def history(
        who: Who,
        before: Annotated[int | None, Query(ge=1, le=2**62, description="older than this number")] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="at most so many")] = 20,
    ) -> list[HandoverOut]:
        """Hand-overs, newest first."""
        with context.transaction() as connection:
            found = store.handovers(connection, within=who.area, before=before, limit=limit)
        return [_out(one) for one in found]


def _acts(router: APIRouter, context: AppContext) -> None:
    @router.post("/duty/handovers", responses=problems(403, 404, 409, 422))
    def sign(who: Who, entry: Signing) -> Signed:
        """The outgoing officer signs; what stands now is kept beside the note."""
        _person_only(who)
        with context.transaction() as connection:
            number = duty.sign(
                connection, actor(who), area_code=_desk(connection, who, entry.area), note=entry.note,
                person=who.person, at=context.clock(),
            )  # fmt: skip
        return Signed(id=number)

    @router.post("/duty/handovers/{id}/take-back", responses=problems(403, 404, 409))
    def take_back(who: Who, id: int) -> Done:
        """The outgoing officer takes the signature back."""
        _person_only(who)
        with context.transaction() as connection:
            _see(connection, who, id)
            duty.take_back(connection, actor(who), id, at=context.clock())
        return Done()

    @router.post("/duty/handovers/{id}/confirm", responses=problems(403, 404, 409, 422))
    def confirm(who: Who, id: int, entry: Confirming) -> Confirmed:
        """The incoming officer says how many beeps were heard; rightly, they have the desk."""
        _person_only(who)
        with context.transaction() as connection:
            _see(connection, who, id)
            done = duty.confirm(
                connection, actor(who), id, entry.heard, person=who.person, remark=entry.remark, at=context.clock()
            )  # fmt: skip
        return Confirmed(confirmed=done)


def _sounds(router: APIRouter, context: AppContext) -> None:
    @router.post("/duty/handovers/{id}/sound", responses=problems(403, 404, 409))
    def ask_sound(who: Who, id: int, request: Request) -> SoundOut:
        """A new test sound; earlier ones count no more."""
        _person_only(who)
        address = request.client.host if request.client else ""
        with context.transaction() as connection:
            _see(connection, who, id)
            number = duty.ask_sound(connection, actor(who), id, at=context.clock(), address=address)
        return SoundOut(id=number, url=f"/api/v1/duty/sounds/{number}", most=MOST_BEEPS)

    @router.get(
        "/duty/sounds/{id}",
        response_class=Response,
        responses={**problems(404, 409), 200: {"content": {"audio/wav": {}}}},
    )
    def sound(who: Who, id: int) -> Response:
        """The sound as WAV, for who asked for it alone."""
        with context.transaction() as connection:
            wave = duty.sound(connection, actor(who), id, at=context.clock())
        return Response(wave, media_type="audio/wav", headers={"Cache-Control": "no-store"})


def _desk(connection: Connection[Any], who: SignedIn, area: str | None) -> str:
    """The desk that is meant. Raises NotFoundError outside the person's area."""
    desk = area or who.area or top_area(connection)
    if desk is None:
        raise InputError("no_area", "no area is known yet: import areas first")
    see_area(connection, who, desk, f"area {desk}")
    return desk


def _see(connection: Connection[Any], who: SignedIn, number: int) -> None:
    see_area(connection, who, store.handover(connection, number).area, f"hand-over {number}")


def _person_only(who: SignedIn) -> None:
    """Raises ForbiddenError for a wall screen or token: nobody stands behind it."""
    if who.kiosk:
        raise ForbiddenError("a desk is handed over by persons: a wall screen or token may only look")


def _out(one: store.Handover) -> HandoverOut:
    return HandoverOut(**asdict(one))


BriefOut.model_rebuild()
