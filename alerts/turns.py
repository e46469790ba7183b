"""What has its turn beside the readings: finders, shelves, upkeep, requests, doubts, gates.

It must never stop the water: a part that fails is told, and has its turn again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts import unverified
from alerts.alarms.batch import Setting
from alerts.annunciation import flush
from alerts.annunciation import next_due as next_told
from alerts.gatekeeper import reopen
from alerts.second_person import expire_due
from alerts.shelve import end_shelf
from alerts.standing.finding import Finder, Look
from alerts.standing.reconcile import Looks, look
from alerts.unverified import Limits, escalate
from alerts.upkeep import tend
from core.clock import Clock
from core.settings import Settings
from store import evaluation, marks, open_alarms, tracks

log = structlog.get_logger("anlan.alerts")

LOOK_S = 5.0
"""The longest time between two looks, whatever was announced."""
_TEND_S = 2.0
"""The shortest time between two rounds of upkeep: in a storm it must not follow every alarm."""
_LEAST_S = 0.5
"""The shortest wait for what is due: what cannot be done when it is due must not be tried without a pause."""
_BACK_AFTER_S = 3600.0


@dataclass
class Turns:
    """`lines` counts the lines of history that were written, by readings too (`moved`); `failed` parts that failed."""

    settings: Settings
    setting: Setting
    clock: Clock
    finders: Sequence[Finder]
    lines: int = 0
    failed: int = 0
    _looks: Looks = field(init=False)
    _tended: float = float("-inf")
    _tended_lines: int = 0
    _reopened: float = float("-inf")
    _reopened_lines: int = 0
    _back_due: float = float("-inf")

    def __post_init__(self) -> None:
        self._looks = Looks(self.finders)

    def begin(self) -> None:
        """Somebody begins to lead: what was set aside is tried again."""
        self._back_due = float("-inf")

    def moved(self, lines: int) -> None:
        """Readings moved alarms."""
        self.lines += lines

    def wake(self, announced: str) -> bool:
        """What was announced has its finders look at once; False if it is nobody's."""
        return self._looks.wake(announced)

    def until_due(self, connection: Connection[Any]) -> float:
        """Seconds until something is due: an end of a shelf, a fault to try again, a delay, a wait of a notice, a
        doubt, a look."""
        steps = unverified.next_due(connection, Limits.of(self.settings.alerts))
        due = min((at for at in (next_due(connection), steps) if at is not None), default=None)
        waits = max(_LEAST_S, (due - self.clock()).total_seconds()) if due else LOOK_S
        return min(waits, self._looks.next_s(time.monotonic()))

    def run(self, connection: Connection[Any]) -> None:
        """One turn of every part that is due, each in transactions of its own. Raises psycopg.OperationalError."""
        for part in (
            self._bring_back,
            self._look,
            self._end_shelves,
            self._tend,
            self._expire,
            self._escalate,
            self._reopen,
        ):
            try:
                part(connection)
            except psycopg.OperationalError:
                raise
            except Exception as error:
                self.failed += 1
                said = f"{type(error).__name__}: {error}"
                log.error("alerts.part_failed", part=part.__name__, error=said, exc_info=True)

    def _bring_back(self, connection: Connection[Any]) -> None:
        """What was set aside is tried again every hour, and when somebody begins to lead."""
        if time.monotonic() >= self._back_due:
            self._back_due = time.monotonic() + _BACK_AFTER_S
            with connection.transaction():
                marks.bring_back(connection, marks.EVALUATOR, self.clock())

    def _look(self, connection: Connection[Any]) -> None:
        """The turn of every finder that is due."""
        for finder in self._looks.due(time.monotonic()):
            at = Look(self.clock(), self.setting.zone, self.settings)
            with connection.transaction():
                looked = look(connection, finder, at, self.setting.wording)
            self.lines += looked.lines
            if looked.more:
                self._looks.again(finder)
            if looked.lines or looked.faults:
                log.info("alerts.looked", kind=finder.kind, lines=looked.lines, faults=looked.faults)

    def _end_shelves(self, connection: Connection[Any]) -> None:
        for alarm_id in open_alarms.over_shelved(connection, self.clock()):
            try:
                with connection.transaction():
                    end_shelf(connection, alarm_id, self.setting.wording, self.clock())
                    flush(connection, self.setting.wording, self.clock())
            except psycopg.OperationalError:
                raise
            except Exception as error:
                log.error("alarm.shelf", alarm=alarm_id, error=str(error))

    def _tend(self, connection: Connection[Any]) -> None:
        """What explains what, and what ends by itself: soon after alarms moved, else every few seconds."""
        pause_s = LOOK_S if self._tended_lines == self.lines else _TEND_S
        if time.monotonic() - self._tended < pause_s:
            return
        self.lines += tend(connection, self.settings, self.setting.wording, self.clock())
        self._tended, self._tended_lines = time.monotonic(), self.lines

    def _expire(self, connection: Connection[Any]) -> None:
        """Requests to a second person that nobody answered."""
        with connection.transaction():
            expire_due(connection, self.clock())

    def _escalate(self, connection: Connection[Any]) -> None:
        """What waits to be verified for too long."""
        limits = Limits.of(self.settings.alerts)
        with connection.transaction():
            self.lines += escalate(connection, limits, self.setting.wording, self.clock())

    def _reopen(self, connection: Connection[Any]) -> None:
        """What waited for other alarms that hold now: when alarms moved, else every few seconds."""
        if self._reopened_lines == self.lines and time.monotonic() - self._reopened < LOOK_S:
            return
        self._reopened, self._reopened_lines = time.monotonic(), self.lines
        with connection.transaction():
            reopen(connection, self.clock())


def next_due(connection: Connection[Any]) -> datetime | None:
    """When the evaluator must look again by itself: the next end of a shelf, fault to retry, delay,
    wait of a notice."""
    times = [fault.retry_at for fault in evaluation.faults(connection)]
    if (delay := tracks.next_due(connection)) is not None:
        times.append(delay)
    dues = (open_alarms.next_shelf_end(connection), next_told(connection))
    return min([*times, *(due for due in dues if due is not None)], default=None)
