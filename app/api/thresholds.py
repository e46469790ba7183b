"""Limits: completeness, history, and their changes with the second person that relaxing needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from psycopg import Connection
from pydantic import BaseModel, Field

from alerts.limits.acts import Change, Looked, change_limit, look
from alerts.limits.completeness import Completeness, Doubt, Doubtful
from alerts.limits.relaxing import Relaxation
from alerts.limits.survey import Surveyed, survey_limits
from app.api.asking import Who, actor, problems, see_area
from app.auth.identity import SignedIn
from core.errors import ForbiddenError
from core.properties import KNOWN_PROPERTIES
from core.severity import Severity
from core.stations import StationKind
from core.thresholds import THRESHOLD_SEVERITY, Threshold
from store import thresholds as store
from store.stations import station as get_station

if TYPE_CHECKING:
    from app.context import AppContext


class LimitOut(BaseModel):
    """A limit as it was set. `replaced_at` null: it stands."""

    id: int
    station: str
    property: str
    unit: str
    name: str
    severity: Severity
    value: float
    deadband: float
    datum: str | None
    season_from: str | None = Field(description="MMDD, with season_to; may cross New Year")
    season_to: str | None
    period_s: int = Field(description="window of a sliding sum or a rate; 0: the value itself")
    on_delay_s: int | None = Field(description="null: the default of the severity")
    off_delay_s: int | None
    source: str
    version: int
    set_at: datetime
    set_by: str
    reason: str
    second_person: str | None = Field(description="who allowed it, where it relaxed what stood")
    replaced_at: datetime | None
    replaced_by: str | None
    replaced_reason: str


class DoubtOut(BaseModel):
    """Why a limit cannot be right, or is not compared."""

    limit: str
    season_from: str | None
    doubt: Doubt
    other: str | None


class MissingOut(BaseModel):
    """A limit that the kind of station should have."""

    property: str
    name: str
    severity: Severity | None


class StationLimits(BaseModel):
    """One station: what is set, what is missing (未设), what cannot be right."""

    station: str
    name: str
    name_en: str
    kind: StationKind
    area: str | None
    river: str | None
    datum: str | None
    out_of_service: bool
    state: Completeness
    limits: list[LimitOut]
    missing: list[MissingOut]
    doubts: list[DoubtOut]
    rules: list[str] = Field(description="rules about rate or rain for which it has no limit")


class LimitIn(BaseModel):
    """A limit as it should be."""

    station: str = Field(min_length=1, max_length=64)
    property: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=60)
    value: float = Field(allow_inf_nan=False)
    severity: Severity | None = Field(None, description="left out: that of the name")
    deadband: float = Field(0.05, ge=0, le=1000, allow_inf_nan=False)
    datum: str | None = Field(None, max_length=64)
    season_from: str | None = Field(None, max_length=4)
    season_to: str | None = Field(None, max_length=4)
    period_s: int = Field(0, ge=0, le=30 * 86_400)
    on_delay_s: int | None = Field(None, ge=0, le=86_400)
    off_delay_s: int | None = Field(None, ge=0, le=86_400)
    source: str = Field(min_length=1, max_length=300)

    def limit(self) -> Threshold:
        """As the alarm room takes it."""
        severity = self.severity or THRESHOLD_SEVERITY.get(self.name, Severity.YELLOW)
        return Threshold(**{**self.model_dump(), "severity": severity, "datum": self.datum or None})


class KeyIn(BaseModel):
    """Which limit is changed or removed."""

    station: str = Field(min_length=1, max_length=64)
    property: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=200)
    season_from: str | None = Field(None, max_length=4)
    period_s: int = Field(0, ge=0)


class ChangeIn(BaseModel):
    """A change: `new` in the place of `old` (left out: a new limit); `new` null removes it."""

    old: KeyIn | None = None
    new: LimitIn | None = None
    seen: int | None = Field(None, description="id of the limit that you saw; null: there was none")
    reason: str = Field(min_length=1, max_length=300)
    backtest: int | None = Field(None, description="a finished back-test of this change, where it relaxes")

    def change(self) -> Change:
        """As the alarm room takes it."""
        key = self.old and (
            self.old.station, self.old.property, self.old.name, self.old.season_from, self.old.period_s
        )  # fmt: skip
        return Change(self.new.limit() if self.new else None, self.reason, key or None, self.seen)


class LookedOut(BaseModel):
    """What a change would do."""

    relaxes: list[Relaxation] = Field(description="not empty: a second person must allow it")
    doubts: list[DoubtOut]
    old: LimitOut | None


class Changed(BaseModel):
    """`done` false: it waits for a second person as `request`."""

    done: bool
    request: int | None = None


def threshold_routes(context: AppContext) -> APIRouter:
    """GET thresholds, thresholds/history; POST thresholds/preview, thresholds."""
    router = APIRouter(tags=["thresholds"])

    @router.get("/thresholds", responses=problems(404))
    def thresholds(
        who: Who,
        station: Annotated[str | None, Query(description="of one station", max_length=64)] = None,
        state: Annotated[list[Completeness] | None, Query(description="only these")] = None,
    ) -> list[StationLimits]:
        """Every station of your area with the limits that its kind should have; the worst first."""
        with context.transaction() as connection:
            if station is not None:
                _see(connection, who, station)
            found = survey_limits(connection, code=station, within=None if station else who.area)
        order = list(Completeness)
        found.sort(key=lambda one: order.index(one.assessment.state))
        return [_station(one) for one in found if state is None or one.assessment.state in state]

    @router.get("/thresholds/history", responses=problems(404))
    def history(
        who: Who,
        station: Annotated[str, Query(description="of this station", max_length=64)],
        property: Annotated[str | None, Query(description="of one property", max_length=64)] = None,
        name: Annotated[str | None, Query(description="of one name", max_length=200)] = None,
    ) -> list[LimitOut]:
        """All limits that a station ever had, newest first: what, who, when, why, and who else allowed it."""
        with context.transaction() as connection:
            _see(connection, who, station)
            found = store.history(connection, station, property, name)
        return [_limit(one) for one in found]

    @router.post("/thresholds/preview", responses=problems(403, 404, 409, 422))
    def preview(who: Who, asked: ChangeIn) -> LookedOut:
        """What a change relaxes and what looks wrong about it. Writes nothing."""
        change = asked.change()
        with context.transaction() as connection:
            _see(connection, who, change.of[0])
            return _looked(look(connection, change, actor(who)))

    @router.post("/thresholds", responses=problems(403, 404, 409, 422))
    def change(who: Who, asked: ChangeIn) -> Changed:
        """Sets, changes or removes a limit: at once, or as a request where that relaxes it."""
        if who.kiosk:
            raise ForbiddenError("limits are changed by a person: a token or wall screen cannot")
        wanted = asked.change()
        with context.transaction() as connection:
            _see(connection, who, wanted.of[0])
            request = change_limit(
                connection, wanted, actor(who), at=context.clock(), backtest=asked.backtest
            )
        return Changed(done=request is None, request=request)

    return router


def _see(connection: Connection[Any], who: SignedIn, code: str) -> None:
    see_area(connection, who, get_station(connection, code).area, f"station {code!r}")


def _station(found: Surveyed) -> StationLimits:
    one = found.assessment
    owner = one.station
    return StationLimits(
        station=owner.code, name=owner.name, name_en=owner.name_en, kind=owner.kind, area=owner.area,
        river=owner.river, datum=owner.datum, out_of_service=owner.out_of_service, state=one.state,
        limits=[_limit(each) for each in found.limits],
        missing=[
            MissingOut(property=property, name=name, severity=THRESHOLD_SEVERITY.get(name))
            for property, name in one.missing
        ],
        doubts=[_doubt(each) for each in one.doubts],
        rules=list(one.rules),
    )  # fmt: skip


def _looked(found: Looked) -> LookedOut:
    return LookedOut(
        relaxes=list(found.relaxes),
        doubts=[_doubt(each) for each in found.doubts],
        old=_limit(found.old) if found.old else None,
    )


def _doubt(found: Doubtful) -> DoubtOut:
    return DoubtOut(
        limit=found.limit.name,
        season_from=found.limit.season_from,
        doubt=found.doubt,
        other=found.other.name if found.other else None,
    )


def _limit(found: store.SetLimit) -> LimitOut:
    limit = found.limit
    known = KNOWN_PROPERTIES.get(limit.property)
    return LimitOut(
        id=found.id, station=limit.station, property=limit.property, unit=known.unit if known else "",
        name=limit.name, severity=limit.severity, value=limit.value, deadband=limit.deadband, datum=limit.datum,
        season_from=limit.season_from, season_to=limit.season_to, period_s=limit.period_s,
        on_delay_s=limit.on_delay_s, off_delay_s=limit.off_delay_s, source=limit.source, version=limit.version,
        set_at=found.set_at, set_by=found.set_by, reason=found.reason, second_person=found.second_person,
        replaced_at=found.replaced_at, replaced_by=found.replaced_by, replaced_reason=found.replaced_reason,
    )  # fmt: skip
