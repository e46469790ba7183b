"""Silences: what is muted, by whom, until when; preview before one is made; ended early."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from alerts import second_person
from alerts import silences as acts
from app.api.asking import Done, ExerciseCode, Limit, Who, actor, problems, see_area
from core.alarms import AlarmClass
from core.requests import RequestKind
from core.severity import Severity
from core.silences import Matchers, Silence
from store import alarms as alarm_store
from store import silences as store

if TYPE_CHECKING:
    from app.context import AppContext


class MatchersIn(BaseModel):
    """What is muted: all that are given must fit, and at least one of hazard, rule, area, station is."""

    exercise: str | None = Field(None, max_length=64)
    hazard: AlarmClass | None = None
    rule: str | None = Field(None, max_length=64, description="code of a rule")
    area: str | None = Field(None, max_length=64, description="with everything below it")
    station: str | None = Field(None, max_length=64)
    most: Severity | None = Field(
        Severity.ORANGE, description="the worst that is muted; red or null needs a second person"
    )

    def matchers(self) -> Matchers:
        """As the alarm room knows them; an empty text is none."""
        return Matchers(
            self.exercise or None,
            self.hazard,
            self.rule or None,
            self.area or None,
            self.station or None,
            self.most,
        )


class SilenceIn(MatchersIn):
    """A silence to be made."""

    starts_at: AwareDatetime | None = Field(None, description="now, without one")
    ends_at: AwareDatetime = Field(description="at most 12 hours ahead")
    reason: str = Field(min_length=1, max_length=300)


class Muted(BaseModel):
    """An open alarm that a silence fits."""

    id: int
    subject: str
    station: str | None
    station_name: str | None
    station_name_en: str | None
    rule: str
    severity: Severity | None
    state: str


class SilenceOut(BaseModel):
    """A silence (静默)."""

    id: int
    exercise: str | None
    hazard: AlarmClass | None
    rule: str | None
    area: str | None
    station: str | None
    most: Severity | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    author: str
    second: str | None = Field(description="who allowed it, where it may mute red")
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    active: bool = Field(description="whether it mutes now")
    alarms: int = Field(description="open alarms that it fits now; 0 once it is over")


class SilenceMade(Done):
    """`done` is false where a second person must allow it first: `request` is what waits for that."""

    silence: int | None = None
    request: int | None = None


def silence_routes(context: AppContext) -> APIRouter:
    """GET silences; POST silences, preview, end."""
    router = APIRouter(tags=["silences"])

    @router.get("/silences", responses=problems())
    def silences(
        who: Who,
        exercise: ExerciseCode = None,
        over: Annotated[bool, Query(description="those that are over too")] = False,
        limit: Limit = 100,
    ) -> list[SilenceOut]:
        """Silences of your area and of the whole county: what mutes now first."""
        at = context.clock()
        with context.transaction() as connection:
            found = store.silences(connection, at, exercise=exercise, within=who.area, over=over, limit=limit)
            return [
                _out(one, at, 0 if one.is_over(at) else len(store.matched(connection, one.matchers)))
                for one in found
            ]

    @router.post("/silences/preview", responses=problems(403, 404, 422))
    def preview(who: Who, wanted: MatchersIn) -> list[Muted]:
        """The open alarms that would be muted, the worst first. Writes nothing."""
        matchers = wanted.matchers()
        with context.transaction() as connection:
            area = acts.lies_in(connection, matchers)
            if area is not None:
                see_area(connection, who, area, f"area {area}")
            found = store.matched(connection, matchers)
            lines = {
                line.alarm.id: line
                for line in alarm_store.list_alarms(
                    connection, exercise=matchers.exercise, area=who.area, limit=10_000
                )
            }
        return [
            Muted(
                id=number,
                subject=lines[number].alarm.subject,
                station=lines[number].alarm.station,
                station_name=lines[number].station_name,
                station_name_en=lines[number].station_name_en,
                rule=lines[number].alarm.rule,
                severity=lines[number].alarm.severity,
                state=lines[number].alarm.state,
            )
            for number in found
            if number in lines
        ]

    @router.post("/silences", status_code=201, responses=problems(403, 404, 409, 422))
    def make(who: Who, wanted: SilenceIn) -> SilenceMade:
        """Mutes them; what may mute red is proposed to a second person instead."""
        matchers = wanted.matchers()
        at = context.clock()
        until = wanted.ends_at.astimezone(UTC)
        with context.transaction() as connection:
            if matchers.mutes_red:
                proposal = second_person.Proposal(
                    RequestKind.SILENCE_RED,
                    acts.subject_of(matchers),
                    wanted.reason.strip(),
                    until,
                    acts.detail_of(matchers),
                )
                request = second_person.propose(connection, proposal, actor(who), at=at)
                return SilenceMade(done=False, request=request)
            made = acts.silence(
                connection,
                matchers,
                by=actor(who),
                at=at,
                since=wanted.starts_at.astimezone(UTC) if wanted.starts_at else None,
                until=until,
                reason=wanted.reason,
            )
        return SilenceMade(silence=made)

    @router.post("/silences/{id}/end", responses=problems(403, 404, 409))
    def end(who: Who, id: int) -> Done:
        """Ends it now: people are called for what still is not acknowledged."""
        with context.transaction() as connection:
            area = acts.lies_in(connection, store.silence(connection, id).matchers)
            if area is not None:
                see_area(connection, who, area, f"silence {id}")
            acts.end_silence(connection, id, by=actor(who), at=context.clock())
        return Done()

    return router


def _out(one: Silence, at: datetime, alarms: int) -> SilenceOut:
    matchers = one.matchers
    return SilenceOut(
        id=one.id,
        exercise=matchers.exercise,
        hazard=matchers.hazard,
        rule=matchers.rule,
        area=matchers.area,
        station=matchers.station,
        most=matchers.most,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        reason=one.reason,
        author=one.author,
        second=one.second,
        made_at=one.made_at,
        ended_at=one.ended_at,
        ended_by=one.ended_by,
        active=one.is_active(at),
        alarms=alarms,
    )
