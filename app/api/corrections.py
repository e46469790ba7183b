"""Values that persons correct (更正), confirm (属实), void (作废) or restore: look first, then act on what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from psycopg import Connection
from pydantic import AwareDatetime, BaseModel, Field

from alerts.corrections import correct_values
from app.api.asking import ExerciseCode, Limit, Who, act_in, problems, see_area
from core.corrections import Correction, CorrectionAct
from core.errors import ForbiddenError, InputError
from core.observations import Observation
from core.roles import Act
from store import correction_history as history
from store import corrections as store

if TYPE_CHECKING:
    from app.auth.identity import SignedIn
    from app.context import AppContext

LISTED = 200
"""Changes that a preview shows one by one."""

_SAID = {
    CorrectionAct.CORRECT: "更正: a new `value`, or a `shift` that is added to every value of the range.",
    CorrectionAct.CONFIRM: "属实: a doubtful value is true. It counts as good from then on.",
    CorrectionAct.VOID: "作废: a value is false. It is kept, but moves no alarm, sum or newest value any more.",
    CorrectionAct.RESTORE: "恢复: takes persons' acts back; what the machine last said holds again.",
}


class Values(BaseModel):
    """Values of one series: those at `from`, at `to` and between them; one value where both are the same."""

    station: str = Field(max_length=64)
    property: str = Field(max_length=64)
    sensor: int = Field(1, ge=0, le=32_767)
    period_s: int = Field(0, ge=0, le=2_147_483_647, description="accumulation period of a total, else 0")
    exercise: str | None = Field(None, max_length=64)
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    value: float | None = Field(None, description="only to correct: the right value")
    shift: float | None = Field(None, description="only to correct: what is added to every value")


class Intended(Values):
    """What a person thinks of doing."""

    act: CorrectionAct


class Decided(Values):
    """What a person has decided, on what was seen."""

    seen: str = Field(max_length=64, description="the `stamp` of the preview that the person saw")
    reason: str = Field(min_length=1, max_length=400, description="why; it stands in the history for good")


class State(BaseModel):
    """A value and how good it is."""

    value: float | None
    quality: int
    reason: str


class Value(State):
    """A value, and who vouches for it (null: the machine alone)."""

    by: str | None


class Change(BaseModel):
    """One value before and after."""

    time: datetime
    old: Value
    new: Value


class Prospect(BaseModel):
    """What would change. Act under `stamp`; it no longer holds once any of the values is another."""

    count: int = Field(description="values in the range")
    changed: int = Field(description="of them, how many the act would change")
    changes: list[Change] = Field(description=f"the first {LISTED} of those")
    stamp: str


class Acted(BaseModel):
    """The act is done; `repeated` if this very request had done it already."""

    id: int
    changed: int
    repeated: bool


class Revision(Value):
    """A value that was received for the same time and does not hold now."""

    received_at: datetime
    source: str
    replaced_at: datetime


class ValueAct(BaseModel):
    """What a person did to one value: who, when, why, and the value before and after."""

    id: int
    at: datetime
    actor: str
    act: CorrectionAct
    reason: str
    old: State
    new: State


class Past(BaseModel):
    """All that is known of one value."""

    present: Value
    source: str
    received_at: datetime
    revisions: list[Revision]
    acts: list[ValueAct]


class ActLine(BaseModel):
    """One act upon a series."""

    id: int
    at: datetime
    actor: str
    act: CorrectionAct
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
    from_time: datetime
    to_time: datetime
    value: float | None
    shift: float | None
    reason: str
    changed: int


def correction_routes(context: AppContext) -> APIRouter:
    """POST observations/preview, correct, confirm, void, restore; GET observations/revisions, corrections."""
    router = APIRouter(tags=["observations"])

    @router.post("/observations/preview", responses=problems(403, 404, 409, 422))
    def preview_values(who: Who, asked: Intended) -> Prospect:
        """What an act would change, value by value. Changes nothing."""
        with context.transaction() as connection:
            series = _series(connection, who, asked)
            found = store.preview(connection, series, *_range(asked), _correction(asked.act, asked), who.name)
        return Prospect(
            count=found.count,
            changed=len(found.changes),
            changes=[_change(old, new) for old, new in found.changes[:LISTED]],
            stamp=found.stamp,
        )

    for act in CorrectionAct:
        router.add_api_route(
            f"/observations/{act}", _acting(context, act), methods=["POST"], description=_SAID[act],
            name=f"{act}_values", summary=f"{act.capitalize()} values", responses=problems(403, 404, 409, 422),
        )  # fmt: skip

    @router.get("/observations/revisions", responses=problems(404, 422))
    def revisions(
        who: Who,
        station: Annotated[str, Query(max_length=64, description="its code")],
        property: Annotated[str, Query(max_length=64, description="such as water_level, rainfall")],
        time: Annotated[AwareDatetime, Query(description="of the observation, exactly")],
        sensor: Annotated[int, Query(ge=0, le=32_767, description="number of the sensor")] = 1,
        period_s: Annotated[int, Query(ge=0, description="period of a total; 0 at an instant")] = 0,
        exercise: ExerciseCode = None,
    ) -> Past:
        """What holds at one time, everything else that was received for it, and what persons did to it."""
        with context.transaction() as connection:
            series = store.target(connection, station, property, sensor, period_s, exercise)
            see_area(connection, who, series.area, f"station {station!r}")
            held, kept, acts = history.revisions(connection, series, time.astimezone(UTC))
        return Past(
            present=_value(held),
            source=held.source,
            received_at=held.received_at,
            revisions=[Revision(**asdict(one)) for one in kept],
            acts=[_value_act(one) for one in acts],
        )

    @router.get("/observations/corrections", responses=problems())
    def corrections(
        who: Who,
        station: Annotated[str | None, Query(max_length=64, description="of one station")] = None,
        exercise: ExerciseCode = None,
        limit: Limit = 100,
    ) -> list[ActLine]:
        """What persons did to the values of your area, the newest first."""
        with context.transaction() as connection:
            found = history.acts(connection, station=station, exercise=exercise, area=who.area, limit=limit)
        return [ActLine(**asdict(one)) for one in found]

    return router


def _acting(context: AppContext, act: CorrectionAct) -> Callable[..., Acted]:
    def done(who: Who, decided: Decided) -> Acted:
        reason = decided.reason.strip()
        if not reason:
            raise InputError("reason_missing", "say why: the reason stands in the history for good")
        with context.transaction() as connection:
            series = _series(connection, who, decided)
            acted = correct_values(
                connection, series, *_range(decided), _correction(act, decided),
                seen=decided.seen, by=who.name, reason=reason, at=context.clock(),
            )  # fmt: skip
        return Acted(id=acted.id, changed=acted.changed, repeated=acted.repeated)

    return done


def _series(connection: Connection[Any], who: SignedIn, asked: Values) -> store.Target:
    series = store.target(
        connection, asked.station, asked.property, asked.sensor, asked.period_s, asked.exercise
    )
    act_in(connection, who, Act.CORRECT_VALUE, series.area, f"station {asked.station!r}")
    if who.kiosk:
        raise ForbiddenError("a value is corrected by a person, who answers for it: a token or a wall cannot")
    return series


def _range(asked: Values) -> tuple[datetime, datetime]:
    return asked.since.astimezone(UTC), asked.until.astimezone(UTC)


def _correction(act: CorrectionAct, asked: Values) -> Correction:
    return Correction(act, asked.value, asked.shift)


def _value(entry: Observation) -> Value:
    return Value(value=entry.value, quality=entry.quality, reason=entry.reason, by=entry.by)


def _change(old: Observation, new: Observation) -> Change:
    return Change(time=old.time, old=_value(old), new=_value(new))


def _value_act(one: history.ValueAct) -> ValueAct:
    return ValueAct(
        id=one.id,
        at=one.at,
        actor=one.actor,
        act=CorrectionAct(one.act),
        reason=one.said,
        old=State(value=one.old_value, quality=one.old_quality, reason=one.old_reason),
        new=State(value=one.new_value, quality=one.new_quality, reason=one.new_reason),
    )
