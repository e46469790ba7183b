"""Official warnings, typhoons, and pictures of the weather over the map."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.api.asking import ExerciseCode, Who, problems
from core.errors import InputError, NotFoundError
from core.warning_chains import Standing
from core.warnings import Status
from formats import cap
from store import typhoons, warnings, weather_images
from store.warning_views import entries

if TYPE_CHECKING:
    from app.context import AppContext

LONGEST = timedelta(days=92)
_BEFORE = timedelta(days=7)


class WarningInfoOut(BaseModel):
    """What is warned of, in one language."""

    language: str
    event: str
    colour: str | None = Field(description="red, orange, yellow or blue; null where the sender named none")
    sender_name: str
    headline: str
    description: str
    instruction: str
    urgency: str
    severity: str
    certainty: str
    response_types: list[str]
    area: str = Field(description="names of the warned places")


class WarningOut(BaseModel):
    """One message of a warning, and how it stands now."""

    id: int
    chain: int = Field(description="the same for a warning and all its updates and cancellations")
    standing: Standing
    by: int | None = Field(description="the message that took this one over")
    unknown: list[str] = Field(description="identifiers that it refers to and that never came")
    sender: str
    identifier: str
    sent: datetime
    begins: datetime
    ends: datetime
    received_at: datetime
    status: str = Field(description="Actual, or Exercise")
    message_type: str
    scope: str
    profile: str = Field(description="cap1.2, cap1.1, gb35965 or json")
    note: str
    trusted: bool = Field(description="its sender is on the list of trusted senders; false is 未核验")
    signed: bool = Field(description="it carries an XML signature, which is not verified")
    colour: str | None
    infos: list[WarningInfoOut]
    areas: list[dict[str, Any]] = Field(description="description, polygons, circles, geocodes")


class ImageOut(BaseModel):
    """A picture, evenly spaced in Web Mercator between its bounds."""

    id: int
    layer: str
    time: datetime
    west: float
    south: float
    east: float
    north: float
    width: int
    height: int
    received_at: datetime
    url: str


class TyphoonOut(BaseModel):
    """A typhoon of which positions are kept."""

    code: str
    name: str
    name_en: str
    historical: bool = Field(description="imported from an archive")
    first_time: datetime | None
    last_time: datetime | None
    highest_wind_ms: float | None
    lowest_pressure_hpa: float | None
    fixes: int


class CircleOut(BaseModel):
    """How far winds of a force reach."""

    force: int
    longest_km: float
    shortest_km: float
    towards_deg: float | None = Field(description="direction of the longest radius; null: round about")
    quadrants_km: tuple[float, float, float, float] | None = Field(description="NE, SE, SW, NW")


class FixOut(BaseModel):
    """One position; `issued` is null for an analysed one."""

    time: datetime
    lon: float
    lat: float
    issued: datetime | None
    pressure_hpa: float | None
    wind_ms: float | None
    radius7_km: float | None
    radius10_km: float | None
    radius12_km: float | None
    move_dir_deg: float | None
    move_kmh: float | None
    grade: str | None = Field(description="TD, TS, STS, TY, STY, SUPER or L (extratropical)")
    circles: list[CircleOut]


def weather_routes(context: AppContext) -> APIRouter:
    """GET warnings, warnings/{id}/cap, warnings/{id}/document, weather/images, weather/typhoons."""
    router = APIRouter()
    _add_warnings(router, context)
    _add_images(router, context)
    _add_typhoons(router, context)
    return router


def _add_warnings(router: APIRouter, context: AppContext) -> None:
    @router.get("/warnings", tags=["weather"], responses=problems(422))
    def list_warnings(
        who: Who,
        exercise: ExerciseCode = None,
        standing: Annotated[list[Standing] | None, Query(description="only those that stand so")] = None,
        since: Annotated[
            datetime | None, Query(alias="from", description="default 7 days before `to`")
        ] = None,
        until: Annotated[datetime | None, Query(alias="to", description="default now")] = None,
    ) -> list[WarningOut]:
        """Warnings that ended or were sent after `from`, and came before `to`; at most 92 days at once."""
        now = context.clock()
        end = _utc(until) or now
        start = _utc(since) or end - _BEFORE
        if not start < end <= start + LONGEST:
            raise InputError("time_range", "`from` must lie before `to`, and at most 92 days before it")
        with context.transaction() as connection:
            found = entries(warnings.between(connection, exercise, start, end), now)
        return [WarningOut(**one) for one in found if standing is None or one["standing"] in standing]

    @router.get(
        "/warnings/{id}/cap",
        tags=["weather"],
        responses=problems(404) | {200: {"content": {"application/cap+xml": {}}}},
        response_class=Response,
    )
    def as_cap(who: Who, id: int) -> Response:
        """A warning as CAP 1.2, whatever it came as; one of an exercise says so."""
        with context.transaction() as connection:
            found, exercise, _ = warnings.warning(connection, id)
        message = found.received.message
        if exercise is not None:
            message = replace(message, status=Status.EXERCISE)
        return Response(
            cap.encode(message),
            media_type="application/cap+xml",
            headers={"Content-Disposition": f'attachment; filename="warning-{id}.cap.xml"'},
        )

    @router.get(
        "/warnings/{id}/document",
        tags=["weather"],
        responses=problems(404) | {200: {"content": {"application/octet-stream": {}}}},
        response_class=Response,
    )
    def document(who: Who, id: int) -> Response:
        """The document as it was received, byte for byte."""
        with context.transaction() as connection:
            _, _, payload = warnings.warning(connection, id)
        return Response(
            payload,
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="warning-{id}"'},
        )


def _add_images(router: APIRouter, context: AppContext) -> None:
    @router.get("/weather/images", tags=["weather"], responses=problems())
    def list_images(
        who: Who,
        exercise: ExerciseCode = None,
        layer: Annotated[str | None, Query(max_length=64, description="only this layer")] = None,
    ) -> list[ImageOut]:
        """Pictures that are kept, by layer and time."""
        with context.transaction() as connection:
            found = weather_images.images(connection, exercise, layer)
        return [ImageOut(**asdict(one), url=f"/api/v1/weather/images/{one.id}") for one in found]

    @router.get(
        "/weather/images/{id}",
        tags=["weather"],
        responses=problems(404) | {200: {"content": {"image/png": {}}}},
        response_class=Response,
    )
    def image(who: Who, id: int) -> Response:
        """One picture; what a number names never changes."""
        with context.transaction() as connection:
            png = weather_images.png(connection, id)
        if png is None:
            raise NotFoundError(f"picture {id} is not kept any more, or never was")
        return Response(
            png, media_type="image/png", headers={"Cache-Control": "private, max-age=604800, immutable"}
        )


def _add_typhoons(router: APIRouter, context: AppContext) -> None:
    @router.get("/weather/typhoons", tags=["weather"], responses=problems())
    def list_typhoons(who: Who, exercise: ExerciseCode = None) -> list[TyphoonOut]:
        """The last 200 typhoons, newest first."""
        with context.transaction() as connection:
            found = typhoons.known(connection, exercise)
        return [TyphoonOut(**asdict(one)) for one in found]

    @router.get("/weather/typhoons/{code}", tags=["weather"], responses=problems(404))
    def typhoon(
        who: Who,
        code: str,
        exercise: ExerciseCode = None,
        forecasts: Annotated[int, Query(ge=0, le=50, description="so many newest forecasts")] = 4,
    ) -> list[FixOut]:
        """Analysed positions by time, then those of the newest forecasts by their issue."""
        with context.transaction() as connection:
            found = typhoons.fixes(connection, code, exercise, forecasts=forecasts)
        if not found:
            raise NotFoundError(f"there is no typhoon {code!r} here")
        return [FixOut(**asdict(one)) for one in found]


def _utc(time: datetime | None) -> datetime | None:
    if time is not None and time.tzinfo is None:
        raise InputError("time_zone", "times need a zone: write 2026-07-01T00:00:00Z")
    return time.astimezone(UTC) if time else None
