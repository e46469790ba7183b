"""告警绩效: the load of a desk and of the county over a time, as JSON and as CSV by day and desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from psycopg import Connection
from pydantic import BaseModel, Field
from starlette.responses import Response

from alerts.performance import Limits, Report, limits_of, report
from alerts.performance.report import DeskRow
from app.api.asking import ExerciseCode, Who, problems, see_area
from app.api.exports import as_csv
from app.api.paging import LONGEST, in_utc
from app.api.turns import Turns
from core.alarm_load import Load
from core.errors import InputError
from store import alarm_load, live
from store.areas import areas

if TYPE_CHECKING:
    from app.context import AppContext

COLUMNS = (
    "date", "desk", "alarms", "per_hour", "peak_10min", "floods", "flood_minutes", "acknowledged", "waiting",
    "median_s", "p95_s", "within_limit", "uncalled",
)  # fmt: skip
USUAL = timedelta(days=7)
_MOST_LISTED = 50

From = Annotated[datetime | None, Query(alias="from", description="default a week before `to`")]
To = Annotated[datetime | None, Query(description="default now; not included")]
Desk = Annotated[
    str | None, Query(description="area whose duty desk it is; without it all of yours", max_length=64)
]


class RateOut(BaseModel):
    """Alarms that asked for people."""

    count: int
    per_hour: float
    per_ten_minutes: float
    peak: int = Field(description="most in any ten minutes")
    peak_at: datetime | None


class FloodOut(BaseModel):
    """A flood of alarms."""

    begins: datetime
    ends: datetime | None = Field(description="null: it goes on")
    seconds: float
    alarms: int
    peak: int


class AnsweringOut(BaseModel):
    """How quickly alarms were acknowledged; `severity` null is all together."""

    severity: str | None
    count: int
    acknowledged: int
    waiting: int
    never: int = Field(description="over before anybody acknowledged them")
    median_s: float | None
    p95_s: float | None
    limit_s: float | None
    within: float | None = Field(description="share within the limit, of those of which that is known")


class SourceOut(BaseModel):
    """Whose alarm: subject and rule."""

    source: str
    rule: str
    subject_kind: str
    subject: str
    station: str | None
    name: str
    name_en: str
    alarm: int = Field(description="its newest alarm")


class NuisanceOut(BaseModel):
    """A source with what is said of it; fields that do not belong to its list are null."""

    source: SourceOut
    count: int
    share: float | None = None
    bursts: int | None = None
    last_at: datetime | None = None


class StaleOut(BaseModel):
    """An alarm that stood longer than the limit."""

    source: SourceOut
    alarm: int
    since: datetime
    until: datetime | None
    seconds: float


class DeskOut(BaseModel):
    """One desk."""

    desk: str | None
    name: str
    name_en: str
    rate: RateOut
    floods: int
    flood_s: float
    answering: AnsweringOut
    uncalled: int


class KpiOut(BaseModel):
    """Everything over the time; `limits` are what it is judged by."""

    start: datetime
    end: datetime
    rate: RateOut
    bins: list[int] = Field(description="alarms in each `bin_s` from `start` on")
    bin_s: float
    floods: list[FloodOut]
    flood_count: int
    flood_share: float
    chattering: list[NuisanceOut]
    fleeting: list[NuisanceOut]
    stale: list[StaleOut]
    stale_count: int
    top: list[NuisanceOut]
    top_share: float
    answering: list[AnsweringOut]
    spread: dict[str, int]
    uncalled: int
    desks: list[DeskOut]
    limits: dict[str, float]


def kpi_routes(context: AppContext) -> APIRouter:
    """GET kpi, kpi.csv."""
    router = APIRouter()
    turns = Turns()
    zone = ZoneInfo(context.settings.time_zone)
    limits = limits_of(
        context.settings.performance,
        flood_above=context.settings.alerts.flood_above,
        flood_below=context.settings.alerts.flood_below,
    )

    def read(
        connection: Connection[Any], who: Any, since: datetime | None, until: datetime | None,
        desk: str | None, exercise: str | None,
    ) -> Load:  # fmt: skip
        now = context.clock()
        end = min(in_utc(until) or now, now)
        start = in_utc(since) or end - USUAL
        if not start < end or end - start > LONGEST:
            raise InputError("range", "`from` lies before `to`, and not more than 366 days")
        if desk is not None:
            see_area(connection, who, desk, f"desk {desk!r}")
        areas = live.areas_within(connection, who.area) if who.area is not None else None
        return alarm_load.load(
            connection, start, end, exercise=exercise, areas=areas, desk=desk, stale_after=limits.stale_after
        )

    @router.get("/kpi", tags=["alarms"], responses=problems(404, 422, 503))
    def kpi(
        who: Who, since: From = None, to: To = None, desk: Desk = None, exercise: ExerciseCode = None
    ) -> KpiOut:
        """告警绩效: how many alarms asked for people, floods, nuisances, and how quickly they were acknowledged."""
        with turns.turn(who.name), context.transaction() as connection:
            found = report(read(connection, who, since, to, desk, exercise), limits)
            wanted = [
                one.source
                for listed in (found.top, found.chattering, found.fleeting, found.stale)
                for one in listed[:_MOST_LISTED]
            ]
            known = alarm_load.sources(connection, exercise, wanted)
            names = {area.code: (area.name, area.name_en) for area in areas(connection)}
        return _out(found, {key: SourceOut(**asdict(one)) for key, one in known.items()}, names, limits)

    @router.get("/kpi.csv", tags=["alarms"], responses=problems(404, 422, 503), response_class=Response)
    def kpi_csv(
        who: Who, since: From = None, to: To = None, desk: Desk = None, exercise: ExerciseCode = None
    ) -> Response:
        """The same by day of the county and desk, for a spreadsheet."""
        with turns.turn(who.name):
            with context.transaction() as connection:
                found = read(connection, who, since, to, desk, exercise)
            content = as_csv(COLUMNS, _days(found, limits, zone))
        name = f"kpi-{found.start.astimezone(zone):%Y%m%d}-{found.end.astimezone(zone):%Y%m%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def _out(
    found: Report, known: dict[str, SourceOut], names: dict[str, tuple[str, str]], limits: Limits
) -> KpiOut:
    def named(row: DeskRow) -> tuple[str, str]:
        return names.get(row.desk or "", (row.desk or "", row.desk or ""))

    return KpiOut(
        start=found.start,
        end=found.end,
        rate=RateOut(**asdict(found.rate)),
        bins=[one.count for one in found.bins],
        bin_s=found.bin_s,
        floods=[
            FloodOut(seconds=one.seconds(found.end), **asdict(one))
            for one in sorted(found.floods, key=lambda one: -one.alarms)[:_MOST_LISTED]
        ],
        flood_count=len(found.floods),
        flood_share=found.flood_share,
        chattering=[
            NuisanceOut(source=known[one.source], count=one.turns, bursts=one.bursts, last_at=one.last_at)
            for one in found.chattering[:_MOST_LISTED]
        ],
        fleeting=[
            NuisanceOut(source=known[one.source], count=one.count) for one in found.fleeting[:_MOST_LISTED]
        ],
        stale=[
            StaleOut(
                source=known[one.source], alarm=one.alarm, since=one.since, until=one.until, seconds=one.seconds
            )
            for one in found.stale[:_MOST_LISTED]
        ],
        stale_count=len(found.stale),
        top=[NuisanceOut(source=known[one.source], count=one.count, share=one.share) for one in found.top],
        top_share=found.top_share,
        answering=[AnsweringOut(**asdict(one)) for one in found.answering],
        spread={severity.value: count for severity, count in found.spread.items()},
        uncalled=found.uncalled,
        desks=[
            DeskOut(
                desk=one.desk, name=named(one)[0], name_en=named(one)[1], rate=RateOut(**asdict(one.rate)),
                floods=one.floods, flood_s=one.flood_s, answering=AnsweringOut(**asdict(one.answering)),
                uncalled=one.uncalled,
            )
            for one in found.desks
        ],
        limits={
            "hour_target": limits.hour_target,
            "hour_most": limits.hour_most,
            "ten_minutes_target": limits.ten_minutes_target,
            "ten_minutes_most": limits.ten_minutes_most,
            "flood_above": limits.flood_above,
            "flood_below": limits.flood_below,
            "flood_share": limits.flood_share,
            "chattering": limits.chattering,
            "chattering_s": limits.chattering_within.total_seconds(),
            "fleeting_s": limits.fleeting_within.total_seconds(),
            "stale_s": limits.stale_after.total_seconds(),
            "stale_most": limits.stale_most,
            "top_share": limits.top_share,
        },
    )  # fmt: skip


def _days(load: Load, limits: Limits, zone: ZoneInfo) -> Iterator[list[Any]]:
    """A line for each day of the county and each desk that was asked on it."""
    asked = sorted(load.asked, key=lambda one: one.at)
    first = 0
    day = load.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < load.end:
        following = day + timedelta(days=1)
        last = first
        while last < len(asked) and asked[last].at < following:
            last += 1
        start, end = max(day, load.start), min(following, load.end)
        for row in report(replace(load, start=start, end=end, asked=tuple(asked[first:last]), turns=(), stood=()), limits).desks:  # fmt: skip
            yield [
                f"{day:%Y-%m-%d}", row.desk or "", row.rate.count, round(row.rate.per_hour, 2), row.rate.peak,
                row.floods, round(row.flood_s / 60, 1), row.answering.acknowledged, row.answering.waiting,
                row.answering.median_s, row.answering.p95_s,
                None if row.answering.within is None else round(row.answering.within, 3), row.uncalled,
            ]  # fmt: skip
        first, day = last, following
