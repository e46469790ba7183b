"""Who is called for what waits: decided once for each hazard, area and severity of a look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts.callees import Callees, callees
from alerts.notices import Wording
from core.alarms import AlarmClass
from core.orders import Recipient
from core.severity import Severity
from store.annunciation import ToldRow, WaitingRow

log = structlog.get_logger("anlan.alerts")


@dataclass
class Calling:
    """The decisions of one look."""

    connection: Connection[Any]
    wording: Wording
    now: datetime
    _callees: dict[tuple[str, str | None, str, str | None], Callees] = field(default_factory=dict)

    def who(self, row: WaitingRow | ToldRow) -> Callees:
        """Who is called for such an alarm; decided once for a look."""
        key = (row.hazard, row.area, row.severity, row.exercise)
        if key not in self._callees:
            self._callees[key] = self._decided(*key)
        return self._callees[key]

    def recipients(self, rows: Iterable[WaitingRow | ToldRow]) -> list[Recipient]:
        """Everybody who is called for any of them."""
        return sorted({recipient for row in rows for recipient in self.who(row).recipients})

    def stands_in(self, rows: Iterable[WaitingRow | ToldRow]) -> dict[str, str]:
        """Who is called → whom they stand in for: both names stay in the history."""
        found: dict[str, str] = {}
        for row in rows:
            found |= self.who(row).stands_in or {}
        return found

    def _decided(self, hazard: str, area: str | None, severity: str, exercise: str | None) -> Callees:
        """A decision that fails calls nobody, and keeps nobody else from being called."""
        try:
            with self.connection.transaction():
                return callees(
                    self.connection,
                    hazard=AlarmClass(hazard),
                    area=area,
                    severity=Severity(severity),
                    at=self.now,
                    exercise=exercise,
                    zone=self.wording.time_zone,
                    quiet=self.wording.quiet,
                )
        except psycopg.OperationalError:
            raise
        except Exception as error:
            log.error(
                "alarms.callees_not_decided", hazard=hazard, area=area, error=said(error), exc_info=True
            )
            return Callees(None, reason="undecided", exercise=exercise)


def said(error: Exception) -> str:
    """A fault as histories and logs keep it."""
    return f"{type(error).__name__}: {error}"[:500]
