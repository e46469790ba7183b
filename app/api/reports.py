"""Reports of danger from the field: file, list, follow, join, edit, close; pictures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from psycopg import Connection
from pydantic import AwareDatetime, BaseModel, Field, FiniteFloat, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from alerts import reports as acts
from app.api.asking import Done, ExerciseCode, Limit, ProblemDocument, Who, act_in, problems, see_area
from app.api.problems import problem
from app.auth.identity import SignedIn
from core.errors import ForbiddenError
from core.reports import Report, ReportKind
from core.roles import Act
from core.severity import Severity
from formats.photo import LARGEST_BYTES, read_photo
from store import reports as store

if TYPE_CHECKING:
    from app.context import AppContext

Longitude = Annotated[FiniteFloat, Field(ge=-180, le=180, description="degrees, WGS 84")]
Latitude = Annotated[FiniteFloat, Field(ge=-90, le=90, description="degrees, WGS 84")]


class ReportIn(BaseModel):
    """What a person saw. Without a position the place is the area (yours, if none is named)."""

    key: str = Field(
        pattern=r"^[A-Za-z0-9-]{8,64}$",
        description="chosen by the sender (a UUID): sent again, the same report is answered, not filed twice",
    )
    kind: ReportKind = Field(description="管涌 滑坡 漫顶 决口 渗漏 裂缝 道路中断 其他")
    severity: Severity | None = Field(None, description="default: that of the kind")
    text: str = Field("", max_length=1000, description="what is seen")
    place: str = Field("", max_length=100, description="where, in words")
    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Annotated[FiniteFloat, Field(ge=0, le=100_000)] | None = None
    area: str | None = Field(None, max_length=64, description="code of the town, village or hamlet")
    observed_at: AwareDatetime | None = Field(None, description="when it was seen; default now")
    exercise: str | None = Field(None, max_length=64)
    join: int | None = Field(None, description="report of the same danger")
    separate: bool = Field(False, description="it is another danger than those that look like it")

    @model_validator(mode="after")
    def _whole(self) -> ReportIn:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("a position has both lon and lat")
        return self


class ReportOut(BaseModel):
    """One report; open while `closed_at` is null."""

    id: int
    exercise: str | None
    kind: ReportKind
    severity: Severity
    area: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    place: str
    text: str
    observed_at: datetime
    received_at: datetime
    reported_by: str
    joined_to: int | None = Field(description="the first report of the same danger, which stands for it")
    closed_at: datetime | None
    closed_by: str | None
    closed_reason: str | None


class ReportLineOut(ReportOut):
    """A report as the list shows it."""

    area_name: str
    area_name_en: str
    photos: int
    joined: int = Field(description="reports that were joined to it")


class PhotoOut(BaseModel):
    """A picture; `url` serves it as JPEG."""

    id: int
    at: datetime
    actor: str
    width: int
    height: int
    url: str


class ReportEventOut(BaseModel):
    """One line of a report's history."""

    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]


class ReportDetail(ReportOut):
    """A report with its history, pictures (of those joined to it too), and its alarm."""

    alarm: int | None
    events: list[ReportEventOut]
    pictures: list[PhotoOut]
    joined: list[ReportOut]


class SimilarProblem(ProblemDocument):
    """Reports that look like the same danger: send again with `join` or `separate`."""

    similar: list[ReportOut]


class ReportEdit(BaseModel):
    """What is to be changed; what is left out stays."""

    severity: Severity | None = None
    text: str | None = Field(None, max_length=1000)
    place: str | None = Field(None, max_length=100)
    lon: Longitude | None = None
    lat: Latitude | None = None

    @model_validator(mode="after")
    def _whole(self) -> ReportEdit:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("a position has both lon and lat")
        return self


class Said(BaseModel):
    """What is known now."""

    text: str = Field(min_length=1, max_length=1000)


class Closing(BaseModel):
    """How it is known that the danger is over."""

    reason: str = Field(min_length=1, max_length=500)


