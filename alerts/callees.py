"""Who is called for a hazard in an area: decided here, called by the orders.

The decision is pure (`decide`); `callees` reads what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.alarms import AlarmClass
from core.orders import Channel, Recipient
from core.people import Person
from core.severity import Severity
from store.areas import top_area
from store.people import on_duty


@dataclass(frozen=True, slots=True)
class Callees:
    """Who is called, at whose desk, and how.

    `desk` is the area whose duty desk has the alarm: the nearest with anybody on duty, else the county; None
    before any area is known. Without `persons` nobody can be called, and `reason` says why (`no_area`,
    `nobody_on_duty`); else it says by which rule they were found. `quiet_until` is set while the call waits
    for the morning.
    """

    desk: str | None
    persons: tuple[Person, ...] = ()
    channels: tuple[Channel, ...] = (Channel.SMS,)
    quiet_until: datetime | None = None
    reason: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the persons."""
        return tuple(person.code for person in self.persons)

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Persons × channels, as `create_notice` takes them."""
        return tuple(Recipient("person", person.code, Channel.SMS) for person in self.persons)


def callees(
    connection: Connection[Any],
    *,
    hazard: AlarmClass,
    area: str | None,
    severity: Severity | None,
    at: datetime,
    exercise: str | None,
) -> Callees:
    """Who is called at `at` for an alarm of this hazard, area (None: the county) and severity.

    All duty officers of the area now, else of the area above it; with none anywhere, the leaders.
    """
    county = top_area(connection)
    asked = area or county
    if asked is None:
        return Callees(None, reason="no_area")
    for position in ("duty", "leader"):
        found = on_duty(connection, asked, at, position)
        if found:
            return Callees(found.area, tuple(found.persons), reason=position)
    return Callees(county, reason="nobody_on_duty")
