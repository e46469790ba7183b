"""People hear again of an alarm that was hidden or acknowledged, and still stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.machine import Change
from alerts.annunciation import announce
from alerts.notices import Wording, cause_of
from core.alarms import Alarm
from store.rules import kind_of
from store.stations import station


def recall(
    connection: Connection[Any],
    alarm: Alarm,
    changes: Iterable[Change],
    wording: Wording,
    *,
    at: datetime,
    off_shelf: bool = False,
) -> None:
    """Announces it if one of the changes asks for people, in the caller's transaction; the evaluator tells them.

    `off_shelf`: it tells that the time of its shelf is over.
    What nobody is called for (equipment without a priority) is only listed.
    """
    if not any(change.call for change in changes):
        return
    name = station(connection, alarm.station).name if alarm.station else alarm.subject
    cause = cause_of(alarm, name, kind_of(connection, alarm.rule), wording, at=at, off_shelf=off_shelf)
    if cause is not None:
        announce(connection, alarm, cause, at=at)
