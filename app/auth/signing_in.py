"""Signing in and out: password, throttle, session, audit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from app.auth import throttle
from app.auth.passwords import verify_password
from app.auth.secrets import digest, new_session
from app.auth.throttle import Bucket
from core.settings import Settings
from store import audit, sessions, users


@dataclass(frozen=True, slots=True)
class Refused:
    """`wait_s` > 0: not even looked at, try again after so many seconds."""

    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A session; `secret` goes into the cookie and nowhere else."""

    secret: str
    expires_at: datetime


def pace(
    connection: Connection[Any], name: str, address: str, old_secret: str | None, now: datetime
) -> tuple[float, bytes | None]:
    """Seconds this attempt has to wait, and the browser's hash if it is known for this name."""
    since = now - throttle.COUNTED
    browser = digest(old_secret) if old_secret else None
    if browser is not None and sessions.belongs_to(connection, browser, name):
        found = sessions.failures_of_browser(connection, name, browser, since)
        return throttle.wait_s(Bucket.BROWSER, found.count, found.last, now), browser
    if sessions.has_signed_in_from(connection, name, address, now - throttle.KNOWN_FOR):
        found = sessions.failures_of_address(connection, name, address, since)
        return throttle.wait_s(Bucket.ADDRESS, found.count, found.last, now), None
    found = sessions.failures_of_strangers(connection, name, address, since)
    return throttle.wait_s(Bucket.STRANGER, found.count, found.last, now), None


def sign_in(
    transaction: Callable[[], AbstractContextManager[Connection[Any]]],
    settings: Settings,
    name: str,
    password: str,
    address: str,
    old_secret: str | None,
    now: datetime,
) -> Opened | Refused:
    """Opens a session if the password fits and the pace allows the attempt.

    The attempt is committed as failed before the password is looked at: many attempts at once gain
    nothing, and none holds a connection while it computes. One attempt at a time is counted, because
    several that counted beside each other would not see one another.
    """
    with transaction() as connection:
        sessions.one_at_a_time(connection)
        wait, browser = pace(connection, name, address, old_secret, now)
        if wait > 0:
            return Refused(wait)
        attempt = sessions.record_attempt(connection, name, address, False, browser, now)
        hashed = users.password_hash(connection, name)
    if not verify_password(hashed, password):
        return Refused()
    opened = Opened(new_session(), now + timedelta(hours=settings.web.session_hours))
    with transaction() as connection:
        sessions.mark_success(connection, attempt)
        sessions.open_session(
            connection, digest(opened.secret), user=name, address=address, expires_at=opened.expires_at
        )
        audit.append(
            connection, actor=name, action="sign_in", subject=f"user:{name}", detail={"address": address}
        )
    return opened


def sign_in_kiosk(
    connection: Connection[Any], settings: Settings, token: str, address: str, now: datetime
) -> Opened | None:
    """Exchanges an API token for a wall screen's session, which may only look; None for a bad token."""
    holder = sessions.token_holder(connection, digest(token), now, settings.language)
    if holder is None:
        return None
    opened = Opened(new_session(), now + timedelta(days=settings.web.kiosk_days))
    sessions.open_session(
        connection,
        digest(opened.secret),
        token=holder.name.removeprefix("token:"),
        address=address,
        expires_at=opened.expires_at,
    )
    audit.append(
        connection,
        actor=holder.name,
        action="sign_in_kiosk",
        subject=holder.name,
        detail={"address": address},
    )
    return opened


def sign_out(connection: Connection[Any], secret: str, who: str, now: datetime) -> None:
    """Ends the session; its open pages close."""
    sessions.end_session(connection, digest(secret), now)
    audit.append(connection, actor=who, action="sign_out", subject=f"user:{who}")
