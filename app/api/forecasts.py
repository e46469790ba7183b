"""Where levels will stand within three hours, which limits they reach, and how good such words have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from alerts.projections import Projection, projections, shown
from app.api.asking import ExerciseCode, Who, problems, see_area
from hydrology.forecasts import Crossing, Forecast, Limit, crossings
from store import forecast_skill, forecasts, stations
from store.forecasts import LimitRow

if TYPE_CHECKING:
    from app.context import AppContext

KEPT = timedelta(days=1)
"""An older issue is history, to be read by the view public_v1.forecast."""


class ForecastPointOut(BaseModel):
    """The level expected at a time, and the range in which about four of five come to lie."""

    valid: datetime
    value: float
    low: float
    high: float


class CrossingOut(BaseModel):
    """When a limit is reached: by the top of the range, the value, the bottom; null where it is not within 3 h."""

    name: str = Field(description="the field's name of the limit")
    severity: str
    value: float
    earliest: datetime | None
    likely: datetime | None
    latest: datetime | None


class ForecastOut(BaseModel):
    """The newest forecast of one source for one level."""

    property: str
    sensor: int
    exercise: str | None
    source: str = Field(description="tide, upstream, trend, or trend_unverified: it rests on suspect values")
    issued: datetime = Field(description="time of the newest reading on which it rests")
    current: bool = Field(description="false: too old to be taken as what is known now")
    current_until: datetime
    shown: bool = Field(description="the one to look at among the current ones of this level")
    points: list[ForecastPointOut]
    crossings: list[CrossingOut] = Field(description="limits above the level at issue, lowest first")


class ProjectedOut(BaseModel):
    """A station whose level reaches a limit by its forecast, and the highest limit that it reaches."""

    station: str
    name: str
    name_en: str
    property: str
    exercise: str | None
    source: str
    issued: datetime
    level: float = Field(description="m, at issue")
    crossing: CrossingOut


class SkillOut(BaseModel):
    """How good a source was at a lead time; errors are forecast less reading, in metres."""

    source: str
    lead_s: int
    count: int = Field(description="forecasts that could be compared")
    series: int = Field(description="levels that they were for")
    bias: float
    mean_absolute: float
    root_mean_square: float
    within: float = Field(description="share of readings inside the range; about 0.8 is meant")
    unchanged: float = Field(description="mean absolute error of the word that the level stays as it was")


def forecast_routes(context: AppContext) -> APIRouter:
    """GET stations/{code}/forecast, forecasts, forecasts/skill."""
    router = APIRouter()

    @router.get("/stations/{code}/forecast", tags=["forecasts"], responses=problems(404))
    def station_forecast(who: Who, code: str, exercise: ExerciseCode = None) -> list[ForecastOut]:
        """The newest forecast of each source for each level of a station, of the last day."""
        now = context.clock()
        with context.transaction() as connection:
            found = stations.station(connection, code)
            see_area(connection, who, found.area, f"station {code!r}")
            points = forecasts.newest(connection, since=now - KEPT, station=code, exercise=exercise)
            limits = forecasts.limits(connection, [code], _day(context, now))
        return [each for one in projections(points) for each in _station_forecasts(one, limits, now)]

    @router.get("/forecasts", tags=["forecasts"], responses=problems())
    def projected(who: Who, exercise: ExerciseCode = None) -> list[ProjectedOut]:
        """Levels of your area that reach a limit within three hours by their present forecast, soonest first."""
        now = context.clock()
        with context.transaction() as connection:
            near = forecasts.near_a_limit(
                connection, since=now - KEPT, day=_day(context, now), exercise=exercise, area=who.area
            )
            points = forecasts.newest(connection, since=now - KEPT, series=near, exercise=exercise)
            levels = {one.series: one for one in forecasts.levels(connection, near)}
            here = sorted({one.station for one in levels.values()})
            limits = forecasts.limits(connection, here, _day(context, now))
        found = []
        for one in projections(points):
            what = shown(one, _limits(one, limits), now.timestamp())
            crossing = what.next if what else None
            if what is None or crossing is None or crossing.likely_s is None:
                continue
            named = levels[one.series]
            found.append(
                ProjectedOut(
                    station=one.station, name=named.name, name_en=named.name_en, property=one.property,
                    exercise=one.exercise, source=what.forecast.source,
                    issued=_time(what.forecast.issued_s), level=what.forecast.points[0].value,
                    crossing=_crossing(crossing, one, limits),
                )
            )  # fmt: skip
        return sorted(found, key=lambda each: (each.crossing.likely or now, each.station))

    @router.get("/forecasts/skill", tags=["forecasts"], responses=problems(404, 422))
    def skill(
        who: Who,
        days: Annotated[int, Query(ge=1, le=3660, description="UTC days back, today included")] = 30,
        station: Annotated[str | None, Query(description="station code; default all of your area")] = None,
        exercise: ExerciseCode = None,
    ) -> list[SkillOut]:
        """How good forecasts were, by source and lead time (30 min, 1, 2, 3 h)."""
        first = context.clock().astimezone(UTC).date() - timedelta(days=days - 1)
        with context.transaction() as connection:
            if station is not None:
                found = stations.station(connection, station)
                see_area(connection, who, found.area, f"station {station!r}")
            scores = forecast_skill.skill(
                connection, since=first, exercise=exercise, station=station, area=who.area
            )
        return [SkillOut(**asdict(one)) for one in scores]

    return router


def _station_forecasts(one: Projection, limits: Sequence[LimitRow], now: datetime) -> list[ForecastOut]:
    own, what = _limits(one, limits), shown(one, _limits(one, limits), now.timestamp())
    current = one.current(now.timestamp())
    return [
        ForecastOut(
            property=one.property,
            sensor=one.sensor,
            exercise=one.exercise,
            source=forecast.source,
            issued=_time(forecast.issued_s),
            current=forecast in current,
            current_until=_time(forecast.issued_s + one.current_for_s),
            shown=what is not None and forecast is what.forecast,
            points=_points(forecast),
            crossings=[_crossing(each, one, limits) for each in crossings(forecast, own)],
        )
        for forecast in one.forecasts
    ]


def _limits(one: Projection, limits: Sequence[LimitRow]) -> list[Limit]:
    return [
        Limit(each.name, each.value)
        for each in limits
        if (each.station, each.property) == (one.station, one.property)
    ]


def _points(forecast: Forecast) -> list[ForecastPointOut]:
    return [
        ForecastPointOut(valid=_time(each.valid_s), value=each.value, low=each.low, high=each.high)
        for each in forecast.points
    ]


def _crossing(crossing: Crossing, one: Projection, limits: Sequence[LimitRow]) -> CrossingOut:
    limit = next(
        each
        for each in limits
        if (each.station, each.property, each.name, each.value)
        == (one.station, one.property, crossing.limit.name, crossing.limit.value)
    )
    times = (crossing.earliest_s, crossing.likely_s, crossing.latest_s)
    earliest, likely, latest = (None if at is None else _time(at) for at in times)
    return CrossingOut(
        name=limit.name, severity=limit.severity, value=limit.value, earliest=earliest, likely=likely,
        latest=latest,
    )  # fmt: skip


def _day(context: AppContext, now: datetime) -> str:
    return f"{now.astimezone(ZoneInfo(context.settings.time_zone)):%m%d}"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds), UTC)
