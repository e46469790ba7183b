"""Data health: how complete, late and right stations report, and how the receiver is."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app import data_health
from app.api.asking import ExerciseCode, Who, problems, see_area
from store import quarantine, station_health, stations
from store.heartbeats import heartbeats
from store.station_health_detail import ClockError, Delay, Gap, Revision, SeriesHours
from store.station_health_detail import station_health as read_station

if TYPE_CHECKING:
    from app.context import AppContext


class Window(IntEnum):
    """Hours that can be looked at."""

    HOUR = 1
    DAY = 24
    WEEK = 168


Hours = Annotated[
    Window,
    Query(description="the last so many hours; 1 is the last whole hour and the running one"),
]
REMEMBERED_S = {Window.HOUR: 10.0, Window.DAY: 10.0, Window.WEEK: 60.0}
"""Everybody who looks within this time is given the same answer: counting costs the same for one or fifty,
and a week of two thousand stations costs seconds."""


class StationHealthOut(BaseModel):
    """A station's readings over the window; counts are of the series by which it reports."""

    code: str
    name: str
    name_en: str
    kind: str
    area: str | None
    river: str | None
    period_s: int
    state: str = Field(description="silent, incomplete, late, flagged, complete, never or out_of_service")
    heard_at: datetime | None = Field(description="when anything of it was last received")
    expected: int
    received: int = Field(description="readings of times within the window")
    counted: int = Field(description="of those expected, so many came; more than expected counts as expected")
    completeness: float | None = Field(description="counted / expected, 0 to 1; null if nothing was due")
    late: int = Field(description="received later than max(3 periods, 30 min) after their time")
    flagged: int = Field(description="suspect or bad")
    missing: int = Field(description="reported by the station as missing")
    revised: int = Field(description="times for which another value is kept")
    gaps: int = Field(description="stretches that are asked for again")
    property: str | None = Field(description="of the value that stands for the station")
    time: datetime | None
    value: float | None
    quality: int | None
    reason: str | None
    battery_voltage: float | None
    battery_level: float | None
    signal_strength: float | None
    clock_error_s: float | None = Field(description="its clock is ahead by so much; negative: behind")
    clock_at: datetime | None
    hours: str = Field(
        description="one character an hour, oldest first, the running one last: 0 to 9 tenths of what was due came,"
        " F all of it, `.` nothing was due"
    )


class ReceiverOut(BaseModel):
    """The receiver of telemetry, as its heartbeats tell."""

    beat_at: datetime | None
    alive: bool = Field(description="false: no ingest said anything for 30 s")
    lag_s: float | None = Field(description="from receipt to commit of the oldest message of its last batch")
    queued: int = Field(description="messages received and not yet stored")
    catching_up: bool
    left: int | None = Field(description="about so many messages of an outage still wait at the broker")


class HealthOut(BaseModel):
    """All stations of the area, worst first, and what the counts rest on."""

    at: datetime
    since: datetime = Field(description="the first hour counted")
    hours: int
    states: dict[str, int] = Field(description="stations by state")
    receiver: ReceiverOut
    counting_waits: int = Field(
        description="changes that the counts do not know yet; at most 10,000 are told"
    )
    counting_lag_s: float = Field(description="age of the oldest of them")
    quarantined: int = Field(description="open entries of the quarantine")
    stations: list[StationHealthOut]


class StationHealthDetail(BaseModel):
    """One station: its line, each series by hour, delays, revisions, gaps and clock."""

    at: datetime
    since: datetime
    hours: int
    station: StationHealthOut
    series: list[SeriesHours]
    delay: Delay
    revisions: list[Revision]
    gaps: list[Gap]
    clock: ClockError | None


_MOST_QUESTIONS = 50
_Question = tuple[str | None, str | None, Window]


