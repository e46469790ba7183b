"""Stations, their limits, and their observations."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.asking import ExerciseCode, Limit, Who, problems, see_area
from app.api.paging import LONGEST, in_utc, page_mark, position
from core.errors import InputError
from core.properties import DERIVED_PROPERTIES, PROPERTIES
from store import readings, trends
from store import stations as store

if TYPE_CHECKING:
    from app.context import AppContext


class Limits(BaseModel):
    """A threshold: reached means value ≥ `value`."""

    property: str
    name: str = Field(description="the field's name of the limit, such as warning or flood_limit")
    severity: str = Field(description="red, orange, yellow or blue")
    value: float
    deadband: float = Field(description="the alarm returns below value − deadband")
    datum: str | None
    source: str
    season_from: str | None = Field(description="MMDD; both ends or neither")
    season_to: str | None
    version: int


class StationOut(BaseModel):
    """A measuring station (测站)."""

    code: str
    name: str
    name_en: str
    kind: str = Field(description="SL 323: PP rain, ZZ/ZQ river, RR reservoir, DD sluice, TT tide, DP pump")
    area: str | None
    lon: float = Field(description="degrees, WGS 84")
    lat: float
    period_s: int = Field(description="reporting period in seconds")
    datum: str | None = Field(description="reference of its levels (基面)")
    river: str | None
    basin: str | None
    origin: str | None = Field(description="null for a real station")
    out_of_service: bool


class ObservationOut(BaseModel):
    """One observation, as the view public_v1.observation has it."""

    station: str
    property: str
    sensor: int
    period_s: int = Field(description="accumulation period of a total, 0 at an instant; its label is its end")
    exercise: str | None
    time: datetime
    value: float | None
    unit: str
    quality: int = Field(description="1 good, 2 not evaluated, 3 suspect, 4 bad, 9 missing")
    reason: str
    received_at: datetime
    by: str | None = Field(
        description="the person who set the value or vouches for it; null: the machine alone"
    )


class TrendOut(BaseModel):
    """Trend of a level at its newest reading."""

    property: str
    sensor: int
    time: datetime
    code: int = Field(description="as SL 323: 4 falling 落, 5 rising 涨, 6 steady 平")
    rate: float = Field(description="m/h, rising is positive")
    window_s: int = Field(description="over so long a time it was fitted")
    points: int
    quality: int = Field(description="1 good, 3 it rests on suspect values")
    reason: str


class StationDetail(StationOut):
    """A station with its limits, trends and the last received value of each of its series, derived ones too."""

    thresholds: list[Limits]
    trends: list[TrendOut]
    latest: list[ObservationOut]


class ObservationPage(BaseModel):
    """In order of time. Ask again with `after` until `next` is null."""

    items: list[ObservationOut]
    next: str | None = Field(description="give it as `after` for the next page")


def station_routes(context: AppContext) -> APIRouter:
    """GET stations, stations/{code}, observations."""
    router = APIRouter()

    @router.get("/stations", tags=["stations"], responses=problems())
    def stations(
        who: Who,
        kind: Annotated[list[str] | None, Query(description="kinds as SL 323 codes them")] = None,
    ) -> list[StationOut]:
        """All stations of your area."""
        with context.transaction() as connection:
            found = store.stations(connection, within=who.area)
        return [StationOut(**asdict(one)) for one in found if kind is None or one.kind in kind]

    @router.get("/stations/{code}", tags=["stations"], responses=problems(404))
    def station(who: Who, code: str, exercise: ExerciseCode = None) -> StationDetail:
        """One station with its limits and newest values."""
        with context.transaction() as connection:
            found = store.station(connection, code)
            see_area(connection, who, found.area, f"station {code!r}")
            limits = store.thresholds(connection, code)
            newest = readings.newest(connection, [code], exercise)
            fitted = trends.of_station(connection, code, exercise)
        return StationDetail(
            **asdict(found),
            trends=[TrendOut(**asdict(one)) for one in fitted],
            thresholds=[Limits(**asdict(one)) for one in limits],
            latest=[_out(one) for one in newest],
        )

    @router.get("/observations", tags=["observations"], responses=problems(422))
    def observations(
        who: Who,
        station: Annotated[list[str] | None, Query(description="station codes")] = None,
        property: Annotated[list[str] | None, Query(description="such as water_level, rainfall")] = None,
        quality: Annotated[list[int] | None, Query(description="quality flags")] = None,
        since: Annotated[datetime | None, Query(alias="from", description="default 24 h before `to`")] = None,
        until: Annotated[datetime | None, Query(alias="to", description="exclusive; default now")] = None,
        sensor: Annotated[int | None, Query(description="only of this sensor")] = None,
        period_s: Annotated[
            int | None, Query(description="only totals of this period; 0 at an instant")
        ] = None,
        newest_first: Annotated[bool, Query(description="from the newest to the oldest")] = False,
        exercise: ExerciseCode = None,
        after: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
        limit: Limit = 1000,
    ) -> ObservationPage:
        """Observations of your area by time, at most 366 days at once."""
        end = in_utc(until) or context.clock() + timedelta(minutes=10)
        start = in_utc(since) or end - timedelta(hours=24)
        if not start < end <= start + LONGEST:
            raise InputError("time_range", "`from` must lie before `to`, and at most 366 days before it")
        unknown = [name for name in property or [] if name not in PROPERTIES | DERIVED_PROPERTIES]
        if unknown:
            raise InputError("unknown_property", f"there is no property {unknown[0]!r}")
        with context.transaction() as connection:
            found = readings.page(
                connection, exercise=exercise, area=who.area, stations=station, properties=property,
                qualities=quality, since=start, until=end, after=position(after), limit=limit,
                sensor=sensor, period_s=period_s, newest_first=newest_first,
            )  # fmt: skip
        more = len(found) == limit
        return ObservationPage(
            items=[_out(one) for one in found],
            next=page_mark(found[-1].time, found[-1].series) if more else None,
        )

    return router


def _out(one: readings.Reading) -> ObservationOut:
    known = (PROPERTIES | DERIVED_PROPERTIES).get(one.property)
    return ObservationOut(**asdict(one), unit=known.unit if known else "")
