"""Alarms: list, history, acknowledge, shelve."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from alerts.acknowledge import acknowledge
from alerts.notices import Wording
from alerts.reset import reset
from alerts.second_person import Proposal, propose
from alerts.shelve import needs_second, shelve, unshelve
from alerts.unacknowledge import unacknowledge
from alerts.verify import decide
from app.api.asking import Done, ExerciseCode, Limit, Who, act_in, actor, problems, see_area
from core.alarms import Alarm, AlarmClass, AlarmState
from core.errors import ForbiddenError
from core.requests import RequestKind
from core.roles import Act
from core.severity import Severity
from store import alarms as store

if TYPE_CHECKING:
    from app.context import AppContext


class AlarmOut(BaseModel):
    """One alarm (告警); open while `closed_at` is null."""

    id: int
    alarm_class: AlarmClass = Field(serialization_alias="class")
    subject_kind: str
    subject: str
    station: str | None
    property: str | None
    area: str | None
    rule: str
    rule_version: int
    exercise: str | None
    severity: Severity | None = Field(description="the present one; null for equipment, or when returned")
    highest_severity: Severity | None
    state: AlarmState = Field(description="as ISA-18.2 names them")
    raised_at: datetime
    observed_at: datetime | None = Field(description="observation time that last moved it")
    returned_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    value: float | None
    threshold: float | None
    threshold_name: str | None
    shelved_until: datetime | None
    shelved_reason: str | None
    to_verify: bool = Field(description="待核实: raised by a suspect value that no good one confirmed yet")


class AlarmEventOut(BaseModel):
    """One line of an alarm's history."""

    at: datetime
    kind: str
    state: AlarmState
    severity: Severity | None
    value: float | None
    threshold: float | None
    observed_at: datetime | None
    received_at: datetime | None
    actor: str
    late: bool
    detail: dict[str, Any]


class AlarmDetail(AlarmOut):
    """An alarm with its whole history, oldest first."""

    events: list[AlarmEventOut]


class Note(BaseModel):
    """What the person adds."""

    note: str = Field("", max_length=500)


class Heard(Note):
    """What the person adds, and what was heard."""

    seen: Severity | None = Field(
        None,
        description="as what you saw it (severity, else priority): what is worse by now stays unacknowledged",
    )


class Verdict(BaseModel):
    """属实 or 排除, and how that is known."""

    verdict: bool = Field(description="true: what the doubtful readings say is so; false: it is not")
    reason: str = Field(min_length=1, max_length=500)


class Decision(Done):
    """The decision stands; so many readings were confirmed or voided by it."""

    values: int


class Reason(BaseModel):
    """Why the person does it."""

    reason: str = Field(min_length=1, max_length=500)


class Shelf(BaseModel):
    """Until when an alarm is put aside, and why."""

    until: AwareDatetime = Field(description="at most 12 hours ahead")
    reason: str = Field(min_length=1, max_length=500)


class Shelved(Done):
    """`done` is false where a second person must allow it first: `request` is what waits for that."""

    request: int | None = None


