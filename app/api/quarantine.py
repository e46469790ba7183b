"""The quarantine: what could not be read, grouped, whole, read again or given up."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app import payloads
from app.api.asking import ExerciseCode, Limit, Who, problems
from app.api.raw_messages import FaultOut, PayloadOut, ReadingOut, decoded
from app.auth.identity import SignedIn
from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.roles import Act
from store import audit, quarantine, quarantine_lists, quarantine_requests, stations
from store.quarantine import Filter

if TYPE_CHECKING:
    from app.context import AppContext

State = Annotated[
    Literal["open", "resolved", "closed"], Query(description="resolved: read by a retry; closed: given up")
]
_MOST_SHOWN = 65_536
"""Bytes of a payload that a page is given; the whole is `anlan quarantine show ID --raw`."""


class Wanted(BaseModel):
    """Which open entries; everything that is given must hold. At least one of id, reason, topic, format."""

    id: int | None = None
    reason: str | None = Field(default=None, max_length=64)
    format: str | None = Field(default=None, max_length=64, description="an empty text: no format read it")
    topic: str | None = Field(default=None, max_length=1000, description="`*` stands for anything")
    exact_topic: str | None = Field(default=None, max_length=70_000)
    exercise: str | None = Field(default=None, max_length=64)


class Closing(Wanted):
    """What is given up, and why."""

    why: str = Field(min_length=1, max_length=400)
    upto: int = Field(description="the newest entry that was seen: what came later stays open")


class GroupOut(BaseModel):
    """Entries of one topic and reason."""

    topic: str
    reason: str
    format: str | None
    code: str | None = Field(description="station, camera or gateway that the topic names")
    count: int
    first_at: datetime
    last_at: datetime
    newest: int = Field(description="number of the last entry")
    size: int = Field(description="bytes of all together")


class GroupPage(BaseModel):
    """Groups, the latest first; `entries` and `groups` count all that the filter finds."""

    items: list[GroupOut]
    entries: int
    groups: int
    reasons: list[str] = Field(description="reasons that could be chosen")
    formats: list[str] = Field(description="formats that could be chosen; an empty text: none")


class EntryLine(BaseModel):
    """An entry without its payload."""

    id: int
    received_at: datetime
    topic: str
    exercise: str | None
    code: str | None
    format: str | None
    size: int
    reason: str
    detail: str = Field(description="every fault with its sentence")
    retried_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    closed_reason: str | None


class EntryPage(BaseModel):
    """Newest first. Ask again with `before` until `next` is null."""

    items: list[EntryLine]
    next: int | None


class EntryOut(EntryLine):
    """An entry whole; `payload` only for roles that may read payloads."""

    payload: PayloadOut | None
    decoded: list[ReadingOut] | None = Field(
        description="what its format reads in it now; null: no telemetry"
    )
    decoded_faults: list[FaultOut]


class RequestOut(BaseModel):
    """Entries being read again, and how that went."""

    id: int
    wanted: Wanted
    asked_by: str
    asked_at: datetime
    total: int
    resolved: int
    remaining: int = Field(description="tried, and still not readable")
    readings: int = Field(description="readings stored")
    done_at: datetime | None
    fault: str | None


class Closed(BaseModel):
    """How many entries were given up."""

    closed: int


def quarantine_routes(context: AppContext) -> APIRouter:
    """GET quarantine and what belongs to it; POST retry and close."""
    router = APIRouter(tags=["quarantine"])
    _lists(router, context)
    _acts(router, context)
    return router


def _lists(router: APIRouter, context: AppContext) -> None:
    @router.get("/quarantine/groups", responses=problems())
    def groups(
        who: Who,
        state: State = "open",
        reason: Annotated[str | None, Query(max_length=64, description="a reason of the quarantine")] = None,
        format: Annotated[str | None, Query(max_length=64, description="as obs, sl651, cap")] = None,
        topic: Annotated[str | None, Query(max_length=1000, description="`*` stands for anything")] = None,
        exercise: ExerciseCode = None,
        limit: Limit = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000, description="lines to leave out")] = 0,
    ) -> GroupPage:
        """By topic and reason: a sender that fails ten thousand times is one line."""
        wanted = Filter(reason=reason, format=format, topic=topic, exercise=exercise, area=who.area)
        with context.transaction() as connection:
            found = quarantine_lists.groups(connection, wanted, state, limit=limit, offset=offset)
            total = quarantine_lists.totals(connection, wanted, state)
        return GroupPage(items=[GroupOut(**asdict(one)) for one in found], **asdict(total))

    @router.get("/quarantine", responses=problems())
    def entries(
        who: Who,
        state: State = "open",
        reason: Annotated[str | None, Query(max_length=64, description="a reason of the quarantine")] = None,
        format: Annotated[str | None, Query(max_length=64, description="as obs, sl651, cap")] = None,
        topic: Annotated[str | None, Query(max_length=1000, description="`*` stands for anything")] = None,
        exact_topic: Annotated[str | None, Query(max_length=70_000, description="this topic alone")] = None,
        exercise: ExerciseCode = None,
        before: Annotated[
            int | None, Query(ge=1, le=2**62, description="entries older than this number")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="entries of a page")] = 50,
    ) -> EntryPage:
        """Messages that could not be read wholly, newest first."""
        wanted = Filter(
            reason=reason,
            format=format,
            topic=topic,
            exact_topic=exact_topic,
            exercise=exercise,
            area=who.area,
        )
        with context.transaction() as connection:
            found = quarantine_lists.lines(connection, wanted, state, before=before, limit=limit)
        items = [EntryLine(**asdict(one)) for one in found]
        return EntryPage(items=items, next=items[-1].id if len(items) == limit else None)

    @router.get("/quarantine/requests", responses=problems())
    def requests(who: Who, exercise: ExerciseCode = None) -> list[RequestOut]:
        """The last ten wishes to read entries again; a town sees its own."""
        with context.transaction() as connection:
            found = quarantine_requests.requests(connection, exercise, by=who.name if who.area else None)
        return [_request(one) for one in found]

    @router.get("/quarantine/{id}", responses=problems(404))
    def entry(who: Who, id: int) -> EntryOut:
        """One entry with its payload, and what its format makes of it now."""
        with context.transaction() as connection:
            found = quarantine.entry(connection, id)
            wide = Filter(number=id, every_exercise=True, area=who.area)
            if not quarantine_lists.visible(connection, wide):
                raise NotFoundError(f"there is no quarantine entry {id}")
            period_s = stations.period_of(connection, found.code)
        line = EntryLine(
            **{name: getattr(found, name) for name in EntryLine.model_fields if name != "size"},
            size=len(found.payload),
        )
        if not who.may(Act.READ_RAW):
            return EntryOut(**line.model_dump(), payload=None, decoded=None, decoded_faults=[])
        head = found.payload[:_MOST_SHOWN]
        shown = payloads.shown(head, found.format)
        readings, faults = (
            decoded(
                found.payload, found.format, found.code, period_s, found.received_at, context.settings.ingest
            )
            if len(found.payload) <= context.settings.ingest.max_payload_bytes
            else (None, [])
        )
        return EntryOut(
            **line.model_dump(),
            payload=PayloadOut(
                kind=shown.kind, text=shown.text, masked=shown.masked, whole=len(head) == len(found.payload)
            ),
            decoded=readings,
            decoded_faults=faults,
        )


def _acts(router: APIRouter, context: AppContext) -> None:
    @router.post("/quarantine/retry", responses=problems(403, 409, 422))
    def retry(who: Who, wanted: Wanted) -> RequestOut:
        """Has the role `derive` read open entries again; see `requests` for how it goes."""
        chosen = _chosen(who, wanted)
        with context.transaction() as connection:
            number = quarantine_requests.ask(connection, chosen, by=who.name, at=context.clock())
            audit.append(
                connection, actor=who.name, action="quarantine.retry", subject=f"request {number}",
                detail=wanted.model_dump(exclude_none=True),
            )  # fmt: skip
            made = quarantine_requests.request(connection, number)
        return _request(made)

    @router.post("/quarantine/close", responses=problems(403, 409, 422))
    def close(who: Who, closing: Closing) -> Closed:
        """Gives open entries up without storing them, with a reason; their payloads stay."""
        chosen = _chosen(who, closing)
        why = closing.why.strip()
        if not why:
            raise InputError("reason_missing", "say why these messages are given up")
        with context.transaction() as connection:
            closed = quarantine.close(
                connection, chosen, by=who.name, why=why, at=context.clock(), upto=closing.upto
            )
            if not closed:
                raise ConflictError("nothing of this is open any more")
            audit.append(
                connection, actor=who.name, action="quarantine.close", subject=closing.exact_topic or closing.topic or f"entry {closing.id}",
                detail=closing.model_dump(exclude_none=True) | {"closed": closed},
            )  # fmt: skip
        return Closed(closed=closed)


def _chosen(who: SignedIn, wanted: Wanted) -> Filter:
    """The filter within the person's area. Raises ForbiddenError, InputError."""
    if who.kiosk:
        raise ForbiddenError("the quarantine is tended by a person: a wall screen or token may only look")
    if not who.may(Act.TEND_QUARANTINE):
        raise ForbiddenError(f"{who.name} ({who.role}) may not do this ({Act.TEND_QUARANTINE})")
    if (wanted.id, wanted.reason, wanted.topic, wanted.exact_topic, wanted.format) == (None,) * 5:
        raise InputError("no_filter", "name an id, a reason, a topic or a format")
    return Filter(
        number=wanted.id, reason=wanted.reason, format=wanted.format, topic=wanted.topic, exact_topic=wanted.exact_topic,
        exercise=wanted.exercise, area=who.area,
    )  # fmt: skip


def _request(one: quarantine_requests.RetryRequest) -> RequestOut:
    of = one.filter
    return RequestOut(
        id=one.id,
        wanted=Wanted(
            id=of.number,
            reason=of.reason,
            format=of.format,
            topic=of.topic,
            exact_topic=of.exact_topic,
            exercise=of.exercise,
        ),
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        total=one.total,
        resolved=one.resolved,
        remaining=one.remaining,
        readings=one.readings,
        done_at=one.done_at,
        fault=one.fault,
    )
