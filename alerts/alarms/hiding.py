"""What hides an alarm that is new: its subject is out of service, or another alarm explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import Connection

from alerts.alarms.inhibition import Explanations, name
from core.alarms import Alarm, AlarmState
from core.inhibition import seen
from store import inhibitions, service
from store.areas import all_above


@dataclass(frozen=True, slots=True)
class Hidden:
    """Into which state an alarm is born, and by what: `by` is `alarm:ID`, `until` the end of the absence."""

    state: AlarmState
    by: str | None = None
    until: datetime | None = None


Hiding = Callable[[Alarm], Hidden | None]
"""What hides an alarm that is new, if anything."""


def hiding(connection: Connection[Any], rule: str, now: datetime) -> Hiding:
    """What hides new alarms of a rule, as it is now; nothing is read before it is asked for the first time.

    Out of service goes before suppressed: two persons decided it.
    """

    @cache
    def explanations() -> Explanations:
        rows = [row for row in inhibitions.inhibitions(connection) if row.target == rule]
        sources = inhibitions.sources(connection, rows, now) if rows else []
        return Explanations(rows, sources, all_above(connection) if sources else {}, now)

    @cache
    def absent() -> dict[tuple[str, str], datetime | None]:
        return service.out_of_service(connection)

    def hide(alarm: Alarm) -> Hidden | None:
        key = ("station", alarm.station) if alarm.station else (alarm.subject_kind, alarm.subject)
        if key in absent():
            return Hidden(AlarmState.OUT_OF_SERVICE, until=absent()[key])
        by = explanations().explaining(seen(alarm))
        return Hidden(AlarmState.SUPPRESSED, by=name(by)) if by is not None else None

    return hide


def explanations(connection: Connection[Any], now: datetime) -> Explanations:
    """All that explains others now."""
    rows = inhibitions.inhibitions(connection)
    return Explanations(rows, inhibitions.sources(connection, rows, now), all_above(connection), now)
