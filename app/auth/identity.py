"""Who asks: the person (or token, or wall screen) behind a request or an open page."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from core.errors import ForbiddenError
from core.roles import Act, Role, allows


class SignInNeeded(ForbiddenError):
    """Nobody is signed in here; sign in, or send a bearer token."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One who is signed in.

    `area` is the area the role is held for, None for the whole county. `kiosk` is a wall screen or an
    API token: no person stands behind it, so it can never answer for one. `session` identifies the
    session (hex of its hash; never the secret itself), None for a bearer token.
    """

    name: str
    role: Role
    area: str | None
    language: str
    kiosk: bool = False
    person: str | None = None
    session: str | None = None

    def may(self, act: Act) -> bool:
        """True if the role includes the act; the area is checked in the database beside the thing."""
        return allows(self.role, act)

    def require(self, act: Act) -> None:
        """Raises ForbiddenError, which names the role and the act."""
        if not self.may(act):
            raise ForbiddenError(f"{self.name} ({self.role}) may not do this: {act}")


present: ContextVar[SignedIn | None] = ContextVar("anlan_signed_in", default=None)
"""Set by the door for the time of one request or WebSocket; Dash callbacks inherit it."""


def signed_in() -> SignedIn:
    """Who is behind the request or open page that runs now. Raises SignInNeeded."""
    person = present.get()
    if person is None:
        raise SignInNeeded("nobody is signed in: sign in at /login, or send a bearer token")
    return person
