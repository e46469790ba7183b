"""Exercises (演练): the branch under which drill data lives."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.canary import EXERCISE as CANARY
from core.errors import ConflictError, InputError, NotFoundError
from store.connection import rows


@dataclass(frozen=True, slots=True)
class Exercise:
    """`scenario` names what is played, if anything is; running while `ended_at` is None."""

    code: str
    name: str
    scenario: str | None
    started_at: datetime
    ended_at: datetime | None
    started_by: str


_COLUMNS = "code, name, scenario, started_at, ended_at, started_by"


def exercises(connection: Connection[Any], *, running: bool = False) -> list[Exercise]:
    """All exercises, newest first; with `running` only those that have not ended. The canary is none."""
    return rows(
        connection,
        Exercise,
        f"select {_COLUMNS} from exercise where code <> %s and (not %s or ended_at is null)"
        " order by started_at desc, code",
        (CANARY, running),
    )


def exercise(connection: Connection[Any], code: str) -> Exercise:
    """One exercise. Raises NotFoundError."""
    found = rows(connection, Exercise, f"select {_COLUMNS} from exercise where code = %s", (code,))
    if not found:
        raise NotFoundError(f"there is no exercise {code!r}")
    return found[0]


def start_exercise(
    connection: Connection[Any], code: str, name: str, scenario: str | None, started_by: str
) -> Exercise:
    """Creates an exercise, or takes up again one that has not ended (a replay that was cut off).

    Raises InputError for the canary's own code.
    """
    if code == CANARY:
        raise InputError("exercise", f"{CANARY} is the code of the system's own check: choose another")
    connection.execute(
        "insert into exercise (code, name, scenario, started_by) values (%s, %s, %s, %s)"
        " on conflict (code) do nothing",
        (code, name, scenario, started_by),
    )
    return exercise(connection, code)


def require_running(connection: Connection[Any], code: str | None) -> None:
    """For what begins in an exercise, which then cannot end before this transaction does.

    None is the real world. Raises NotFoundError, ConflictError if it has ended.
    """
    if code is None or code in hold_running(connection):
        return
    ended = exercise(connection, code).ended_at
    raise ConflictError(f"exercise {code} ended at {ended:%F %H:%M} UTC: nothing new begins in it")


def hold_running(connection: Connection[Any]) -> frozenset[str]:
    """Codes of the exercises that run; none of them can end before this transaction does."""
    found = connection.execute("select code from exercise where ended_at is null order by code for share")
    return frozenset(row[0] for row in found)


def ended_among(connection: Connection[Any], codes: Set[str]) -> frozenset[str]:
    """Those of the codes whose exercise has ended."""
    if not codes:
        return frozenset()
    found = connection.execute(
        "select code from exercise where code = any(%s) and ended_at is not null", (list(codes),)
    )
    return frozenset(row[0] for row in found)


def end_exercise(connection: Connection[Any], code: str, at: datetime) -> bool:
    """Marks a running exercise as ended; False if it had ended before. Raises NotFoundError.

    What belongs to it ends by `alerts.exercises.end_exercise`. Waits for whoever holds it.
    """
    if code == CANARY:
        raise NotFoundError(f"there is no exercise {code!r}")
    ended = connection.execute(
        "update exercise set ended_at = %s where code = %s and ended_at is null", (at, code)
    ).rowcount
    if not ended:
        exercise(connection, code)
    return bool(ended)
