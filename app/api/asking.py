"""What every resource asks first: who, in which exercise, within which area, how many."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from psycopg import Connection
from pydantic import BaseModel

from alerts.orders.actors import Actor
from app.auth.identity import SignedIn, signed_in
from core.errors import ForbiddenError, NotFoundError
from core.roles import Act

_token = HTTPBearer(auto_error=False, description="a token of `anlan token create`")
_session = APIKeyCookie(
    name="anlan_session", auto_error=False, description="the pages' session; anlan_session_PORT with a port"
)
"""Only described here: the door has checked both before any route is asked."""


def _who(
    request: Request,
    _by_token: Annotated[Any, Security(_token)],
    _by_session: Annotated[Any, Security(_session)],
) -> SignedIn:
    known = request.scope.get("state", {}).get("signed_in")
    person = known if isinstance(known, SignedIn) else signed_in()
    person.require(Act.VIEW)
    return person


Who = Annotated[SignedIn, Depends(_who)]
ExerciseCode = Annotated[
    str | None, Query(description="code of an exercise; without it everything is real", max_length=64)
]
Limit = Annotated[int, Query(ge=1, le=10_000, description="at most so many")]


class Done(BaseModel):
    """The act is done and written to the history."""

    done: bool = True


class ProblemDocument(BaseModel):
    """RFC 9457. `reason` is a short stable code, where there is one."""

    type: str
    title: str
    status: int
    detail: str
    reason: str | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for the OpenAPI document; 401 goes without saying and is said here."""
    media = {"application/problem+json": {"schema": ProblemDocument.model_json_schema()}}
    told = {401: "nobody is signed in", 403: "the role or the area does not allow it",
            404: "there is none, or not for this person", 409: "it does not fit the present state",
            422: "the input cannot be used", 503: "the database does not answer"}  # fmt: skip
    return {status: {"description": told[status], "content": media} for status in (401, *statuses)}


def actor(person: SignedIn) -> Actor:
    """The person as the order and alarm rooms know one."""
    return Actor(person.name, person.role, person.area)


def see_area(connection: Connection[Any], person: SignedIn, area: str | None, what: str) -> None:
    """Raises NotFoundError if the area lies outside the person's: what one may not see does not exist."""
    if person.area is None:
        return
    found = connection.execute("select area_within(%s, %s)", (area, person.area)).fetchone()
    if area is None or found is None or not found[0]:
        raise NotFoundError(f"there is no {what}")


def act_in(connection: Connection[Any], person: SignedIn, act: Act, area: str | None, what: str) -> None:
    """Raises NotFoundError outside the person's area, ForbiddenError if the role may not act.

    A wall screen or token without a duty of its own never acts: `viewer` includes no act but looking.
    """
    see_area(connection, person, area, what)
    if not person.may(act):
        raise ForbiddenError(f"{person.name} ({person.role}) may not do this ({act}); ask one whose role may")
