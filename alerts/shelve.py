"""Putting an alarm aside for a while (搁置), with a reason; it comes back by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act, standing
from alerts.alarms.machine import Shelved, Unshelved, ceiling
from core.errors import ForbiddenError, InputError
from core.severity import Severity
from store import alarms, audit

LONGEST = timedelta(hours=12)
"""field.md §1.2: shelving at most 12 h, with a reason, ended by itself."""


def shelve(
    connection: Connection[Any],
    alarm_id: int,
    *,
    actor: str,
    at: datetime,
    until: datetime,
    reason: str,
    leader: bool,
) -> None:
    """Shelves an alarm in the caller's transaction, history and audit included.

    `leader`: the actor holds the leader's role or a higher one; without it a red alarm (or one that
    was red and has returned) is not shelved (ForbiddenError). Raises InputError for an empty reason
    or an end that is past or more than 12 h ahead, NotFoundError, ConflictError if it is shelved or
    over. Role and area are for the caller to check.
    """
    reason = reason.strip()
    if not reason:
        raise InputError("reason_missing", "shelving needs a reason: write why this alarm may be put aside")
    if not at < until <= at + LONGEST:
        raise InputError("shelf_too_long", "an alarm is shelved for 12 hours at most: choose an earlier end")
    alarm = alarms.lock(connection, alarm_id)
    if ceiling(standing(alarm)) is Severity.RED and not leader:
        raise ForbiddenError("a red alarm is shelved by the leader on duty only: ask the leader")
    detail = {"reason": reason, "until": until.isoformat()}
    moved, _ = act(connection, alarm, Shelved(), actor=actor, at=at, detail=detail)
    alarms.save(connection, replace(moved, shelved_until=until, shelved_reason=reason, shelved_by=actor))
    audit.append(connection, actor=actor, action="alarm.shelve", subject=f"alarm/{alarm_id}", detail=detail)


def unshelve(connection: Connection[Any], alarm_id: int, *, actor: str, at: datetime, note: str = "") -> None:
    """Takes an alarm off the shelf in the caller's transaction: unacknowledged again, or closed if normal.

    Raises NotFoundError, ConflictError if it is not shelved.
    """
    alarm = alarms.lock(connection, alarm_id)
    moved, _ = act(
        connection,
        alarm,
        Unshelved(by_itself=False),
        actor=actor,
        at=at,
        detail={"note": note} if note else {},
    )
    alarms.save(connection, replace(moved, shelved_until=None, shelved_reason=None, shelved_by=None))
    audit.append(
        connection, actor=actor, action="alarm.unshelve", subject=f"alarm/{alarm_id}", detail={"note": note}
    )
