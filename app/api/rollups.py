"""Hours and days of readings: the long view, without the raw readings behind it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.asking import ExerciseCode, Limit, Who, problems
from app.api.paging import in_utc, page_mark, position
from core.errors import InputError
from core.properties import DERIVED_PROPERTIES, PROPERTIES
from store import rollup_pages

if TYPE_CHECKING:
    from app.context import AppContext


class Step(StrEnum):
    """The width of a bucket; a day is the hydrological day 08–08 of Beijing, which is the UTC day."""

    HOUR = "hour"
    DAY = "day"


_LONGEST = {Step.HOUR: timedelta(days=3 * 366), Step.DAY: timedelta(days=100 * 366)}


class RollupOut(BaseModel):
    """What a series held in one hour or day."""

    station: str
    property: str
    sensor: int
    period_s: int = Field(description="accumulation period of a total, 0 at an instant")
    exercise: str | None
    unit: str
    start: datetime
    stop: datetime = Field(
        description="values at an instant belong to [start, stop), totals to (start, stop]"
    )
    readings: int
    usable: int = Field(description="of quality 1 or 2; of these are low, high, mean and total")
    suspect: int
    bad: int
    missing: int
    late: int = Field(description="came later than max(3 periods, 30 min)")
    revised: int = Field(description="another value for the same time is kept")
    low: float | None
    low_at: datetime | None
    high: float | None
    high_at: datetime | None
    mean: float | None
    total: float | None = Field(description="sum, of totals only; null without a usable reading, never 0")


class RollupPage(BaseModel):
    """In order of time. Ask again with `after` until `next` is null."""

    items: list[RollupOut]
    next: str | None = Field(description="give it as `after` for the next page")


def rollup_routes(context: AppContext) -> APIRouter:
    """GET rollups."""
    router = APIRouter(tags=["observations"])

    @router.get("/rollups", responses=problems(422))
    def rolled(
        who: Who,
        step: Annotated[Step, Query(description="hour, or day (08:00 to 08:00 Beijing time)")] = Step.HOUR,
        station: Annotated[list[str] | None, Query(description="station codes")] = None,
        property: Annotated[list[str] | None, Query(description="such as water_level, rainfall")] = None,
        since: Annotated[
            datetime | None, Query(alias="from", description="default 31 days before `to`")
        ] = None,
        until: Annotated[datetime | None, Query(alias="to", description="exclusive; default now")] = None,
        exercise: ExerciseCode = None,
        after: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
        limit: Limit = 1000,
    ) -> RollupPage:
        """Hours or days that begin in [from, to), of your area; at most 3 years of hours at once."""
        end = in_utc(until) or context.clock()
        start = in_utc(since) or end - timedelta(days=31)
        if not start < end <= start + _LONGEST[step]:
            raise InputError(
                "time_range", f"`from` must lie before `to`, at most {_LONGEST[step].days} days before it"
            )
        known = {**PROPERTIES, **DERIVED_PROPERTIES}
        if unknown := [name for name in property or [] if name not in known]:
            raise InputError("unknown_property", f"there is no property {unknown[0]!r}")
        with context.transaction() as connection:
            found = rollup_pages.page(
                connection, rollup_pages.TABLES[step], exercise=exercise, area=who.area, stations=station,
                properties=property, since=start, until=end, after=position(after), limit=limit,
            )  # fmt: skip
        return RollupPage(
            items=[_out(one, rollup_pages.TABLES[step].width) for one in found],
            next=page_mark(found[-1].bucket, found[-1].series) if len(found) == limit else None,
        )

    return router


def _out(one: rollup_pages.Rollup, width: timedelta) -> RollupOut:
    known = PROPERTIES.get(one.property) or DERIVED_PROPERTIES.get(one.property)
    return RollupOut(
        **asdict(one), unit=known.unit if known else "", start=one.bucket, stop=one.bucket + width
    )
