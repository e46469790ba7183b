"""Mean rain of areas, rivers and basins, and rain events of gauges."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.asking import ExerciseCode, Limit, Who, problems, see_area
from app.api.paging import in_utc
from store import area_rain, rain_events, stations

if TYPE_CHECKING:
    from app.context import AppContext

SHOWN = timedelta(hours=24)
"""A mean that is older than the longest window says nothing about now."""

Kind = Literal["county", "town", "river", "basin"]


class Window(IntEnum):
    """Seconds over which rain is averaged."""

    HOUR = 3_600
    THREE_HOURS = 10_800
    SIX_HOURS = 21_600
    HALF_DAY = 43_200
    DAY = 86_400


class AreaRainOut(BaseModel):
    """The newest mean of one place over one window."""

    kind: str = Field(description="county, town, river or basin")
    place: str = Field(description="code of the area, or name of the river or basin")
    name: str | None
    name_en: str | None
    window_s: int
    time: datetime = Field(description="end of the window")
    mean: float = Field(description="mm, arithmetic mean of the gauges that reported")
    highest: float
    highest_at: str = Field(description="the wettest gauge")
    reporting: int = Field(description="gauges on which the mean stands")
    stations: int
    coverage: float = Field(description="share of all gauges' windows that was reported")


class RainEventOut(BaseModel):
    """What fell between two dry spells."""

    station: str
    exercise: str | None
    starts: datetime
    ends: datetime
    total: float = Field(description="mm of verified readings")
    suspect: float = Field(description="mm that nobody has verified, on top")
    peak_1h: float = Field(description="mm of the heaviest hour")
    peak_at: datetime = Field(description="end of that hour")
    coverage: float


def rain_routes(context: AppContext) -> APIRouter:
    """GET rain/areas, rain/events."""
    router = APIRouter()

    @router.get("/rain/areas", tags=["rain"], responses=problems(422))
    def areas(
        who: Who,
        kind: Annotated[list[Kind] | None, Query(description="default all")] = None,
        window_s: Annotated[Window | None, Query(description="default all")] = None,
        exercise: ExerciseCode = None,
    ) -> list[AreaRainOut]:
        """面雨量: newest means of your area, wettest first."""
        now = context.clock()
        with context.transaction() as connection:
            found = area_rain.newest(
                connection, exercise, since=now - SHOWN, now=now, kinds=kind, window_s=window_s, area=who.area
            )
        return [AreaRainOut(**asdict(one)) for one in found]

    @router.get("/rain/events", tags=["rain"], responses=problems(404, 422))
    def events(
        who: Who,
        station: Annotated[str | None, Query(description="station code; default all")] = None,
        since: Annotated[datetime | None, Query(alias="from", description="default a week ago")] = None,
        exercise: ExerciseCode = None,
        limit: Limit = 100,
    ) -> list[RainEventOut]:
        """降雨过程: events that ended after `from`, newest first."""
        with context.transaction() as connection:
            if station is not None:
                found = stations.station(connection, station)
                see_area(connection, who, found.area, f"station {station!r}")
            moment = in_utc(since) or context.clock() - timedelta(days=7)
            events = rain_events.since(
                connection, exercise, moment, station=station, area=who.area, limit=limit
            )
        return [RainEventOut(**asdict(one)) for one in events]

    return router
