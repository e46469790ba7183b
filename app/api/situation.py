"""Response levels (应急响应), exercises, and who is asking."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from psycopg import Connection
from pydantic import BaseModel, Field

from app.api.asking import Done, ExerciseCode, Who, problems
from app.auth.identity import SignedIn
from core.errors import ConflictError, ForbiddenError
from core.roles import Act
from store import audit, exercises, response

if TYPE_CHECKING:
    from app.context import AppContext

Level = Annotated[int, Field(ge=1, le=4, description="1 (Ⅰ级, the gravest) to 4 (Ⅳ级)")]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class ResponseOut(BaseModel):
    """One stretch of one response level."""

    id: int
    exercise: str | None
    hazard: str = Field(description="such as flood or typhoon")
    level: int
    started_at: datetime
    started_by: str
    reason: str
    ended_at: datetime | None
    ended_by: str | None


class NewResponse(BaseModel):
    """A response to start."""

    hazard: str = Field(min_length=1, max_length=40)
    level: Level
    reason: Reason
    exercise: str | None = None


class ChangedLevel(BaseModel):
    """The level to go to, and why."""

    level: Level
    reason: Reason


class Ending(BaseModel):
    """Why it ends."""

    reason: Reason


class Started(BaseModel):
    """The number of the response that stands now."""

    id: int


class ExerciseOut(BaseModel):
    """An exercise (演练)."""

    code: str
    name: str
    scenario: str | None
    started_at: datetime
    ended_at: datetime | None
    started_by: str


class Me(BaseModel):
    """Who asks, and what this one may do."""

    name: str
    role: str
    area: str | None = Field(description="null is the whole county")
    language: str
    kiosk: bool
    acts: list[str]


def situation_routes(context: AppContext) -> APIRouter:
    """GET and POST response, GET exercises, GET me."""
    router = APIRouter()

    @router.get("/response", tags=["response"], responses=problems())
    def responses(
        who: Who,
        exercise: ExerciseCode = None,
        running: Annotated[bool, Query(description="only those that stand")] = True,
    ) -> list[ResponseOut]:
        """Response levels, newest first."""
        with context.transaction() as connection:
            found = response.responses(connection, exercise, running=running)
        return [ResponseOut(**asdict(one)) for one in found]

    @router.post("/response", tags=["response"], status_code=201, responses=problems(403, 409, 422))
    def start(who: Who, new: NewResponse) -> Started:
        """启动: starts a response. The software never does so by itself."""
        _require_county(who)
        with context.transaction() as connection:
            started = response.start(
                connection, hazard=new.hazard, level=new.level, exercise=new.exercise, by=who.name,
                reason=new.reason, at=context.clock(),
            )  # fmt: skip
            _audit(connection, who.name, "response.start", started, new.model_dump())
        return Started(id=started)

    @router.post("/response/{id}/level", tags=["response"], responses=problems(403, 404, 409, 422))
    def change(who: Who, id: int, to: ChangedLevel) -> Started:
        """Raises or lowers: ends this stretch and starts the next at the new level."""
        _require_county(who)
        with context.transaction() as connection:
            stood = response.end(connection, id, by=who.name, at=context.clock())
            if stood.level == to.level:
                raise ConflictError(f"the response stands at level {to.level} already")
            started = response.start(
                connection, hazard=stood.hazard, level=to.level, exercise=stood.exercise, by=who.name,
                reason=to.reason, at=context.clock(),
            )  # fmt: skip
            act = "response.raise" if to.level < stood.level else "response.lower"
            _audit(connection, who.name, act, started, {"from": stood.level, **to.model_dump()})
        return Started(id=started)

    @router.post("/response/{id}/end", tags=["response"], responses=problems(403, 404, 409, 422))
    def end(who: Who, id: int, ending: Ending) -> Done:
        """终止: ends the response."""
        _require_county(who)
        with context.transaction() as connection:
            response.end(connection, id, by=who.name, at=context.clock())
            _audit(connection, who.name, "response.end", id, ending.model_dump())
        return Done()

    @router.get("/exercises", tags=["exercises"], responses=problems())
    def list_exercises(
        who: Who, running: Annotated[bool, Query(description="only those that have not ended")] = False
    ) -> list[ExerciseOut]:
        """Exercises, newest first."""
        with context.transaction() as connection:
            found = exercises.exercises(connection, running=running)
        return [ExerciseOut(**asdict(one)) for one in found]

    @router.get("/me", tags=["me"], responses=problems())
    def me(who: Who) -> Me:
        """Who you are here."""
        return Me(
            name=who.name,
            role=who.role,
            area=who.area,
            language=who.language,
            kiosk=who.kiosk,
            acts=[act.value for act in Act if who.may(act)],
        )

    return router


def _require_county(who: SignedIn) -> None:
    """A response level holds for the whole county, so a town's commander cannot set it."""
    who.require(Act.RESPONSE_LEVEL)
    if who.area is not None:
        raise ForbiddenError("the response level is the county's: ask the county's commander")


def _audit(connection: Connection[Any], actor: str, action: str, id: int, detail: dict[str, Any]) -> None:
    audit.append(connection, actor=actor, action=action, subject=f"response/{id}", detail=detail)
