"""Screens, loudspeakers and cameras."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.api.asking import ExerciseCode, Who, problems, see_area
from core.cameras import CameraKind
from core.errors import NotFoundError
from store import camera_reports, cameras, devices, live, patrols, pictures

if TYPE_CHECKING:
    from app.context import AppContext


class DeviceOut(BaseModel):
    """An LED screen or a loudspeaker."""

    code: str
    kind: str = Field(description="led or loudspeaker")
    name: str
    name_en: str
    area: str
    lon: float
    lat: float
    columns: int = Field(description="full-width characters per line; 0 for a loudspeaker")
    rows: int
    active: bool
    online: bool = Field(description="as it last said, or its last will")
    state: str | None = Field(description="what it last said it does")
    verified: bool = Field(description="false: no signature proved what it said (未核验)")
    heard_at: datetime | None


class CameraOut(BaseModel):
    """A camera, or a patrol's unit (单兵), which is where it last reported.

    `online` is what counts: reported, younger than three keep-alives, and held for a while; `reported` is the last
    word, `unsteady` one that goes on and off.
    """

    code: str
    name: str
    name_en: str
    area: str
    kind: CameraKind
    lon: float
    lat: float
    position_at: datetime | None = Field(description="when a patrol was there; null: its base")
    accuracy_m: float | None
    keepalive_s: int
    stream: str | None
    online: bool
    reported: bool | None = Field(description="null: never heard")
    unsteady: bool
    source: str | None = Field(description="who told last: camera, frigate, gb28181")
    battery: float | None = Field(description="percent")
    heard_at: datetime | None
    picture_at: datetime | None
    picture_url: str | None


class PlaceOut(BaseModel):
    """Where a patrol was (WGS84); `doubtful` if no way on the ground leads there in the time."""

    time: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    speed_ms: float | None
    heading_deg: float | None
    altitude_m: float | None
    doubtful: bool


def device_routes(context: AppContext) -> APIRouter:
    """GET devices, cameras, cameras/{code}/picture."""
    router = APIRouter()

    @router.get("/devices", tags=["devices"], responses=problems())
    def list_devices(who: Who, exercise: ExerciseCode = None) -> list[DeviceOut]:
        """Screens and loudspeakers of your area, with what they last said."""
        with context.transaction() as connection:
            found = devices.devices(connection, within=who.area)
            states = {state.device: state for state in devices.device_states(connection, exercise)}
        listed = []
        for one in found:
            state = states.get(one.code)
            listed.append(
                DeviceOut(
                    code=one.code, kind=one.kind, name=one.name, name_en=one.name_en, area=one.area,
                    lon=one.lon, lat=one.lat, columns=one.columns, rows=one.rows, active=one.active,
                    online=bool(state and state.online), state=state.state if state else None,
                    verified=bool(state and state.verified), heard_at=state.received_at if state else None,
                )
            )  # fmt: skip
        return listed

    @router.get("/cameras", tags=["cameras"], responses=problems())
    def list_cameras(who: Who, exercise: ExerciseCode = None) -> list[CameraOut]:
        """Cameras of your area, with the time and address of their last picture."""
        with context.transaction() as connection:
            areas = live.areas_within(connection, who.area) if who.area else None
            found = live.READERS["cameras"](connection, exercise, None, context.settings.time_zone)
        return [
            CameraOut(**{name: entry[name] for name in CameraOut.model_fields})
            for _, entry in sorted(found.items())
            if areas is None or entry["area"] in areas
        ]

    @router.get("/cameras/{code}/track", tags=["cameras"], responses=problems(404))
    def camera_track(
        who: Who,
        code: str,
        start: Annotated[datetime | None, Query(description="default: a day before `end`")] = None,
        end: Annotated[datetime | None, Query(description="default: now")] = None,
        exercise: ExerciseCode = None,
    ) -> list[PlaceOut]:
        """Where a patrol was in [start, end), in time order, at most 5,000 places."""
        until = end or context.clock()
        with context.transaction() as connection:
            see_area(connection, who, cameras.camera(connection, code).area, f"camera {code!r}")
            found = patrols.track(connection, code, exercise, start or until - timedelta(days=1), until)
        return [PlaceOut(**{name: getattr(fix, name) for name in PlaceOut.model_fields}) for fix in found]

    @router.get(
        "/cameras/{code}/picture",
        tags=["cameras"],
        responses=problems(404) | {200: {"content": {"image/jpeg": {}}}},
        response_class=Response,
    )
    def picture(
        who: Who,
        code: str,
        exercise: ExerciseCode = None,
        id: Annotated[int | None, Query(description="number of a picture, from `picture_url`")] = None,
    ) -> Response:
        """The last picture of a camera (or the numbered one), as JPEG."""
        with context.transaction() as connection:
            see_area(connection, who, cameras.camera(connection, code).area, f"camera {code!r}")
            found = (
                camera_reports.newest_snapshot(connection, code, exercise)
                if id is None
                else pictures.picture(connection, code, id)
            )
        if found is None:
            raise NotFoundError(f"camera {code!r} has sent no such picture")
        kept = "private, max-age=86400, immutable" if id is not None else "no-store"
        return Response(
            found.jpeg,
            media_type="image/jpeg",
            headers={
                "Cache-Control": kept,
                "Last-Modified": format_datetime(found.received_at, usegmt=True),
            },
        )

    return router
