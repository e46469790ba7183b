"""Mean rain of areas, rivers and basins, and rain events of gauges."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from alerts.rules.area_rain import measure
from alerts.standing.rain_area import RainAreaFinder, Terms, Watched, watch
from app.api.asking import ExerciseCode, Limit, Who, problems, see_area
from app.api.paging import in_utc
from core.severity import Severity
from store import area_rain, live, rain_events, stations
from store.rules import standing_rules

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


class RainLimitOut(BaseModel):
    """One limit, and how much of it has fallen."""

    severity: Severity = Field(description="orange 准备转移, red 立即转移")
    measure: str = Field(description="highest: the wettest gauge; mean: of all that take part")
    window_s: int
    limit_mm: float
    mm: float | None = Field(description="null: no gauge says anything new enough")
    verified_mm: float | None
    coverage: float | None = Field(description="below 1 the sum is `at least`")
    time: datetime | None
    gauge: str | None = Field(description="the wettest")


class SoilOut(BaseModel):
    """How wet the soil is, and how that is known."""

    state: str = Field(description="dry, normal or wet")
    source: str = Field(description="moisture (%), antecedent (mm), or assumed")
    value: float | None
    days: int | None


class RainLimitsOut(BaseModel):
    """A hamlet or town with its limits, those that are reached by most first."""

    area: str
    kind: str
    name: str
    name_en: str
    gauges: list[str]
    reporting: int = Field(description="gauges whose sums are new enough")
    soil: SoilOut | None = Field(description="null for towns, whose table knows no soil")
    limits: list[RainLimitOut]


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

    @router.get("/rain/limits", tags=["rain"], responses=problems())
    def limits(who: Who, exercise: ExerciseCode = None) -> list[RainLimitsOut]:
        """Hamlets at risk and towns of your area: how much of each rain limit has fallen, the nearest to it first."""
        now = context.clock()
        with context.transaction() as connection:
            rules = standing_rules(connection, RainAreaFinder.kind)
            if not rules:
                return []
            running = [] if exercise is None else [exercise]
            scene = watch(connection, Terms.of(rules[0].terms), running, now, keep=False)
            seen = live.areas_within(connection, who.area) if who.area else None
        found = [
            _limits_of(one)
            for one in scene.watched
            if one.exercise == exercise and (seen is None or one.area.code in seen)
        ]
        return sorted(found, key=_worst_first)

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


def _limits_of(one: Watched) -> RainLimitsOut:
    measured = measure(one.sums)
    listed = []
    for level in one.levels:
        found = measured.get((level.measure, level.window_s))
        listed.append(
            RainLimitOut(
                severity=level.severity, measure=level.measure, window_s=level.window_s, limit_mm=level.mm,
                mm=round(found.mm, 1) if found else None, verified_mm=round(found.verified_mm, 1) if found else None,
                coverage=round(found.coverage, 2) if found else None, time=found.time if found else None,
                gauge=found.gauge if found else None,
            )
        )  # fmt: skip
    soil = one.soil
    return RainLimitsOut(
        area=one.area.code, kind=one.area.kind, name=one.area.name, name_en=one.area.name_en,
        gauges=list(one.gauges), reporting=len({entry.station for entry in one.sums}),
        soil=SoilOut(state=soil.state, source=soil.source, value=soil.value, days=soil.days) if soil else None,
        limits=sorted(listed, key=_nearest_first),
    )  # fmt: skip


def _nearest_first(level: RainLimitOut) -> tuple[int, float, int]:
    """What is reached by its severity, all else by how much of it has fallen."""
    share = _share(level)
    return (-level.severity.rank if share >= 1 else 0, -share, level.window_s)


def _worst_first(one: RainLimitsOut) -> tuple[tuple[int, float, int], str]:
    return (_nearest_first(one.limits[0]) if one.limits else (1, 0.0, 0), one.area)


def _share(level: RainLimitOut) -> float:
    return level.mm / level.limit_mm if level.mm is not None else 0.0
