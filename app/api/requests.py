"""Requests for a second person: propose, look, allow, refuse."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from psycopg import Connection
from pydantic import AwareDatetime, BaseModel, Field

from alerts import second_person
from alerts.notices import Wording
from app.api.asking import Done, ExerciseCode, Limit, Who, actor, problems, see_area
from app.auth.identity import SignedIn
from core.errors import AnlanError, ForbiddenError, InputError
from core.requests import Request, RequestKind, RequestState, Silenced
from core.roles import Act
from store import requests as store

if TYPE_CHECKING:
    from app.context import AppContext


class ProposalIn(BaseModel):
    """What is asked for, and why."""

    kind: RequestKind
    subject: str = Field(
        min_length=1, max_length=300,
        description="alarm/ID, station/CODE, device/CODE …, threshold/STATION/PROPERTY/NAME",
    )  # fmt: skip
    reason: str = Field(min_length=1, max_length=300)
    ends_at: AwareDatetime | None = Field(
        None, description="when it ends by itself: at most 12 hours ahead; left out only for a changed limit"
    )
    detail: dict[str, Any] = Field(default={}, description="what the kind needs to do it")

    def proposal(self) -> second_person.Proposal:
        """As the alarm room takes it.

        Raises InputError for a detail that is no small plain object, and for a changed limit: what that would
        have silenced must be found by us, not told by whoever asks.
        """
        if self.kind is RequestKind.RAISE_LIMIT:
            raise InputError("wrong_way", "a changed limit is proposed under /api/v1/thresholds")
        second_person.check_detail(self.detail)
        return second_person.Proposal(
            self.kind, self.subject, self.reason.strip(),
            self.ends_at.astimezone(UTC) if self.ends_at else None, self.detail,
        )  # fmt: skip


class SilencedOut(BaseModel):
    """Exactly what falls silent: open alarms, stations, and persons who would be called now."""

    alarms: list[dict[str, Any]]
    stations: list[dict[str, Any]]
    persons: list[dict[str, Any]]
    facts: dict[str, Any]


class RequestOut(BaseModel):
    """One request."""

    id: int
    kind: RequestKind
    subject: str
    area: str | None = Field(description="null is county-wide")
    exercise: str | None
    detail: dict[str, Any]
    silences: SilencedOut
    content_hash: str
    reason: str
    state: RequestState
    proposed_at: datetime
    proposed_by: str
    expires_at: datetime = Field(description="nobody may decide after this")
    ends_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    note: str
    notice: int | None = Field(description="the notice that told the commanders")


class RequestDetail(RequestOut):
    """A request with what it would silence at this moment, while it is open."""

    present: SilencedOut | None = Field(description="null once decided, or where it is not possible any more")
    present_hash: str | None = Field(description="what an approval must name")
    impossible: str | None = Field(description="why it cannot be done any more")
    you_may_not: str | None = Field(description="why you may not allow it; null if you may")


class Allowing(BaseModel):
    """The signature: for exactly what was seen."""

    content_hash: str = Field(min_length=64, max_length=64)
    note: str = Field("", max_length=300)


class Refusing(BaseModel):
    """Why not."""

    note: str = Field("", max_length=300)


def request_routes(context: AppContext) -> APIRouter:
    """GET requests, requests/{id}; POST requests, preview, approve, refuse."""
    router = APIRouter(tags=["requests"])
    wording = Wording(context.settings.language, context.settings.time_zone)

    def found(connection: Connection[Any], who: SignedIn, id: int) -> Request:
        request = store.get(connection, id)
        see_area(connection, who, request.area, f"request {id}")
        return request

    @router.get("/requests", responses=problems())
    def requests(
        who: Who,
        exercise: ExerciseCode = None,
        state: Annotated[list[RequestState] | None, Query(description="in these states")] = None,
        kind: Annotated[list[RequestKind] | None, Query(description="of these kinds")] = None,
        limit: Limit = 100,
    ) -> list[RequestOut]:
        """Requests of your area: open ones first, then the newest."""
        with context.transaction() as connection:
            lines = store.requests(
                connection, states=state, kinds=kind, exercise=exercise, within=who.area, limit=limit
            )
        return [_out(one, context.clock()) for one in lines]

    @router.post("/requests/preview", responses=problems(403, 404, 409, 422))
    def preview(who: Who, asked: ProposalIn) -> SilencedOut:
        """What exactly it would silence. Writes nothing."""
        require_acting(who)
        with context.transaction() as connection:
            _, shown = second_person.preview(connection, asked.proposal(), actor(who), at=context.clock())
        return silenced_out(shown)

    @router.post("/requests", status_code=201, responses=problems(403, 404, 409, 422))
    def propose(who: Who, asked: ProposalIn) -> RequestOut:
        """Proposes a suppression. Nothing falls silent before a second person allows it."""
        require_acting(who)
        with context.transaction() as connection:
            made = second_person.propose(connection, asked.proposal(), actor(who), at=context.clock())
            request = store.get(connection, made)
        return _out(request, context.clock())

    @router.get("/requests/{id}", responses=problems(404))
    def request(who: Who, id: int) -> RequestDetail:
        """One request, with what it would silence now."""
        now = context.clock()
        present, hashed, impossible = None, None, None
        with context.transaction() as connection:
            one = found(connection, who, id)
            out = _out(one, now)
            if out.state is RequestState.OPEN:
                try:
                    shown, hashed = second_person.present(connection, one, now)
                    present = silenced_out(shown)
                except AnlanError as error:
                    impossible = str(error)
            may_not = (
                "a token or wall screen cannot allow this"
                if who.kiosk
                else second_person.why_not(connection, one, actor(who))
            )
        return RequestDetail(
            **out.model_dump(),
            present=present,
            present_hash=hashed,
            impossible=impossible,
            you_may_not=may_not,
        )

    @router.post("/requests/{id}/approve", responses=problems(403, 404, 409, 422))
    def approve(who: Who, id: int, signature: Allowing) -> RequestOut:
        """A second person allows it: it is done at once, and all commanders of the area are told."""
        require_acting(who)
        with context.transaction() as connection:
            found(connection, who, id)
            second_person.approve(
                connection, id, actor(who), content_hash=signature.content_hash, at=context.clock(),
                wording=wording, note=signature.note,
            )  # fmt: skip
            decided = store.get(connection, id)
        return _out(decided, context.clock())

    @router.post("/requests/{id}/refuse", responses=problems(403, 404, 409, 422))
    def refuse(who: Who, id: int, said: Refusing | None = None) -> Done:
        """A second person refuses it, or its author takes it back."""
        require_acting(who)
        with context.transaction() as connection:
            found(connection, who, id)
            second_person.refuse(
                connection, id, actor(who), at=context.clock(), note=said.note if said else ""
            )
        return Done()

    return router


def require_acting(who: SignedIn) -> None:
    """Raises ForbiddenError for a token or wall screen, and for a role that neither shelves nor administers."""
    if who.kiosk:
        raise ForbiddenError(
            "this is done by a person: a token or wall screen can neither propose nor allow it"
        )
    if not (who.may(Act.SHELVE) or who.may(Act.ADMINISTER)):
        raise ForbiddenError(f"{who.name} ({who.role}) may not do this; ask the leader")


def silenced_out(shown: Silenced) -> SilencedOut:
    """As the interface gives it."""
    return SilencedOut.model_validate(asdict(shown))


def _out(request: Request, now: datetime) -> RequestOut:
    known = asdict(request)
    if request.state is RequestState.OPEN and request.expires_at <= now:
        known["state"] = RequestState.EXPIRED
    return RequestOut.model_validate(known)