def alarm_routes(context: AppContext) -> APIRouter:
    """GET alarms, alarms/{id}; POST acknowledge, shelve, unshelve."""
    router = APIRouter(tags=["alarms"])

    @router.get("/alarms", responses=problems())
    def alarms(
        who: Who,
        exercise: ExerciseCode = None,
        open: Annotated[bool, Query(description="only open ones")] = True,
        station: Annotated[str | None, Query(description="of one station")] = None,
        severity: Annotated[list[Severity] | None, Query(description="of these severities")] = None,
        state: Annotated[list[AlarmState] | None, Query(description="in these states")] = None,
        since: Annotated[AwareDatetime | None, Query(description="raised at or after")] = None,
        limit: Limit = 1000,
    ) -> list[AlarmOut]:
        """Alarms of your area: open ones first, then the most severe, then the newest."""
        with context.transaction() as connection:
            found = store.list_alarms(
                connection, exercise=exercise, area=who.area, only_open=open, station=station,
                severities=severity, states=state, since=since, limit=limit,
            )  # fmt: skip
        return [_out(line.alarm) for line in found]

    @router.get("/alarms/{id}", responses=problems(404))
    def alarm(who: Who, id: int) -> AlarmDetail:
        """One alarm with its history."""
        with context.transaction() as connection:
            found = store.get(connection, id)
            see_area(connection, who, found.area, f"alarm {id}")
            events = store.events(connection, id)
        return AlarmDetail(
            **_out(found).model_dump(), events=[AlarmEventOut(**asdict(event)) for event in events]
        )

    @router.post("/alarms/{id}/acknowledge", responses=problems(403, 404, 409))
    def acknowledge_alarm(who: Who, id: int, said: Heard | None = None) -> Done:
        """确认: you have heard it. Calls that are still going out for it stop."""
        said = said or Heard(note="", seen=None)
        with context.transaction() as connection:
            act_in(connection, who, Act.ACKNOWLEDGE, store.get(connection, id).area, f"alarm {id}")
            acknowledge(connection, id, actor=who.name, at=context.clock(), note=said.note, told=said.seen)
        return Done()

    @router.post("/alarms/{id}/decide", responses=problems(403, 404, 409, 422))
    def decide_alarm(who: Who, id: int, decided: Verdict) -> Decision:
        """待核实: 属实 keeps the alarm and confirms its doubtful readings, 排除 voids them and has it judged anew.

        You have heard the alarm then: it is acknowledged. Restoring the readings takes the decision back.
        """
        with context.transaction() as connection:
            area = store.get(connection, id).area
            act_in(connection, who, Act.ACKNOWLEDGE, area, f"alarm {id}")
            act_in(connection, who, Act.CORRECT_VALUE, area, f"alarm {id}")
            if who.kiosk:
                raise ForbiddenError("a person decides, who answers for it: a token or a wall cannot")
            found = decide(
                connection, id, decided.verdict, decided.reason, actor=who.name, at=context.clock()
            )
        return Decision(values=found.values)

    @router.post("/alarms/{id}/unacknowledge", responses=problems(403, 404, 409, 422))
    def unacknowledge_alarm(who: Who, id: int, why: Reason) -> Done:
        """取消确认: it was acknowledged in error, or nobody sees to it any more. People are called again."""
        with context.transaction() as connection:
            act_in(connection, who, Act.ACKNOWLEDGE, store.get(connection, id).area, f"alarm {id}")
            unacknowledge(
                connection, id, actor=who.name, at=context.clock(), reason=why.reason,
                wording=Wording(context.settings.language, context.settings.time_zone),
            )  # fmt: skip
        return Done()

    @router.post("/alarms/{id}/reset", responses=problems(403, 404, 409, 422))
    def reset_alarm(who: Who, id: int, why: Reason) -> Done:
        """复位, by the leader: a latched alarm (danger at works) is over, and somebody has seen to that."""
        with context.transaction() as connection:
            act_in(connection, who, Act.CHECK_ORDER, store.get(connection, id).area, f"alarm {id}")
            if who.kiosk:
                raise ForbiddenError("a person resets, who answers for it: a token or a wall cannot")
            reset(connection, id, actor=who.name, at=context.clock(), reason=why.reason)
        return Done()

    @router.post("/alarms/{id}/shelve", responses=problems(403, 404, 409, 422))
    def shelve_alarm(who: Who, id: int, shelf: Shelf) -> Shelved:
        """搁置: put aside for a while, with a reason; it comes back by itself.

        What is or was red is only proposed by it, by the leader: a second person must allow it (`/requests`).
        """
        until, now = shelf.until.astimezone(UTC), context.clock()
        with context.transaction() as connection:
            alarm = store.get(connection, id)
            act_in(connection, who, Act.SHELVE, alarm.area, f"alarm {id}")
            if needs_second(alarm) and who.may(Act.CHECK_ORDER):
                if who.kiosk:
                    raise ForbiddenError("red is shelved by two persons: a token or wall screen is none")
                proposal = Proposal(RequestKind.SHELVE_RED, f"alarm/{id}", shelf.reason, until)
                return Shelved(done=False, request=propose(connection, proposal, actor(who), at=now))
            shelve(
                connection, id, actor=who.name, at=now, until=until, reason=shelf.reason,
                leader=who.may(Act.CHECK_ORDER),
            )  # fmt: skip
        return Shelved()

    @router.post("/alarms/{id}/unshelve", responses=problems(403, 404, 409))
    def unshelve_alarm(who: Who, id: int, said: Note | None = None) -> Done:
        """Takes it off the shelf before its time. If the danger stands, people are called again."""
        with context.transaction() as connection:
            act_in(connection, who, Act.SHELVE, store.get(connection, id).area, f"alarm {id}")
            unshelve(
                connection, id, actor=who.name, at=context.clock(), note=said.note if said else "",
                wording=Wording(context.settings.language, context.settings.time_zone),
            )  # fmt: skip
        return Done()

    return router


def _out(alarm: Alarm) -> AlarmOut:
    known = asdict(alarm)
    return AlarmOut(**{name: known[name] for name in AlarmOut.model_fields})
