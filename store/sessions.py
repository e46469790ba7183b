"""Sessions, API tokens and login attempts. Secrets come here only as SHA-256 hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import class_row

from core.errors import ConflictError, NotFoundError
from core.roles import Role
from store.connection import rows

_KEPT_AFTER_END = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a session or token stands for; `by_token` where no person signed in with a password."""

    name: str
    role: str
    area: str | None
    language: str
    person: str | None
    by_token: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One API token; its secret is known only to whoever was shown it."""

    name: str
    role: str
    area: str | None
    created_at: datetime
    created_by: str
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed logins that count for the next one, and the time of the last of them."""

    count: int
    last: datetime | None


_HOLDER = """
select coalesce('token:' || api_token.name, app_user.name) as name,
       case when session.token_name is null then app_user.role else 'viewer' end as role,
       case when session.token_name is null then app_user.area else api_token.area end as area,
       coalesce(app_user.language, %(language)s) as language,
       app_user.person, session.token_name is not null as by_token
from session
left join app_user on app_user.name = session.user_name
left join api_token on api_token.name = session.token_name
where session.token_hash = %(hash)s and session.expires_at > %(now)s
  and app_user.disabled_at is null and api_token.revoked_at is null
"""

_LIVING = """
select session.token_hash
from session
left join app_user on app_user.name = session.user_name
left join api_token on api_token.name = session.token_name
where session.token_hash = any(%s) and session.expires_at > %s
  and app_user.disabled_at is null and api_token.revoked_at is null
"""

_TOKEN_HOLDER = """
select 'token:' || name as name, role, area, %s as language, null::text as person, true as by_token
from api_token where token_hash = %s and revoked_at is null
"""

_OF_BROWSER = """
select count(*)::integer as count, max(at) as last from login_attempt
where name = %(name)s and browser = %(browser)s and not success and at > %(since)s
  and at > coalesce((select max(at) from login_attempt
                     where name = %(name)s and browser = %(browser)s and success), '-infinity')
"""

_OF_ADDRESS = """
select count(*)::integer as count, max(at) as last from login_attempt
where name = %(name)s and address = %(address)s and browser is null and not success and at > %(since)s
  and at > coalesce((select max(at) from login_attempt
                     where name = %(name)s and address = %(address)s and success), '-infinity')
"""

_OF_STRANGERS = """
select count(*)::integer as count, max(at) as last from login_attempt attempt
where (name = %(name)s or address = %(address)s) and browser is null and not success and at > %(since)s
"""


def open_session(
    connection: Connection[Any],
    token_hash: bytes,
    *,
    user: str | None = None,
    token: str | None = None,
    address: str,
    expires_at: datetime,
) -> None:
    """Opens a session of a user or of an API token."""
    connection.execute(
        "insert into session (token_hash, user_name, token_name, address, expires_at)"
        " values (%s, %s, %s, %s, %s)",
        (token_hash, user, token, address, expires_at),
    )


def session_holder(
    connection: Connection[Any], token_hash: bytes, now: datetime, language: str
) -> Holder | None:
    """Whom a living session stands for; a wall screen's session may only look, whatever its token may."""
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        found = cursor.execute(_HOLDER, {"hash": token_hash, "now": now, "language": language}).fetchone()
    if found is not None:
        connection.execute(
            "update session set last_seen = %(now)s"
            " where token_hash = %(hash)s and last_seen < %(now)s::timestamptz - interval '1 minute'",
            {"hash": token_hash, "now": now},
        )
    return found


def living(connection: Connection[Any], hashes: list[bytes], now: datetime) -> set[bytes]:
    """Those of the sessions that still hold."""
    return {bytes(row[0]) for row in connection.execute(_LIVING, (hashes, now))}


def end_session(connection: Connection[Any], token_hash: bytes, now: datetime) -> None:
    """Ends a session; its row stays, so that the browser is known at the next login."""
    connection.execute(
        "update session set expires_at = least(expires_at, %s) where token_hash = %s", (now, token_hash)
    )


def end_sessions_of(connection: Connection[Any], user: str, now: datetime) -> None:
    """Ends all sessions of a user, as after a change of password."""
    connection.execute(
        "update session set expires_at = %s where user_name = %s and expires_at > %s", (now, user, now)
    )


