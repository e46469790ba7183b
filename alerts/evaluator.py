"""The role `anlan alerts`: one leads and evaluates, any others stand by.

The lead is an advisory lock of the very connection on which alarms are moved: who loses the
connection loses the lead, and can write nothing more. Work is done when marks are announced, when
something is due (a shelf ends, a fault is tried again, a finder of standing conditions has its turn), and
every few seconds in any case.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import Connection, Notify, sql

from alerts.alarms.batch import MOST_MARKS, Done, Setting, evaluate
from alerts.alarms.memory import Memory
from alerts.shelve import LONGEST
from alerts.standing import FINDERS
from alerts.standing.finding import Finder
from alerts.turns import LOOK_S, Turns
from core.clock import Clock
from core.errors import UnavailableError
from core.notices import CHANGES, MARKS
from core.settings import Settings
from store import clock_steps, evaluation, marks
from store.connection import connect
from store.heartbeats import beat
from store.lead import wait_for_lead

log = structlog.get_logger("anlan.alerts")

ROLE = "alerts"
_SLICE_S = 0.5
"""How soon a request to stop is noticed while nothing happens."""
_BEAT_S = 5.0
_STANDBY_S = 1.0
_STEP = timedelta(seconds=5)
"""A clock that is disciplined goes back by less."""
_MOST_BUSY = 200
_FEWEST_MARKS = 200
_NARROWER = 8
_AGAIN_S = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Evaluator:
    """Runs until `stop` is called (from a signal handler or another thread)."""

    settings: Settings
    clock: Clock
    instance: str = "1"
    finders: Sequence[Finder] = FINDERS
    setting: Setting = field(init=False)
    _turns: Turns = field(init=False)
    _memory: Memory = field(init=False, default_factory=Memory)
    _most: int = MOST_MARKS
    _stopping: bool = False
    _beaten: float = float("-inf")
    _seen: datetime | None = None
    _marks: int = 0
    _failed: int = 0

    def __post_init__(self) -> None:
        self.setting = Setting.of(self.settings)
        self._turns = Turns(self.settings, self.setting, self.clock, self.finders)

    def stop(self) -> None:
        """Ends `run` after the transaction in hand."""
        self._stopping = True

    def run(self) -> None:
        """Leads or stands by; takes the connection up again when the database comes back."""
        failures = 0
        while not self._stopping:
            try:
                with connect(
                    self.settings.need_database(), name="anlan-alerts", autocommit=True
                ) as connection:
                    failures = 0
                    self._serve(connection)
            except (psycopg.OperationalError, UnavailableError) as error:
                log.warning("alerts.database", error=str(error).strip())
                self._sleep(_AGAIN_S[min(failures, len(_AGAIN_S) - 1)])
                failures += 1

    def _serve(self, connection: Connection[Any]) -> None:
        if not wait_for_lead(connection, ROLE, stand_by=partial(self._stand_by, connection)):
            return
        log.info("alerts.leading", instance=self.instance)
        self._memory.forget()
        for channel in (MARKS, CHANGES):
            connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        self._seen = clock_steps.newest_beat(connection, ROLE)
        self._turns.begin()
        while not self._stopping:
            self._watch_clock(connection)
            if not self._work(connection):
                self._wait(connection)
            self._beat(connection, leading=True)

    def _stand_by(self, connection: Connection[Any]) -> bool:
        self._beat(connection, leading=False)
        self._sleep(_STANDBY_S)
        return not self._stopping

    def _watch_clock(self, connection: Connection[Any]) -> None:
        """Where the clock has gone back, or whoever led before had one that was ahead: nothing waits for its time."""
        now = self.clock()
        if self._seen is not None and self._seen - now > _STEP:
            with connection.transaction():
                hurried = clock_steps.hurry(connection, now, LONGEST)
            log.warning("alerts.clock_went_back", by_s=(self._seen - now).total_seconds(), hurried=hurried)
        self._seen = now

    def _work(self, connection: Connection[Any]) -> bool:
        """One round: what is new, then a share of the backlog; True if there may be more to do at once."""
        done = []
        for notice in connection.notifies(timeout=0):
            self._hear(notice)
        try:
            for fresh in (True, False):
                done.append(self._evaluate(connection, fresh=fresh))
            self._turns.run(connection)
        except psycopg.OperationalError as error:
            self._memory.forget()
            if connection.closed:
                raise
            log.warning("alerts.again", error=str(error).strip())
            self._sleep(_AGAIN_S[0])
            return True
        for part in done:
            self._count(part)
        return any(part.marks for part in done)

    def _evaluate(self, connection: Connection[Any], *, fresh: bool) -> Done:
        """One transaction; fewer marks in the next one while many subjects move, for each of them takes its time.

        Where it fails as a whole, ever fewer, until the mark that fails stands alone and is set aside: one reading
        that nobody thought of must not stop the alarms of all others.
        """
        try:
            with connection.transaction():
                done = evaluate(
                    connection, self.setting, self.clock(), fresh=fresh, memory=self._memory, most=self._most
                )
        except psycopg.OperationalError:
            raise
        except Exception as error:
            return self._narrow(connection, error, fresh=fresh)
        if done.busy > _MOST_BUSY:
            self._most = max(_FEWEST_MARKS, self._most // 4)
        elif done.marks:
            self._most = min(MOST_MARKS, self._most * 2)
        return done

    def _narrow(self, connection: Connection[Any], error: Exception, *, fresh: bool) -> Done:
        self._memory.forget()
        self._failed += 1
        reason = f"{type(error).__name__}: {error}"
        log.error("alerts.evaluation_failed", marks=self._most, error=reason, exc_info=True)
        if self._most > 1:
            self._most = max(1, self._most // _NARROWER)
            return Done(marks=1)
        with connection.transaction():
            aside = marks.set_aside(connection, marks.EVALUATOR, reason, fresh=fresh)
        return Done(marks=aside)

    def _hear(self, notice: Notify) -> bool:
        """Takes in what was announced; True if there is something to do."""
        if notice.channel == MARKS:
            return True
        announced = str(json.loads(notice.payload).get("kind"))
        return self._turns.wake(announced)

    def _count(self, done: Done) -> None:
        self._marks += done.marks
        self._turns.moved(done.lines)
        if done.lines or done.faults:
            log.info(
                "alerts.evaluated",
                marks=done.marks,
                readings=done.readings,
                lines=done.lines,
                faults=done.faults,
            )

    def _wait(self, connection: Connection[Any]) -> None:
        """Until marks are announced or something is due."""
        until = time.monotonic() + min(LOOK_S, self._turns.until_due(connection))
        while not self._stopping:
            left = until - time.monotonic()
            if left <= 0:
                return
            for notice in connection.notifies(timeout=min(left, _SLICE_S), stop_after=1):
                if self._hear(notice):
                    return

    def _beat(self, connection: Connection[Any], *, leading: bool) -> None:
        if time.monotonic() - self._beaten < _BEAT_S:
            return
        waiting = len(evaluation.faults(connection))
        detail = {
            "leading": leading,
            "marks": self._marks,
            "lines": self._turns.lines,
            "faults": waiting,
            "failed": self._failed + self._turns.failed,
        }
        beat(connection, ROLE, self.instance, self.clock(), detail)
        self._beaten = time.monotonic()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_S))
