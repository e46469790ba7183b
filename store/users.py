"""Users of the pages: name, role, area, password hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import dict_row

from core.errors import ConflictError, NotFoundError
from core.roles import Role


@dataclass(frozen=True, slots=True)
class User:
    """One user; `area` None is the whole county, `disabled_at` None is active."""

    name: str
    role: Role
    area: str | None
    person: str | None
    language: str
    created_at: datetime
    disabled_at: datetime | None


_COLUMNS = "name, role, area, person, language, created_at, disabled_at"


def add_user(
    connection: Connection[Any],
    name: str,
    password_hash: str,
    role: Role,
    *,
    area: str | None = None,
    person: str | None = None,
    language: str = "zh",
) -> None:
    """Creates a user. Raises ConflictError for a name in use, NotFoundError for an unknown area or person."""
    try:
        connection.execute(
            "insert into app_user (name, password_hash, role, area, person, language)"
            " values (%s, %s, %s, %s, %s, %s)",
            (name, password_hash, role, area, person, language),
        )
    except UniqueViolation as error:
        raise ConflictError(f"there is a user {name!r} already") from error
    except ForeignKeyViolation as error:
        raise NotFoundError(
            f"area {area!r} or person {person!r} is not known: import areas and people first"
        ) from error


def users(connection: Connection[Any]) -> list[User]:
    """All users by name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(f"select {_COLUMNS} from app_user order by name").fetchall()
    return [User(**{**row, "role": Role(row["role"])}) for row in found]


def password_hash(connection: Connection[Any], name: str) -> str | None:
    """The hash of an active user's password; None for unknown and disabled ones."""
    found = connection.execute(
        "select password_hash from app_user where name = %s and disabled_at is null", (name,)
    ).fetchone()
    return str(found[0]) if found else None


def set_password(connection: Connection[Any], name: str, hashed: str) -> None:
    """Sets a new password hash. Raises NotFoundError."""
    _touch(
        connection.execute("update app_user set password_hash = %s where name = %s", (hashed, name)).rowcount,
        name,
    )


def set_disabled(connection: Connection[Any], name: str, disabled: bool) -> None:
    """Disables or enables a user; a disabled one's sessions end at once. Raises NotFoundError."""
    _touch(
        connection.execute(
            "update app_user set disabled_at = case when %s then coalesce(disabled_at, now()) end"
            " where name = %s",
            (disabled, name),
        ).rowcount,
        name,
    )


def _touch(changed: int, name: str) -> None:
    if not changed:
        raise NotFoundError(f"there is no user {name!r}; ./anlan user list names them")
