"""An acknowledgement is taken back: it was given in error, or nobody sees to the alarm any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import Unacknowledged
from alerts.alarms.recall import recall
from alerts.notices import Wording
from core.errors import InputError
from store import alarms, audit


def unacknowledge(
    connection: Connection[Any], alarm_id: int, *, actor: str, at: datetime, reason: str, wording: Wording
) -> None:
    """The alarm is unacknowledged again, and people are called again. In the caller's transaction.

    Raises InputError without a reason, NotFoundError, ConflictError if it is not acknowledged. Role and area are
    for the caller to check.
    """
    reason = reason.strip()
    if not reason:
        raise InputError("reason_missing", "taking an acknowledgement back needs a reason: write why")
    alarm = alarms.lock(connection, alarm_id)
    detail = {"reason": reason, "acknowledged_by": alarm.acknowledged_by}
    moved, changes = act(connection, alarm, Unacknowledged(), actor=actor, at=at, detail=detail)
    alarms.save(connection, moved)
    recall(connection, moved, changes, wording, at=at)
    audit.append(
        connection, actor=actor, action="alarm.unacknowledge", subject=f"alarm/{alarm_id}", detail=detail
    )
