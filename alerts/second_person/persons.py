"""Who may be the second person, and why somebody may not."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from alerts.orders.actors import Actor, require_area
from core.errors import ForbiddenError
from core.requests import Request
from core.roles import Act, Role, allows
from store import requests as store
from store.areas import area as area_of


def why_not(connection: Connection[Any], request: Request, by: Actor) -> str | None:
    """Why this person may not decide the request, as a sentence; None if it may."""
    try:
        require_second(connection, request, by)
    except ForbiddenError as error:
        return str(error)
    return None


def require_second(connection: Connection[Any], request: Request, by: Actor) -> None:
    if by.name == request.proposed_by:
        raise ForbiddenError("who proposed this cannot allow it: a second person must")
    if not allows(by.role, Act.CHECK_ORDER):
        raise ForbiddenError(f"the role {by.role} may not allow this; the leader or the commander may")
    if _county_wide(connection, request.area) and by.role is not Role.COMMANDER:
        raise ForbiddenError("this is county-wide: only the commander may allow it")
    require_own(connection, by, request.area)
    person = require_person(connection, by)
    if person is not None and person == store.person_of(connection, request.proposed_by)[1]:
        raise ForbiddenError("the same person stands behind both names: a second person must allow this")


def require_person(connection: Connection[Any], by: Actor) -> str | None:
    known, person = store.person_of(connection, by.name)
    if not known:
        raise ForbiddenError("this needs a person who is signed in: a token or wall screen cannot do it")
    return person


def require_own(connection: Connection[Any], by: Actor, area: str | None) -> None:
    if area is not None:
        require_area(connection, by, [area])
    elif by.area is not None:
        raise ForbiddenError(f"this is county-wide and outside your area ({by.area}); the county may do it")


def _county_wide(connection: Connection[Any], area: str | None) -> bool:
    return area is None or area_of(connection, area).parent is None
