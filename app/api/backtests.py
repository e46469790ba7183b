"""Back-tests: what would this rule have done over stored data?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from alerts.backtest.reading import check_places
from alerts.backtest.spec import Change, Spec
from app.api.asking import Done, Who, problems
from app.auth.identity import SignedIn
from core.errors import ConflictError, ForbiddenError, NotFoundError
from core.roles import Act
from core.severity import Severity
from store import backtests as store
from store.backtests import Backtest

if TYPE_CHECKING:
    from app.context import AppContext


class TriedLimit(BaseModel):
    """A limit to try. `value` null takes it away; other fields left out stay as they are."""

    name: str = Field(min_length=1, max_length=60)
    value: float | None
    season_from: str | None = Field(None, pattern=r"^[0-9]{4}$")
    season_to: str | None = Field(None, pattern=r"^[0-9]{4}$")
    period_s: int = Field(0, ge=0, le=86_400 * 30)
    severity: Severity | None = None
    deadband: float | None = Field(None, ge=0, le=1000)
    on_delay_s: int | None = Field(None, ge=0, le=86_400)
    off_delay_s: int | None = Field(None, ge=0, le=86_400)
    default_delays: bool = Field(False, description="a delay that is null is that of the severity")


class Asked(BaseModel):
    """What to try over which range; without stations, all that the rule is for."""

    rule: str = Field(min_length=1, max_length=64)
    stations: list[str] = Field(default=[], max_length=500)
    begin: AwareDatetime = Field(serialization_alias="from", validation_alias="from")
    end: AwareDatetime = Field(serialization_alias="to", validation_alias="to")
    limits: list[TriedLimit] = Field(default=[], max_length=50)

    def spec(self) -> Spec:
        """As the alarm room takes it. Raises InputError."""
        made = Spec(
            self.rule,
            tuple(dict.fromkeys(self.stations)),
            self.begin.astimezone(UTC),
            self.end.astimezone(UTC),
            tuple(Change(**one.model_dump()) for one in self.limits),
        )
        made.check()
        return made


class BacktestOut(BaseModel):
    """A back-test; `result` once it is done."""

    id: int
    spec: dict[str, Any]
    asked_by: str
    asked_at: datetime
    state: str = Field(description="waiting, running, done, failed or cancelled")
    progress: float = Field(description="0 to 1")
    readings: int = Field(description="read so far")
    ended_at: datetime | None
    result: dict[str, Any] | None = Field(
        description="`now` and `changed`: alarms, by_severity, by_month, duration_s, longest, chattering, fleeting,"
        " load (calls, per_hour, peak_10_min, floods, verdict), episodes; `difference`: what the change takes away;"
        " `calls_at_most`: what hides such alarms is not replayed, calls are an upper bound"
    )
    fault: str | None


def backtest_routes(context: AppContext) -> APIRouter:
    """POST backtests; GET backtests/{id}; POST cancel."""
    router = APIRouter(tags=["backtests"])

    @router.post("/backtests", status_code=202, responses=problems(403, 404, 409, 422))
    def ask(who: Who, asked: Asked) -> BacktestOut:
        """Asks for a back-test; it is done beside, one after another. Changes nothing."""
        if not (who.may(Act.SHELVE) or who.may(Act.SET_LIMIT)):
            raise ForbiddenError(f"{who.name} ({who.role}) may not ask for a back-test; a duty officer may")
        spec = asked.spec()
        with context.transaction() as connection:
            check_places(connection, spec, who.area)
            number = store.ask(connection, spec.as_json(), who.area, who.name, context.clock())
            made = store.get(connection, number)
        context.backtests.wake()
        return _out(made)

    @router.get("/backtests/{id}", responses=problems(404))
    def backtest(who: Who, id: int) -> BacktestOut:
        """How far it is, and its result."""
        with context.transaction() as connection:
            found = store.get(connection, id)
        _see(who, found)
        return _out(found)

    @router.post("/backtests/{id}/cancel", responses=problems(403, 404, 409))
    def cancel(who: Who, id: int) -> Done:
        """Stops it."""
        with context.transaction() as connection:
            found = store.get(connection, id)
            _see(who, found)
            if found.asked_by != who.name and not who.may(Act.ADMINISTER):
                raise ForbiddenError("a back-test is cancelled by who asked for it, or by an administrator")
            if not store.cancel(connection, id, context.clock()):
                raise ConflictError(f"back-test {id} is {found.state} already")
        return Done()

    return router


def _see(who: SignedIn, found: Backtest) -> None:
    """One's own, and all of one's whole area. Raises NotFoundError."""
    if found.asked_by != who.name and who.area is not None and found.area != who.area:
        raise NotFoundError(f"there is no back-test {found.id}")


def _out(found: Backtest) -> BacktestOut:
    return BacktestOut(
        id=found.id, spec=found.spec, asked_by=found.asked_by, asked_at=found.asked_at, state=found.state,
        progress=found.progress, readings=found.readings, ended_at=found.ended_at, result=found.result,
        fault=found.fault,
    )  # fmt: skip
