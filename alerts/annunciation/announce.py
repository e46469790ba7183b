"""An alarm asks for people, in the transaction that changes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.notices import Cause
from core.alarms import Alarm
from store import annunciation
from store.annunciation import Ask


def announce(connection: Connection[Any], alarm: Alarm, cause: Cause, *, at: datetime) -> None:
    """Queues it; `flush` tells people, at once or when its wait is over.

    An alarm that waits already goes on waiting, with what is newest.
    """
    annunciation.ask(
        connection,
        Ask(
            alarm=alarm.id,
            exercise=alarm.exercise,
            at=at,
            severity=cause.severity,
            colour=cause.colour,
            title=cause.title,
            text=cause.text,
            line=cause.line or cause.title,
            hazard=alarm.alarm_class,
        ),
    )


def next_due(connection: Connection[Any]) -> datetime | None:
    """When `flush` has something to do next; None: not before somebody announces something."""
    return annunciation.next_due(connection)
