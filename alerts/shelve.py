"""Putting an alarm aside for a while (搁置), with a reason; it comes back by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import act, standing
from alerts.alarms.happenings import Shelved, Unshelved
from alerts.alarms.machine import ceiling, step
from alerts.alarms.recall import recall
from alerts.notices import Wording
from core.alarms import Alarm, AlarmState
from core.errors import ConflictError, ForbiddenError, InputError
from core.requests import Request
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
    second: str | None = None,
) -> None:
    """Shelves an alarm in the caller's transaction, history and audit included.

    `leader`: the actor holds the leader's role or a higher one; without it a red alarm (or one that
    was red and has returned) is not shelved (ForbiddenError); and with it only if a second person, `second`,
    has allowed it (`alerts.second_person`; ConflictError). Raises InputError for an empty reason
    or an end that is past or more than 12 h ahead, NotFoundError, ConflictError if it is shelved or
    over. Role and area are for the caller to check.
    """
    reason = reason.strip()
    if not reason:
        raise InputError("reason_missing", "shelving needs a reason: write why this alarm may be put aside")
    if not at < until <= at + LONGEST:
        raise InputError("shelf_too_long", "an alarm is shelved for 12 hours at most: choose an earlier end")
    alarm = alarms.lock(connection, alarm_id)
    if needs_second(alarm):
        if not leader:
            raise ForbiddenError("a red alarm is shelved by the leader on duty only: ask the leader")
        if second is None:
            raise ConflictError(
                "a red alarm is shelved by two persons: propose it, and have another allow it"
            )
    detail = {"reason": reason, "until": until.isoformat()} | ({"second": second} if second else {})
    moved, _ = act(connection, alarm, Shelved(), actor=actor, at=at, detail=detail)
    alarms.save(connection, replace(moved, shelved_until=until, shelved_reason=reason, shelved_by=actor))
    audit.append(connection, actor=actor, action="alarm.shelve", subject=f"alarm/{alarm_id}", detail=detail)


def needs_second(alarm: Alarm) -> bool:
    """True if a second person must allow its shelving: it is red, or was and has returned."""
    return ceiling(standing(alarm)) is Severity.RED


def to_shelve(connection: Connection[Any], alarm_id: int) -> Alarm:
    """The alarm, if two persons can shelve it. Raises NotFoundError, ConflictError."""
    alarm = alarms.get(connection, alarm_id)
    step(standing(alarm), Shelved())
    if not needs_second(alarm):
        raise ConflictError("this alarm is not red: it is shelved without a second person")
    return alarm


def shelve_for_two(connection: Connection[Any], request: Request, at: datetime) -> None:
    """Shelves what one person proposed and another one has allowed."""
    if request.ends_at is None or request.decided_by is None:
        raise ConflictError("a shelf needs an end and a second person")
    alarm_id = int(request.subject.removeprefix("alarm/"))
    shelve(
        connection, alarm_id, actor=request.proposed_by, at=at, until=request.ends_at,
        reason=request.reason, leader=True, second=request.decided_by,
    )  # fmt: skip


def unshelve(
    connection: Connection[Any], alarm_id: int, *, actor: str, at: datetime, wording: Wording, note: str = ""
) -> None:
    """Takes an alarm off the shelf in the caller's transaction: closed if normal, else unacknowledged again, and
    people are called.

    Raises NotFoundError, ConflictError if it is not shelved.
    """
    alarm = alarms.lock(connection, alarm_id)
    detail = {"note": note} if note else {}
    _take_off(connection, alarm, actor, at, detail, wording, off_shelf=False)
    audit.append(
        connection, actor=actor, action="alarm.unshelve", subject=f"alarm/{alarm_id}", detail={"note": note}
    )


def end_shelf(connection: Connection[Any], alarm_id: int, wording: Wording, now: datetime) -> None:
    """Takes an alarm off the shelf whose time is over; if the danger stands, people are called again.

    In the caller's transaction. Does nothing if somebody was quicker.
    """
    alarm = alarms.lock(connection, alarm_id)
    if alarm.state is not AlarmState.SHELVED or alarm.shelved_until is None or alarm.shelved_until > now:
        return
    detail = {"by_itself": True, "reason": alarm.shelved_reason}
    _take_off(connection, alarm, "shelf", now, detail, wording, off_shelf=True)


def _take_off(
    connection: Connection[Any],
    alarm: Alarm,
    actor: str,
    at: datetime,
    detail: dict[str, Any],
    wording: Wording,
    *,
    off_shelf: bool,
) -> None:
    moved, changes = act(connection, alarm, Unshelved(), actor=actor, at=at, detail=detail)
    alarms.save(connection, moved)
    recall(connection, moved, changes, wording, at=at, off_shelf=off_shelf)
