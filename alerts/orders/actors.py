"""Who acts on an order, and whether the role and the area allow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from core.errors import ForbiddenError, InputError
from core.roles import Act, Role, allows

CENTRE = "centre"
"""The actor of what the software does by itself."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at the desk: user name, role, and the area it is held for (None: the whole county)."""

    name: str
    role: Role
    area: str | None = None


def require(connection: Connection[Any], actor: Actor, act: Act, area: str) -> None:
    """Raises ForbiddenError unless the role includes the act and the actor's area contains `area`."""
    if not allows(actor.role, act):
        raise ForbiddenError(f"the role {actor.role} may not do this ({act}); ask a person whose role may")
    require_area(connection, actor, [area])


def require_area(connection: Connection[Any], actor: Actor, areas: list[str]) -> None:
    """Raises ForbiddenError if one of the areas lies outside the actor's own."""
    if actor.area is None:
        return
    outside = connection.execute(
        "select code from unnest(%s::text[]) as code where not area_within(code, %s) limit 1",
        (sorted(set(areas)), actor.area),
    ).fetchone()
    if outside is not None:
        raise ForbiddenError(
            f"the area {outside[0]} is outside your own ({actor.area}); the county may do it"
        )


def require_reason(reason: str) -> str:
    """The reason without blanks. Raises InputError (`reason_missing`) for an empty one."""
    given = reason.strip()
    if not given:
        raise InputError("reason_missing", "a reason must be given: it stays with the order for good")
    return given
