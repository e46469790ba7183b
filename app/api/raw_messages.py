"""Raw messages: what a station really said, newest first, and what its format makes of it."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from psycopg import Connection
from pydantic import BaseModel, Field

from app import decoding, payloads
from app.api.asking import ExerciseCode, Who, problems, see_area
from app.auth.identity import SignedIn
from core.errors import ForbiddenError, NotFoundError
from core.roles import Act
from core.settings import Ingest
from store import raw_messages as store
from store import stations

if TYPE_CHECKING:
    from app.context import AppContext


class RawLineOut(BaseModel):
    """One message; `head` only for roles that may read payloads."""

    id: str
    received_at: datetime
    station: str | None
    exercise: str | None
    topic: str
    format: str | None = Field(description="null: no format reads this topic")
    size: int = Field(description="bytes as it came")
    readings: int
    faults: int
    head: str | None = Field(description="the first bytes as text or hexadecimal digits, secrets masked")


class RawPage(BaseModel):
    """Ask again with `before` until `next` is null."""

    items: list[RawLineOut]
    next: str | None
    kept_days: int = Field(description="older messages are gone (ingest.raw_days)")


class FaultOut(BaseModel):
    """One thing that is wrong, as the quarantine would name it."""

    reason: str
    detail: str


class ReadingOut(BaseModel):
    """A reading as `anlan decode` gives it; `property` may be a field's own name where no mapping is."""

    station: str | None
    property: str
    sensor: int
    period_s: int
    time: datetime
    value: float | None
    quality: int
    reason: str
    mapped: bool


class PayloadOut(BaseModel):
    """A payload for people."""

    kind: str = Field(description="json, text, hex, or none: nothing was kept of it (a picture)")
    text: str
    masked: bool = Field(description="a password or token in it is not shown")
    whole: bool = Field(description="false: only the head was kept")


class RawMessageOut(RawLineOut):
    """A message whole, and decoded where its format can be."""

    payload: PayloadOut
    decoded: list[ReadingOut] | None = Field(description="null: no telemetry, or only its head was kept")
    decoded_faults: list[FaultOut]


def raw_message_routes(context: AppContext) -> APIRouter:
    """GET raw-messages, raw-messages/{id}."""
    router = APIRouter(tags=["health"])
    settings = context.settings.ingest

    @router.get("/raw-messages", responses=problems(403, 404, 422))
    def messages(
        who: Who,
        station: Annotated[
            str | None,
            Query(max_length=64, description="code; without it messages that speak of no known station"),
        ] = None,
        exercise: ExerciseCode = None,
        faulty: Annotated[bool, Query(description="only messages with faults")] = False,
        before: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="entries of a page")] = 50,
    ) -> RawPage:
        """Messages as they came, newest first. Those of no station are the county's alone."""
        place = _place(before) if before else None
        with context.transaction() as connection:
            _see(connection, who, station)
            found = store.page(
                connection, station, exercise, since=context.clock() - timedelta(days=settings.raw_days),
                before=(place[1], place[2]) if place else None, faulty=faulty, limit=limit,
            )  # fmt: skip
        items = [_line(one, who.may(Act.READ_RAW)) for one in found]
        return RawPage(
            items=items, next=items[-1].id if len(items) == limit else None, kept_days=settings.raw_days
        )

    @router.get("/raw-messages/{id}", responses=problems(403, 404, 422))
    def message(who: Who, id: str) -> RawMessageOut:
        """One message with its payload (duty officers, leaders, commanders and administrators)."""
        if not who.may(Act.READ_RAW):
            raise ForbiddenError(
                f"{who.name} ({who.role}) may not read payloads ({Act.READ_RAW}); ask one whose role may"
            )
        station, received_at, number = _place(id)
        with context.transaction() as connection:
            _see(connection, who, station)
            found = store.message(connection, station, received_at, number)
            period_s = stations.period_of(connection, found.station)
        whole = len(found.payload) == found.size
        readings, faults = _decoded(found, period_s, settings) if whole else (None, [])
        shown = payloads.shown(found.payload, found.format)
        return RawMessageOut(
            **_facts(found),
            head=None,
            payload=PayloadOut(kind=shown.kind, text=shown.text, masked=shown.masked, whole=whole),
            decoded=readings,
            decoded_faults=faults,
        )

    return router


def decoded(
    payload: bytes,
    format_: str | None,
    code: str | None,
    period_s: int,
    received_at: datetime,
    settings: Ingest,
) -> tuple[list[ReadingOut] | None, list[FaultOut]]:
    """Readings and faults of a payload; None where its format is no telemetry."""
    if format_ is None or not decoding.can_decode(format_):
        return None, []
    found = decoding.meaning(payload, format_, code or "", period_s, received_at, settings)
    readings = [
        ReadingOut(
            station=one.station or None, property=one.property, sensor=one.sensor, period_s=one.period_s,
            time=one.time, value=one.value, quality=int(one.quality), reason=str(one.reason), mapped=mapped,
        )
        for some, mapped in ((found.readings, True), (found.unmapped, False))
        for one in some
    ]  # fmt: skip
    return readings, [FaultOut(reason=str(one.reason), detail=one.detail) for one in found.faults]


def _decoded(
    found: store.KeptMessage, period_s: int, settings: Ingest
) -> tuple[list[ReadingOut] | None, list[FaultOut]]:
    code = found.topic.rsplit("/", 1)[-1]
    return decoded(found.payload, found.format, code, period_s, found.received_at, settings)


def _see(connection: Connection[Any], who: SignedIn, station: str | None) -> None:
    """Raises NotFoundError for a station outside the area; an unknown code is the county's to look for."""
    if who.area is None:
        return
    if station is None:
        raise ForbiddenError("messages of no station belong to no town: ask at the county")
    see_area(connection, who, stations.station(connection, station).area, f"station {station!r}")


def _line(one: store.RawLine, may_read: bool) -> RawLineOut:
    head = None
    if may_read and one.head:
        head = payloads.head(one.head, one.format)
    return RawLineOut(**_facts(one), head=head)


def _facts(one: store.RawLine | store.KeptMessage) -> dict[str, Any]:
    names = ("received_at", "station", "exercise", "topic", "format", "size", "readings", "faults")
    return {"id": _mark(one.station, one.received_at, one.id), **{name: getattr(one, name) for name in names}}


def _mark(station: str | None, received_at: datetime, number: int) -> str:
    text = f"{received_at.isoformat()} {number} {station or ''}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(mark: str) -> tuple[str | None, datetime, int]:
    try:
        text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode()
        time, number, station = text.split(" ", 2)
        return station or None, datetime.fromisoformat(time).astimezone(UTC), int(number)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise NotFoundError("there is no such message") from error