class _Remembered:
    """Answers by question, for a short while; the same question is asked once at a time."""

    def __init__(self) -> None:
        self._found: dict[_Question, tuple[float, HealthOut]] = {}
        self._locks: dict[_Question, threading.Lock] = {}

    def get(self, context: AppContext, exercise: str | None, area: str | None, hours: Window) -> HealthOut:
        key = (exercise, area, hours)
        if len(self._locks) > _MOST_QUESTIONS:
            # Whose lock is forgotten is only asked beside another.
            self._locks.clear()
        with self._locks.setdefault(key, threading.Lock()):
            known = self._found.get(key)
            if known is not None and time.monotonic() - known[0] < REMEMBERED_S[hours]:
                return known[1]
            found = _read(context, exercise, area, hours)
            if len(self._found) > _MOST_QUESTIONS:
                self._found.clear()
            self._found[key] = (time.monotonic(), found)
            return found


def station_health_routes(context: AppContext) -> APIRouter:
    """GET health/stations, health/stations/{code}."""
    router = APIRouter(tags=["health"])
    remembered = _Remembered()

    @router.get("/health/stations", responses=problems())
    def all_stations(who: Who, hours: Hours = Window.DAY, exercise: ExerciseCode = None) -> HealthOut:
        """How every station of your area reports, worst first; not older than 10 s (7 d: 60 s)."""
        return remembered.get(context, exercise, who.area, hours)

    @router.get("/health/stations/{code}", responses=problems(404))
    def one_station(
        who: Who, code: str, hours: Hours = Window.DAY, exercise: ExerciseCode = None
    ) -> StationHealthDetail:
        """One station hour by hour."""
        now, counted = context.clock(), data_health.WINDOWS[hours]
        with context.transaction() as connection:
            found = stations.station(connection, code)
            see_area(connection, who, found.area, f"station {code!r}")
            (counts,) = station_health.station_counts(
                connection, exercise, None, now, counted, code=code
            ) or (station_health.unheard(found),)
            detail = read_station(connection, code, exercise, now, counted)
        return StationHealthDetail(
            at=now,
            since=station_health.bounds(now, counted)[0],
            hours=counted,
            station=_out(data_health.health(counts, now, counted)),
            series=detail.series,
            delay=detail.delay,
            revisions=detail.revisions,
            gaps=detail.gaps,
            clock=detail.clock,
        )

    return router


def _read(context: AppContext, exercise: str | None, area: str | None, hours: int) -> HealthOut:
    now, counted = context.clock(), data_health.WINDOWS[hours]
    with context.transaction() as connection:
        found = station_health.station_counts(connection, exercise, area, now, counted)
        beats = heartbeats(connection)
        waits, lag_s = station_health.rollup_lag(connection, now)
        open_ = quarantine.counts(connection, quarantine.Filter(exercise=exercise, area=area))
    told = data_health.in_order([data_health.health(one, now, counted) for one in found])
    return HealthOut(
        at=now,
        since=station_health.bounds(now, counted)[0],
        hours=counted,
        states=data_health.totals(told),
        receiver=ReceiverOut(**asdict(data_health.receiver(beats, now))),
        counting_waits=waits,
        counting_lag_s=lag_s,
        quarantined=sum(open_.values()),
        stations=[_out(one) for one in told],
    )


def _out(one: data_health.Health) -> StationHealthOut:
    counts = one.counts
    own = counts.accessory or {}
    return StationHealthOut(
        code=counts.code, name=counts.name, name_en=counts.name_en, kind=counts.kind, area=counts.area,
        river=counts.river, period_s=counts.period_s, state=one.state.value, heard_at=counts.heard_at,
        expected=one.expected, received=counts.readings, counted=one.got, completeness=one.share,
        late=counts.late, flagged=counts.flagged, missing=counts.missing, revised=counts.revised,
        gaps=counts.gaps, property=counts.property, time=counts.time, value=counts.value,
        quality=counts.quality, reason=counts.reason, battery_voltage=own.get("battery_voltage"),
        battery_level=own.get("battery_level"), signal_strength=own.get("signal_strength"),
        clock_error_s=counts.clock_error_s, clock_at=counts.clock_at, hours=one.strip,
    )  # fmt: skip
