"""A latched alarm is reset: the danger was reported, it is over, and somebody who answers for it has seen to that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import Reset
from core.errors import InputError
from store import alarms, audit


def reset(connection: Connection[Any], alarm_id: int, *, actor: str, at: datetime, reason: str) -> None:
    """Closes a latched alarm in the caller's transaction, history and audit included.

    Raises InputError without a reason, NotFoundError, ConflictError if it is not latched: only what has returned
    and was acknowledged is reset. Role (the leader's) and area are for the caller to check.
    """
    reason = reason.strip()
    if not reason:
        raise InputError("reason_missing", "a reset needs a reason: write what was found and done")
    alarm = alarms.lock(connection, alarm_id)
    detail = {"reason": reason}
    moved, _ = act(connection, alarm, Reset(), actor=actor, at=at, detail=detail)
    alarms.save(connection, moved)
    audit.append(connection, actor=actor, action="alarm.reset", subject=f"alarm/{alarm_id}", detail=detail)
