"""Shifts and chains as people edit them: looked at with what would follow, and kept."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from alerts import duty
from alerts.callees import ALL_AT_ONCE, callees
from app.api.asking import Done, Who, actor, problems, see_area
from app.api.duty_acts import Code, Position, person_only
from app.api.duty_records import (
    CalleesOut,
    ClashOut,
    GapOut,
    TurnOut,
    callees_told,
    clash_out,
    gap_out,
    known_persons,
    turn_out,
)
from core.alarms import AlarmClass
from core.call_chains import NEVER_QUIET, CallChain, member_of, quiet_hours
from core.duty import Shift
from core.errors import InputError
from core.orders import Channel
from core.severity import Severity
from store.duty import presence

if TYPE_CHECKING:
    from app.context import AppContext

Text = Annotated[str, Field(min_length=1, max_length=200)]
Seen = Annotated[
    AwareDatetime | None, Field(description="`set_at` of what was seen and is changed; null makes a new one")
]


class ShiftIn(BaseModel):
    """A shift as a person would have it."""

    code: Code
    name: Text
    area: Code
    position: Position = "duty"
    starts: time = Field(description="local time of day")
    ends: time = Field(description="not later than `starts`: on the next day")
    days: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        max_length=7, description="on which it begins, 1 is Monday"
    )
    first_day: date
    rota: list[Annotated[list[Code], Field(max_length=50)]] = Field(
        max_length=200, description="who has it, turn by turn and then from the beginning; persons of one entry are there together"
    )  # fmt: skip
    active: bool = True
    seen: Seen = None

    def shift(self) -> Shift:
        """As the room of duty takes it."""
        return Shift(
            self.code, self.name.strip(), self.area, self.position,
            self.starts.replace(second=0, microsecond=0, tzinfo=None),
            self.ends.replace(second=0, microsecond=0, tzinfo=None), tuple(sorted(set(self.days))), self.first_day,
            tuple(tuple(dict.fromkeys(entry)) for entry in self.rota), self.active,
        )  # fmt: skip


class ShiftSaved(BaseModel):
    """How many coming turns were taken off, where the shift was taken out of use."""

    removed: int


class OutlookOut(BaseModel):
    """The desk's next 14 days if the shift were kept and its turns made."""

    turns: list[TurnOut]
    gaps: list[GapOut]
    clashes: list[ClashOut]


class ChainIn(BaseModel):
    """A chain as a person would have it."""

    code: Code
    name: Text
    area: Code
    hazard: AlarmClass | None = Field(None, description="null: every hazard")
    least: Severity | None = Field(None, description="from this severity on; null: every one")
    members: list[Annotated[str, Field(max_length=200)]] = Field(
        max_length=100, description="duty, leader, duty@AREA, post:NAME, post:NAME:AB, person:CODE"
    )
    channels: list[Channel] | None = Field(None, max_length=10, description="null: as the severity asks")
    quiet: str | None = Field(
        None, max_length=20, description="22:00-07:00, never, or null: as the setting says"
    )
    active: bool = True
    source: Text = Field(description="which plan says so")
    seen: Seen = None

    def chain(self) -> CallChain:
        """As the room of duty takes it. Raises InputError."""
        unusable = [one for one in self.channels or () if one not in ALL_AT_ONCE]
        if unusable:
            raise InputError("bad_channel", f"{unusable[0]} is no channel of a chain")
        try:
            quiet = quiet_hours(NEVER_QUIET if self.quiet == "never" else self.quiet or "")
        except ValueError:
            raise InputError(
                "bad_quiet", f"{self.quiet!r} are no hours; write 22:00-07:00, or never"
            ) from None
        return CallChain(
            self.code, self.name.strip(), self.area, self.hazard, self.least,
            tuple(dict.fromkeys(member_of(one) for one in self.members)),
            tuple(one for one in ALL_AT_ONCE if one in self.channels) if self.channels else None,
            quiet, self.active, self.source.strip(),
        )  # fmt: skip


class ChainTrial(BaseModel):
    """A chain, and the alarm for which it is tried; without `at` now."""

    chain: ChainIn
    hazard: AlarmClass
    area: Code
    severity: Literal["red", "orange", "yellow", "blue"] | None = None
    at: AwareDatetime | None = None


class ChainTried(BaseModel):
    """Who would be called now, and with the chain. Nobody is."""

    now: CalleesOut
    then: CalleesOut


def duty_plan_routes(context: AppContext) -> APIRouter:
    """POST shifts, chains, and their previews."""
    router = APIRouter(tags=["duty"])
    _shifts(router, context)
    _chains(router, context)
    return router


def _shifts(router: APIRouter, context: AppContext) -> None:
    @router.post("/duty/shifts/preview", responses=problems(403, 404, 409, 422))
    def look(who: Who, entry: ShiftIn) -> OutlookOut:
        """The desk's next 14 days with this shift. Writes nothing."""
        person_only(who)
        at = context.clock()
        shift = entry.shift()
        with context.transaction() as connection:
            see_area(connection, who, shift.area, f"area {shift.area}")
            found = duty.look_at_shift(connection, actor(who), shift, zone=context.settings.time_zone, at=at)
            absences = presence(connection, at, at + duty.OUTLOOK)
            known = known_persons(connection, found.turns, absences)
        return OutlookOut(
            turns=[turn_out(one, absences, known, max(one.starts, at)) for one in found.turns],
            gaps=[gap_out(one) for one in found.gaps],
            clashes=[clash_out(one, known) for one in found.clashes],
        )

    @router.post("/duty/shifts", responses=problems(403, 404, 409, 422))
    def keep(who: Who, entry: ShiftIn) -> ShiftSaved:
        """Makes or changes a shift. Its turns are made separately."""
        person_only(who)
        shift = entry.shift()
        with context.transaction() as connection:
            see_area(connection, who, shift.area, f"area {shift.area}")
            removed = duty.save_shift(connection, actor(who), shift, seen=entry.seen, at=context.clock())
        return ShiftSaved(removed=removed)


def _chains(router: APIRouter, context: AppContext) -> None:
    @router.post("/duty/chains/preview", responses=problems(403, 404, 409, 422))
    def look(who: Who, trial: ChainTrial) -> ChainTried:
        """Who would be called for an alarm without and with this chain, step by step. Writes nothing, calls nobody."""
        person_only(who)
        at = trial.at or context.clock()
        chain = trial.chain.chain()
        alerts = context.settings.alerts
        with context.transaction() as connection:
            see_area(connection, who, chain.area, f"area {chain.area}")
            see_area(connection, who, trial.area, f"area {trial.area}")
            duty.check_chain(connection, actor(who), chain)
            found = [
                callees(
                    connection, hazard=trial.hazard, area=trial.area,
                    severity=Severity(trial.severity) if trial.severity else None, at=at, exercise=None,
                    zone=context.settings.time_zone, quiet=quiet_hours(alerts.quiet_hours), trial=tried,
                )
                for tried in (None, chain)
            ]  # fmt: skip
            now, then = (callees_told(connection, one, at) for one in found)
        return ChainTried(now=now, then=then)

    @router.post("/duty/chains", responses=problems(403, 404, 409, 422))
    def keep(who: Who, entry: ChainIn) -> Done:
        """Makes or changes a chain: it decides from the next alarm on."""
        person_only(who)
        chain = entry.chain()
        with context.transaction() as connection:
            see_area(connection, who, chain.area, f"area {chain.area}")
            duty.save_chain(connection, actor(who), chain, seen=entry.seen, at=context.clock())
        return Done()
