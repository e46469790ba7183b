"""A person has heard an alarm: by the page, the interface, or the answer to its notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act
from alerts.alarms.happenings import Acknowledged
from core.alarms import AlarmState
from core.errors import ChangedError, ConflictError
from core.severity import Severity
from store import alarms, audit


def acknowledge(
    connection: Connection[Any],
    alarm_id: int,
    *,
    actor: str,
    at: datetime,
    note: str = "",
    told: Severity | None = None,
) -> None:
    """Acknowledges an alarm in the caller's transaction, history and audit included.

    `actor` is a user's or a person's name; `told` is as what the person was called for it: what is worse by
    now is not acknowledged (None: the person sees it as it is). The row stays locked until the transaction ends. An alarm
    that has returned is closed by it. Raises NotFoundError; ConflictError if it is acknowledged,
    shelved or over, ChangedError if it is worse (nothing is written then, the transaction can go on). Whether the actor may do so
    (role, area) is for the caller to check.
    """
    alarm = alarms.lock(connection, alarm_id)
    if alarm.state is AlarmState.ACKNOWLEDGED:
        raise ConflictError(f"{alarm.acknowledged_by} has acknowledged alarm {alarm_id} already")
    if told is not None and alarm.abnormal and alarm.urgency is not None and alarm.urgency.rank > told.rank:
        raise ChangedError(
            f"alarm {alarm_id} is {alarm.urgency} by now, and {told} was told: look at it again",
            [{"severity": str(alarm.urgency)}],
        )
    detail = {"note": note} if note else {}
    moved, _ = act(connection, alarm, Acknowledged(), actor=actor, at=at, detail=detail)
    alarms.save(connection, replace(moved, acknowledged_at=at, acknowledged_by=actor))
    audit.append(
        connection, actor=actor, action="alarm.acknowledge", subject=f"alarm/{alarm_id}", detail=detail
    )
