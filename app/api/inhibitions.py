"""Which rule hides which: list, set, take away, history."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from alerts.limits.acts import change_inhibition, end_inhibition
from alerts.limits.inhibition_changes import LONGEST_RELEASE_S
from app.api.asking import Done, Who, actor, problems
from app.api.rules import change_by_person
from core.inhibition import Equal, Inhibition
from store import inhibitions as store

if TYPE_CHECKING:
    from app.context import AppContext


class InhibitionOut(BaseModel):
    """While an alarm of `source` stands, those of `target` that share `equal` with it are hidden."""

    source: str
    target: str
    equal: Equal
    release_after_s: int = Field(description="so long after the source is over its targets stay hidden, s")
    reason: str


class InhibitionIn(BaseModel):
    """Which rule is to hide which, and why."""

    source: str = Field(min_length=1, max_length=64)
    target: str = Field(min_length=1, max_length=64)
    equal: Equal
    release_after_s: int = Field(0, ge=0, le=LONGEST_RELEASE_S)
    reason: str = Field(min_length=1, max_length=300)


class Ended(BaseModel):
    """Which rule hides which no longer, and why."""

    source: str = Field(min_length=1, max_length=64)
    target: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=1, max_length=300)


class InhibitionChanged(BaseModel):
    """Done, or the `request` that waits for a second person."""

    done: bool
    request: int | None = None


def inhibition_routes(context: AppContext) -> APIRouter:
    """GET inhibitions, history; POST inhibitions, end."""
    router = APIRouter(tags=["rules"])

    @router.get("/inhibitions", responses=problems())
    def hiding(who: Who) -> list[InhibitionOut]:
        """Which rule hides which."""
        with context.transaction() as connection:
            return [InhibitionOut(**asdict(one)) for one in store.inhibitions(connection)]

    @router.get("/inhibitions/history", responses=problems())
    def history(
        who: Who, rule: Annotated[str, Query(max_length=64, description="code of a rule")]
    ) -> list[store.Changed]:
        """The newest 50 changes of what a rule hides and what hides it."""
        with context.transaction() as connection:
            return store.changes(connection, rule)

    @router.post("/inhibitions", responses=problems(403, 409, 422))
    def change(who: Who, wanted: InhibitionIn) -> InhibitionChanged:
        """Lets a rule hide another, or changes how: what hides more than before waits for a second person."""
        change_by_person(who)
        new = Inhibition(wanted.source, wanted.target, wanted.equal, wanted.release_after_s, wanted.reason)
        with context.transaction() as connection:
            request = change_inhibition(connection, new, actor(who), at=context.clock())
        return InhibitionChanged(done=request is None, request=request)

    @router.post("/inhibitions/end", responses=problems(403, 404, 422))
    def end(who: Who, ended: Ended) -> Done:
        """Lets it hide no longer: what still stands calls at the next look."""
        change_by_person(who)
        with context.transaction() as connection:
            end_inhibition(connection, ended.source, ended.target, ended.reason, actor(who))
        return Done()

    return router
