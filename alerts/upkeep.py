"""What the leading evaluator tends beside observations and looks: suppression, ends of absences, what is at rest,
what no rule stands for any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts import service
from alerts.alarms.acts import act
from alerts.alarms.happenings import Acknowledged, Observed
from alerts.alarms.suppress import suppress
from alerts.annunciation import flush
from alerts.notices import Wording
from core.alarms import AlarmState
from core.settings import Settings
from store import alarms, open_alarms
from store import service as absences

log = structlog.get_logger("anlan.alerts")

ACTOR = "at rest"
"""Who acknowledges what has returned and calls for nothing any more."""


def tend(connection: Connection[Any], settings: Settings, wording: Wording, now: datetime) -> int:
    """One round, each part in a transaction of its own; returns how many alarms and absences moved.

    Raises psycopg.OperationalError where the database itself fails; else one that cannot be tended harms no other.
    """
    moved = 0
    alone = partial(_alone, connection, wording, now)
    for number in absences.due_back(connection, now):
        moved += alone("service", partial(_end_absence, connection, number, wording, now))
    moved += alone("suppress", partial(suppress, connection, wording, now))
    for number in open_alarms.without_rule(connection):
        moved += alone("without_rule", partial(return_without_rule, connection, number, now=now))
    after_s = settings.alerts.acknowledge_blue_after_s
    if after_s:
        for number in open_alarms.at_rest(connection, now - timedelta(seconds=after_s)):
            moved += alone("at_rest", partial(acknowledge_at_rest, connection, number, now=now))
    return moved


def acknowledge_at_rest(connection: Connection[Any], alarm_id: int, *, now: datetime) -> int:
    """Acknowledges an alarm that returned and never was worse than blue (field.md §1.2); 0 if it moved meanwhile."""
    alarm = alarms.lock(connection, alarm_id)
    if alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED:
        return 0
    moved, _ = act(connection, alarm, Acknowledged(), actor=ACTOR, at=now, detail={"by_itself": True})
    alarms.save(connection, replace(moved, acknowledged_at=now, acknowledged_by=ACTOR))
    return 1


def return_without_rule(connection: Connection[Any], alarm_id: int, *, now: datetime) -> int:
    """Lets an alarm return whose rule is out of force: nobody judges any more whether it still holds."""
    alarm = alarms.lock(connection, alarm_id)
    if not alarm.abnormal:
        return 0
    gone = Observed(severity=None, reached=None)
    moved, _ = act(connection, alarm, gone, actor=f"rule:{alarm.rule}", at=now, detail={"reason": "no_rule"})
    alarms.save(connection, moved)
    return 1


def _end_absence(connection: Connection[Any], number: int, wording: Wording, now: datetime) -> int:
    service.end_due(connection, number, wording, now)
    return 1


def _alone(
    connection: Connection[Any], wording: Wording, now: datetime, what: str, do: Callable[[], int]
) -> int:
    """In a transaction of its own, people told included."""
    try:
        with connection.transaction():
            moved = do()
            flush(connection, wording, now)
            return moved
    except psycopg.OperationalError:
        raise
    except Exception as error:
        log.error("alarms.upkeep", what=what, error=f"{type(error).__name__}: {error}", exc_info=True)
        return 0