class Joining(BaseModel):
    """The report of the same danger."""

    to: int


def report_routes(context: AppContext) -> APIRouter:
    """GET and POST reports; GET, PATCH reports/{id}; POST notes, join, close, photos; GET photos/{number}."""
    router = APIRouter(tags=["reports"])
    _add_lists(router, context)
    _add_filing(router, context)
    _add_acts(router, context)
    _add_photos(router, context)
    return router


def _add_lists(router: APIRouter, context: AppContext) -> None:
    @router.get("/reports", responses=problems())
    def reports(
        who: Who,
        exercise: ExerciseCode = None,
        open: Annotated[bool, Query(description="only those whose danger is not over")] = True,
        since: Annotated[AwareDatetime | None, Query(description="received at or after")] = None,
        limit: Limit = 200,
    ) -> list[ReportLineOut]:
        """Reports of your area: open ones first, then the newest."""
        with context.transaction() as connection:
            found = store.list_reports(
                connection, exercise=exercise, area=who.area, only_open=open, since=since, limit=limit
            )
        return [
            ReportLineOut(
                **_fields(line.report), area_name=line.area_name, area_name_en=line.area_name_en,
                photos=line.photos, joined=line.joined,
            )
            for line in found
        ]  # fmt: skip

    @router.get("/reports/{id}", responses=problems(404))
    def report(who: Who, id: int) -> ReportDetail:
        """One report with all that belongs to it."""
        with context.transaction() as connection:
            found = _seen(connection, who, id)
            joined = store.joined(connection, id)
            photos = store.photos(connection, [id, *(one.id for one in joined)])
            events = store.events(connection, id)
            alarm = store.alarm_of(connection, found.joined_to or id)
        return ReportDetail(
            **_fields(found),
            alarm=alarm,
            events=[ReportEventOut(**asdict(event)) for event in events],
            pictures=[
                PhotoOut(**asdict(photo), url=f"/api/v1/reports/{of}/photos/{photo.id}")
                for of, listed in sorted(photos.items())
                for photo in listed
            ],
            joined=[ReportOut(**_fields(one)) for one in joined],
        )


def _add_filing(router: APIRouter, context: AppContext) -> None:
    said = problems(403, 404, 422) | {
        409: {
            "description": "it looks like a report that is there already, or does not fit the present state",
            "content": {"application/problem+json": {"schema": SimilarProblem.model_json_schema()}},
        }
    }

    @router.post("/reports", status_code=HTTPStatus.CREATED, responses=said, response_model=ReportOut)
    def file_report(who: Who, report: ReportIn) -> Any:
        """Files a report. Of the same kind within 200 m and 30 minutes of an open one it is asked first: 409
        with `similar`; send again with `join` or `separate`."""
        who.require(Act.REPORT)
        draft = acts.Draft(
            **report.model_dump(exclude={"observed_at"}),
            observed_at=report.observed_at.astimezone(UTC) if report.observed_at else None,
        )
        with context.transaction() as connection:
            if report.join is not None:
                _seen(connection, who, report.join)
            filed = acts.file(connection, draft, actor=who.name, own_area=who.area, at=context.clock())
        if filed.report is None:
            return problem(
                HTTPStatus.CONFLICT,
                "a report of this kind from this place is there already: join it, or say that this is another",
                reason="similar",
                similar=[ReportOut(**_fields(one)).model_dump(mode="json") for one in filed.similar],
            )
        return ReportOut(**_fields(filed.report))


