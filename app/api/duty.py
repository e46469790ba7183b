"""Duty: who is on now and next, gaps, who is away, chains and who would be called."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query

from alerts.callees import callees
from app.api.asking import ExerciseCode, Who, problems, see_area
from app.api.duty_records import (
    AbsenceOut,
    CalleesOut,
    ChainOut,
    ClashOut,
    DeskOut,
    DutyOut,
    GapOut,
    OwedOut,
    PersonOut,
    ShiftOut,
    TurnOut,
    absence_out,
    callees_told,
    clash_out,
    gap_out,
    known_persons,
    person_out,
    turn_out,
)
from core.alarms import AlarmClass
from core.call_chains import quiet_hours
from core.duty import clashes, gaps
from core.errors import InputError
from core.severity import Severity
from store import call_chains, duty, handovers, people
from store.areas import top_area

if TYPE_CHECKING:
    from psycopg import Connection

    from app.context import AppContext

AHEAD = timedelta(days=14)
"""So far ahead gaps and clashes are looked for."""
AreaCode = Annotated[str | None, Query(max_length=64, description="this area and all below it")]


def duty_routes(context: AppContext) -> APIRouter:
    """GET duty and what belongs to it."""
    router = APIRouter(tags=["duty"])
    _now(router, context)
    _lists(router, context)
    _dry_run(router, context)
    return router


def _now(router: APIRouter, context: AppContext) -> None:
    @router.get("/duty", responses=problems())
    def now(who: Who) -> DutyOut:
        """Who is on duty now and next, gaps and clashes of the next 14 days, hand-overs that are owed."""
        at = context.clock()
        with context.transaction() as connection:
            scene = _Scene(connection, at, who.area)
            owed = handovers.overdue(
                connection, at, context.settings.alerts.handover_minutes, within=who.area
            )
        return DutyOut(
            at=at, desks=scene.desks(), gaps=scene.gaps(), clashes=scene.clashes(),
            owed=[OwedOut(**asdict(one)) for one in owed],
        )  # fmt: skip


def _lists(router: APIRouter, context: AppContext) -> None:
    @router.get("/duty/roster", responses=problems(422))
    def roster(
        who: Who,
        since: Annotated[datetime, Query(description="with an offset")],
        until: Annotated[datetime, Query(description="at most 62 days later")],
        area: AreaCode = None,
    ) -> list[TurnOut]:
        """Turns that touch the span, by begin."""
        if not (since.tzinfo and until.tzinfo) or not timedelta(0) < until - since <= timedelta(days=62):
            raise InputError("bad_span", "give a span with offsets, at most 62 days long")
        with context.transaction() as connection:
            if area is not None:
                see_area(connection, who, area, "area")
            turns = duty.turns(connection, since, until, within=area or who.area)
            absences = duty.presence(connection, since, until)
            known = known_persons(connection, turns, absences)
        return [turn_out(one, absences, known, one.starts) for one in turns]

    @router.get("/duty/absences", responses=problems())
    def absences(who: Who) -> list[AbsenceOut]:
        """Who is away now or within the next 60 days, and who stands in."""
        at = context.clock()
        with context.transaction() as connection:
            found = duty.absences(connection, at, at + timedelta(days=60))
            inside = {one.code for one in people.persons(connection, within=who.area)}
            known = known_persons(connection, [], found)
        return [absence_out(one, known) for one in found if one.person in inside]

    @router.get("/duty/persons", responses=problems())
    def persons(who: Who) -> list[PersonOut]:
        """Persons in use who can be entered, by area and code."""
        with context.transaction() as connection:
            found = people.persons(connection, within=who.area)
        return [person_out(one) for one in sorted(found, key=lambda one: (one.area, one.code)) if one.active]

    @router.get("/duty/shifts", responses=problems())
    def shifts(who: Who) -> list[ShiftOut]:
        """Shifts and until when turns were made from them."""
        with context.transaction() as connection:
            found = duty.shifts(connection, within=who.area)
            made = duty.made_until(connection)
            stamps = duty.shift_stamps(connection)
        return [
            ShiftOut(
                **asdict(one)
                | {
                    "starts": f"{one.starts:%H:%M}", "ends": f"{one.ends:%H:%M}",
                    "first_day": one.first_day.isoformat(), "made_until": made.get(one.code),
                    "set_by": stamps[one.code].by, "set_at": stamps[one.code].at,
                }
            )
            for one in found
        ]  # fmt: skip

    @router.get("/duty/chains", responses=problems())
    def chains(who: Who) -> list[ChainOut]:
        """Chains of whom to call, those in use and not."""
        with context.transaction() as connection:
            found = call_chains.call_chains(connection, within=who.area)
            stamps = call_chains.stamps(connection)
        return [
            ChainOut(
                code=one.code, name=one.name, area=one.area, hazard=one.hazard, least=one.least,
                members=[str(member) for member in one.members],
                channels=[str(channel) for channel in one.channels] if one.channels is not None else None,
                quiet=f"{one.quiet.start:%H:%M}-{one.quiet.to:%H:%M}" if one.quiet else None,
                active=one.active, source=one.source, set_by=stamps[one.code].by, set_at=stamps[one.code].at,
            )
            for one in found
        ]  # fmt: skip


def _dry_run(router: APIRouter, context: AppContext) -> None:
    @router.get("/duty/callees", responses=problems(404))
    def would_be_called(
        who: Who,
        hazard: Annotated[AlarmClass, Query(description="class of the alarm")],
        area: Annotated[str | None, Query(max_length=64, description="default: the county")] = None,
        severity: Annotated[
            Literal["red", "orange", "yellow", "blue"] | None, Query(description="none: without colour")
        ] = None,
        at: Annotated[datetime | None, Query(description="with an offset; default now")] = None,
        exercise: ExerciseCode = None,
    ) -> CalleesOut:
        """Who would be called for an alarm, with every step of the decision. Calls nobody."""
        moment = at or context.clock()
        if moment.tzinfo is None:
            raise InputError("bad_time", "give the time with an offset, as 2026-07-01T03:00:00+08:00")
        with context.transaction() as connection:
            asked = area or who.area or top_area(connection)
            see_area(connection, who, asked, "area") if asked is not None else None
            found = callees(
                connection, hazard=hazard, area=asked, severity=Severity(severity) if severity else None, at=moment,
                exercise=exercise, zone=context.settings.time_zone,
                quiet=quiet_hours(context.settings.alerts.quiet_hours),
            )  # fmt: skip
            return callees_told(connection, found, moment)


class _Scene:
    """The desks of an area with their turns of the next 14 days."""

    def __init__(self, connection: Connection[tuple[object, ...]], at: datetime, area: str | None) -> None:
        self._at = at
        self._desks = duty.desks(connection, at, within=area)
        self._turns = duty.turns(connection, at, at + AHEAD, within=area)
        self._absences = duty.presence(connection, at, at + AHEAD)
        self._known = known_persons(connection, self._turns, self._absences)

    def desks(self) -> list[DeskOut]:
        return [self._desk(one) for one in self._desks]

    def _desk(self, desk: duty.Desk) -> DeskOut:
        own = [one for one in self._turns if one.area == desk.area]
        now = [turn_out(one, self._absences, self._known, self._at) for one in own if one.starts <= self._at]
        later = [one for one in own if one.starts > self._at]
        first = {position: min((one.starts for one in later if one.position == position), default=None)
                 for position in ("duty", "leader")}  # fmt: skip
        coming = [turn_out(one, self._absences, self._known, one.starts) for one in later
                  if one.starts == first[one.position]]  # fmt: skip
        listed = "duty" in desk.positions
        return DeskOut(
            area=desk.area, name=desk.name, name_en=desk.name_en, kind=desk.kind, signs_in=desk.signs_in, now=now,
            next=coming, unlisted=not listed,
            empty=listed and not any(one.there and one.position == "duty" for one in now),
        )  # fmt: skip

    def gaps(self) -> list[GapOut]:
        wanted = [(desk.area, position) for desk in self._desks for position in desk.positions]
        found = gaps(self._turns, self._absences, wanted, self._at, self._at + AHEAD)
        return [gap_out(one) for one in sorted(found, key=lambda one: one.starts)]

    def clashes(self) -> list[ClashOut]:
        found = clashes(self._turns, self._absences, self._at, self._at + AHEAD)
        return [clash_out(one, self._known) for one in found]
