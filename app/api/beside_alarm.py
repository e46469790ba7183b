"""What a person needs to decide whether a doubtful alarm is true: readings, neighbours, rain, a picture, the time left."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field

from alerts.unverified import Limits, Step
from alerts.verify import doubtful
from app.api.asking import Who, problems, see_area
from store import alarms, beside_alarm, doubts

if TYPE_CHECKING:
    from app.context import AppContext

MOST_READINGS = 48


class ReadingOut(BaseModel):
    """A reading that the alarm may stand for."""

    time: datetime
    property: str
    sensor: int
    value: float
    quality: int
    reason: str
    doubtful: bool = Field(description="flagged by the machine, and settled by nobody yet")


class NeighbourOut(BaseModel):
    """A level gauge near by, with what it read last."""

    station: str
    name: str
    name_en: str
    km: float
    same_river: bool
    property: str
    time: datetime
    value: float | None
    quality: int
    reason: str
    usable_time: datetime | None
    usable_value: float | None
    trend: int | None = Field(description="4 falling, 5 rising, 6 steady")
    rate_m_h: float | None
    lowest_limit: float | None


class RainOut(BaseModel):
    """Rain of the last three hours at a gauge near by; `reason` tells what is missing or doubtful in it."""

    station: str
    name: str
    name_en: str
    km: float
    time: datetime
    value: float | None
    quality: int
    reason: str


class PictureOut(BaseModel):
    """The newest picture near by."""

    camera: str
    name: str
    name_en: str
    km: float
    picture: int
    received_at: datetime
    url: str


class BesideAlarm(BaseModel):
    """What stands beside an alarm."""

    readings: list[ReadingOut] = Field(description="the newest 48, oldest first")
    neighbours: list[NeighbourOut]
    rain_3h: list[RainOut]
    picture: PictureOut | None
    waiting_since: datetime | None = Field(description="null: nothing waits to be verified")
    leader_at: datetime | None = Field(description="when the leader is called if nobody decides")
    commander_at: datetime | None
    called: list[str] = Field(description="who was called for it already: leader, commander")


def beside_alarm_routes(context: AppContext) -> APIRouter:
    """GET alarms/{id}/beside."""
    router = APIRouter(tags=["alarms"])

    @router.get("/alarms/{id}/beside", responses=problems(404))
    def beside(who: Who, id: int) -> BesideAlarm:
        """Doubtful readings, neighbours' levels, rain of three hours, the newest picture; and when others are called."""
        now = context.clock()
        limits = Limits.of(context.settings.alerts)
        with context.transaction() as connection:
            alarm = alarms.get(connection, id)
            see_area(connection, who, alarm.area, f"alarm {id}")
            readings = doubtful(connection, alarm, now)[-MOST_READINGS:] if alarm.closed_at is None else []
            place = beside_alarm.place_of(connection, alarm.station, alarm.area, alarm.detail)
            near = (
                beside_alarm.neighbours(connection, place, alarm.exercise, but=alarm.station) if place else []
            )
            rain = beside_alarm.rain_near(connection, place, alarm.exercise, now) if place else []
            picture = (
                beside_alarm.picture_near(connection, place, alarm.exercise, now, within=who.area)
                if place
                else None
            )
            waiting = next(iter(doubts.waiting(connection, id)), None)
        return BesideAlarm(
            readings=[
                ReadingOut(**{n: getattr(one, n) for n in ReadingOut.model_fields}) for one in readings
            ],
            neighbours=[NeighbourOut(**asdict(one)) for one in near],
            rain_3h=[RainOut(**asdict(one)) for one in rain],
            picture=PictureOut(
                **asdict(picture), url=f"/api/v1/cameras/{picture.camera}/picture?id={picture.picture}"
            )
            if picture
            else None,
            waiting_since=waiting.since if waiting else None,
            leader_at=limits.due_at(Step.LEADER, waiting.since) if waiting else None,
            commander_at=limits.due_at(Step.COMMANDER, waiting.since) if waiting else None,
            called=list(waiting.steps) if waiting else [],
        )

    return router
