"""What a person (or a clock) does to an alarm, written down: lock the row, step, save, tell history."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.happenings import Event
from alerts.alarms.machine import Change, Standing, step
from core.alarms import Alarm, AlarmEvent, AlarmEventKind, AlarmState
from store import alarms


def standing(alarm: Alarm) -> Standing:
    """What the state machine knows of an alarm."""
    return Standing(
        state=alarm.state,
        severity=alarm.severity,
        highest=alarm.highest_severity,
        called=alarm.called_severity,
        to_verify=alarm.to_verify,
        ceiling=alarm.shelved_severity,
        colourless=alarm.colourless,
        latches=alarm.latches,
    )


def stand(alarm: Alarm, standing: Standing) -> Alarm:
    """The alarm as the state machine left it."""
    return replace(
        alarm,
        state=standing.state,
        severity=standing.severity,
        highest_severity=standing.highest,
        called_severity=standing.called,
        to_verify=standing.to_verify,
        shelved_severity=standing.ceiling,
        colourless=standing.colourless,
    )


def dated(alarm: Alarm, change: Change, *, at: datetime, observed_at: datetime) -> Alarm:
    """The alarm with the times that a change of it leaves behind: of the centre, and of what was observed."""
    match change.kind:
        case AlarmEventKind.RAISED:
            return replace(
                alarm, returned_at=None, reached_until=None, acknowledged_at=None, acknowledged_by=None
            )
        case AlarmEventKind.WORSENED | AlarmEventKind.UNACKNOWLEDGED:
            return replace(alarm, acknowledged_at=None, acknowledged_by=None)
        case AlarmEventKind.RETURNED:
            return replace(alarm, returned_at=at, reached_until=observed_at)
        case AlarmEventKind.UNSHELVED:
            shown = replace(alarm, shelved_until=None, shelved_reason=None, shelved_by=None)
            return _heard_anew(shown, change)
        case AlarmEventKind.RELEASED:
            return _heard_anew(replace(alarm, suppressed_by=None), change)
        case AlarmEventKind.PUT_BACK:
            return _heard_anew(replace(alarm, service_until=None), change)
        case AlarmEventKind.CLOSED:
            return replace(alarm, closed_at=at)
        case _:
            return alarm


def _heard_anew(alarm: Alarm, change: Change) -> Alarm:
    """What is unacknowledged again when it is shown again has been acknowledged by nobody."""
    if change.state is AlarmState.UNACKNOWLEDGED:
        return replace(alarm, acknowledged_at=None, acknowledged_by=None)
    return alarm


def act(
    connection: Connection[Any],
    alarm: Alarm,
    event: Event,
    *,
    actor: str,
    at: datetime,
    detail: dict[str, Any],
) -> tuple[Alarm, tuple[Change, ...]]:
    """Steps a locked alarm and returns it as it now is; nothing of it is written yet but its history.

    Raises ConflictError where the act does not fit the alarm's state.
    """
    after, changes = step(standing(alarm), event)
    moved = stand(alarm, after)
    for change in changes:
        moved = dated(moved, change, at=at, observed_at=alarm.observed_at or at)
        alarms.add_event(
            connection,
            AlarmEvent(
                alarm=alarm.id,
                at=at,
                kind=change.kind,
                state=change.state,
                severity=change.severity,
                value=alarm.value,
                threshold=alarm.threshold,
                observed_at=alarm.observed_at,
                received_at=None,
                actor=actor,
                detail=detail,
            ),
        )
    return moved, changes