def belongs_to(connection: Connection[Any], token_hash: bytes, user: str) -> bool:
    """True if the session, living or ended, was opened by this user."""
    return (
        connection.execute(
            "select 1 from session where token_hash = %s and user_name = %s", (token_hash, user)
        ).fetchone()
        is not None
    )


def has_signed_in_from(connection: Connection[Any], user: str, address: str, since: datetime) -> bool:
    """True if this user signed in from this address since then."""
    return (
        connection.execute(
            "select 1 from login_attempt where name = %s and address = %s and success and at > %s limit 1",
            (user, address, since),
        ).fetchone()
        is not None
    )


def failures_of_browser(connection: Connection[Any], name: str, browser: bytes, since: datetime) -> Failures:
    """Failures of one known browser on one name since its last success."""
    return rows(connection, Failures, _OF_BROWSER, {"name": name, "browser": browser, "since": since})[0]


def failures_of_address(connection: Connection[Any], name: str, address: str, since: datetime) -> Failures:
    """Failures from one known address on one name since its last success."""
    return rows(connection, Failures, _OF_ADDRESS, {"name": name, "address": address, "since": since})[0]


def failures_of_strangers(connection: Connection[Any], name: str, address: str, since: datetime) -> Failures:
    """Failures on this name from anywhere, and from this address on any name, by unknown browsers."""
    return rows(connection, Failures, _OF_STRANGERS, {"name": name, "address": address, "since": since})[0]


def one_at_a_time(connection: Connection[Any]) -> None:
    """Lets login attempts be counted one after the other, to the end of this (short) transaction."""
    connection.execute("select pg_advisory_xact_lock(hashtext('anlan.login'))")


def record_attempt(
    connection: Connection[Any], name: str, address: str, success: bool, browser: bytes | None, at: datetime
) -> int:
    """Keeps one login attempt and returns its number; `browser` hashes the session by which it was known."""
    found = connection.execute(
        "insert into login_attempt (at, name, address, success, browser) values (%s, %s, %s, %s, %s)"
        " returning id",
        (at, name, address, success, browser),
    ).fetchone()
    assert found is not None  # insert … returning
    return int(found[0])


def mark_success(connection: Connection[Any], attempt: int) -> None:
    """The attempt's password was right after all."""
    connection.execute("update login_attempt set success = true where id = %s", (attempt,))


def forget_old(connection: Connection[Any], now: datetime) -> None:
    """Deletes what no longer serves: sessions a month past their end, attempts of last quarter."""
    connection.execute("delete from session where expires_at < %s", (now - _KEPT_AFTER_END,))
    connection.execute("delete from login_attempt where at < %s", (now - timedelta(days=90),))


def add_token(
    connection: Connection[Any], name: str, token_hash: bytes, role: Role, area: str | None, created_by: str
) -> None:
    """Creates a token. Raises ConflictError for a name in use, NotFoundError for an unknown area."""
    try:
        connection.execute(
            "insert into api_token (name, token_hash, role, area, created_by) values (%s, %s, %s, %s, %s)",
            (name, token_hash, role, area, created_by),
        )
    except UniqueViolation as error:
        raise ConflictError(f"there is a token {name!r} already; revoke it or choose another name") from error
    except ForeignKeyViolation as error:
        raise NotFoundError(f"there is no area {area!r}") from error


def token_holder(
    connection: Connection[Any], token_hash: bytes, now: datetime, language: str
) -> Holder | None:
    """Whom a token stands for, if it is not revoked."""
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        found = cursor.execute(_TOKEN_HOLDER, (language, token_hash)).fetchone()
    if found is not None:
        connection.execute(
            "update api_token set last_used_at = %(now)s where token_hash = %(hash)s"
            " and coalesce(last_used_at, '-infinity') < %(now)s::timestamptz - interval '1 minute'",
            {"now": now, "hash": token_hash},
        )
    return found


def tokens(connection: Connection[Any]) -> list[Token]:
    """All tokens by name, revoked ones too."""
    return rows(
        connection,
        Token,
        "select name, role, area, created_at, created_by, revoked_at, last_used_at from api_token"
        " order by name",
    )


def revoke_token(connection: Connection[Any], name: str, now: datetime) -> None:
    """Revokes a token; what it opened closes at once. Raises NotFoundError."""
    changed = connection.execute(
        "update api_token set revoked_at = coalesce(revoked_at, %s) where name = %s", (now, name)
    ).rowcount
    if not changed:
        raise NotFoundError(f"there is no token {name!r}; ./anlan token list names them")
