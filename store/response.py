"""应急响应: the response level that a commander starts, raises, lowers and ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation

from core.errors import ConflictError, NotFoundError
from store.connection import rows
from store.exercises import require_running


@dataclass(frozen=True, slots=True)
class Response:
    """One stretch of one level: 1 (Ⅰ, the gravest) to 4 (Ⅳ). A change ends one row and starts the next."""

    id: int
    exercise: str | None
    hazard: str
    level: int
    started_at: datetime
    started_by: str
    reason: str
    ended_at: datetime | None
    ended_by: str | None


_COLUMNS = "id, exercise, hazard, level, started_at, started_by, reason, ended_at, ended_by"


def responses(connection: Connection[Any], exercise: str | None, *, running: bool = False) -> list[Response]:
    """Levels of one exercise or for real, newest first; with `running` only those that stand."""
    return rows(
        connection,
        Response,
        f"select {_COLUMNS} from response where exercise is not distinct from %s"
        " and (not %s or ended_at is null) order by started_at desc, id desc",
        (exercise, running),
    )


def response(connection: Connection[Any], id: int, *, lock: bool = False) -> Response:
    """One of them; with `lock` its row is held. Raises NotFoundError."""
    query = f"select {_COLUMNS} from response where id = %s"
    found = rows(connection, Response, query + " for update" if lock else query, (id,))
    if not found:
        raise NotFoundError(f"there is no response {id}")
    return found[0]


def start(
    connection: Connection[Any],
    *,
    hazard: str,
    level: int,
    exercise: str | None,
    by: str,
    reason: str,
    at: datetime,
) -> int:
    """Starts one. Raises ConflictError if one stands for this hazard; as `require_running` for the exercise."""
    require_running(connection, exercise)
    try:
        found = connection.execute(
            "insert into response (exercise, hazard, level, started_at, started_by, reason)"
            " values (%s, %s, %s, %s, %s, %s) returning id",
            (exercise, hazard, level, at, by, reason),
        ).fetchone()
    except UniqueViolation as error:
        raise ConflictError(
            f"a response for {hazard!r} stands already: raise, lower or end that one"
        ) from error
    assert found is not None  # insert … returning
    return int(found[0])


def end(connection: Connection[Any], id: int, *, by: str, at: datetime) -> Response:
    """Ends a response and returns what stood. Raises NotFoundError; ConflictError if it is over."""
    standing = response(connection, id, lock=True)
    if standing.ended_at is not None:
        raise ConflictError(
            f"response {id} was ended by {standing.ended_by} at {standing.ended_at:%F %H:%M} UTC"
        )
    connection.execute("update response set ended_at = %s, ended_by = %s where id = %s", (at, by, id))
    return standing