def _add_acts(router: APIRouter, context: AppContext) -> None:
    @router.patch("/reports/{id}", responses=problems(403, 404, 409, 422))
    def edit_report(who: Who, id: int, change: ReportEdit) -> Done:
        """Corrects a report: your own, or any as duty officer. The history keeps what it said."""
        position = (change.lon, change.lat) if change.lon is not None and change.lat is not None else None
        with context.transaction() as connection:
            found = _reported(connection, who, id)
            if found.reported_by != who.name and not who.may(Act.ACKNOWLEDGE):
                raise ForbiddenError("only who reported it, or a duty officer, changes a report: add a note")
            acts.edit(
                connection, id, actor=who.name, at=context.clock(), severity=change.severity,
                text=change.text, place=change.place, position=position,
            )  # fmt: skip
        return Done()

    @router.post("/reports/{id}/notes", responses=problems(403, 404, 422))
    def add_note(who: Who, id: int, said: Said) -> Done:
        """Adds what is known since."""
        with context.transaction() as connection:
            _reported(connection, who, id)
            acts.note(connection, id, said.text, actor=who.name, at=context.clock())
        return Done()

    @router.post("/reports/{id}/join", responses=problems(403, 404, 409))
    def join_report(who: Who, id: int, joining: Joining) -> Done:
        """Joins a report to another of the same danger."""
        with context.transaction() as connection:
            _reported(connection, who, id)
            _seen(connection, who, joining.to)
            acts.join(connection, id, joining.to, actor=who.name, at=context.clock())
        return Done()

    @router.post("/reports/{id}/close", responses=problems(403, 404, 409, 422))
    def close_report(who: Who, id: int, closing: Closing) -> Done:
        """险情解除, by the leader: the alarm returns, and of danger at works stays latched until it is reset."""
        with context.transaction() as connection:
            act_in(connection, who, Act.CLOSE_REPORT, store.get(connection, id).area, f"report {id}")
            acts.close(connection, id, closing.reason, actor=who.name, at=context.clock())
        return Done()


def _add_photos(router: APIRouter, context: AppContext) -> None:
    body = {"schema": {"type": "string", "format": "binary", "maxLength": LARGEST_BYTES}}

    @router.post(
        "/reports/{id}/photos",
        status_code=HTTPStatus.CREATED,
        responses=problems(403, 404, 409, 422),
        openapi_extra={"requestBody": {"required": True, "content": {"image/jpeg": body, "image/png": body}}},
    )
    async def add_photo(who: Who, id: int, request: Request) -> PhotoOut:
        """The picture itself as body, JPEG or PNG, 5 MB at most. It is drawn anew; position and camera are left out."""
        payload = await request.body()

        def keep() -> PhotoOut:
            with context.transaction() as connection:
                _reported(connection, who, id)
            photo = read_photo(payload)
            at = context.clock()
            with context.transaction() as connection:
                number = acts.add_photo(
                    connection, id, photo.jpeg, (photo.width, photo.height), actor=who.name, at=at
                )
            return PhotoOut(
                id=number, at=at, actor=who.name, width=photo.width, height=photo.height,
                url=f"/api/v1/reports/{id}/photos/{number}",
            )  # fmt: skip

        return await run_in_threadpool(keep)

    @router.get(
        "/reports/{id}/photos/{number}",
        responses=problems(404) | {200: {"content": {"image/jpeg": {}}}},
        response_class=Response,
    )
    def photo(who: Who, id: int, number: int) -> Response:
        """One picture; what a number names never changes."""
        with context.transaction() as connection:
            _seen(connection, who, id)
            jpeg = store.photo(connection, id, number)
        return Response(
            jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=604800, immutable"}
        )


def _seen(connection: Connection[Any], who: SignedIn, id: int) -> Report:
    """The report, if it is of the person's area or the person's own. Raises NotFoundError."""
    found = store.get(connection, id)
    if found.reported_by != who.name:
        see_area(connection, who, found.area, f"report {id}")
    return found


def _reported(connection: Connection[Any], who: SignedIn, id: int) -> Report:
    """The report, if the person may add to it."""
    found = _seen(connection, who, id)
    who.require(Act.REPORT)
    return found


def _fields(report: Report) -> dict[str, Any]:
    known = asdict(report)
    return {name: known[name] for name in ReportOut.model_fields}
