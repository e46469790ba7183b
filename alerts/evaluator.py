"""The role `anlan alerts`: one leads and evaluates, any others stand by.

The lead is an advisory lock of the very connection on which alarms are moved: who loses the
connection loses the lead, and can write nothing more. Work is done when marks are announced, when
something is due (a shelf ends, a fault is tried again, a finder of standing conditions has its turn), and
every few seconds in any case.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import Connection, Notify, sql

from alerts import unverified
from alerts.alarms.batch import MOST_MARKS, Done, Setting, evaluate
from alerts.alarms.memory import Memory
from alerts.annunciation import flush
from alerts.annunciation import next_due as next_told
from alerts.gatekeeper import reopen
from alerts.second_person import expire_due
from alerts.shelve import LONGEST, end_shelf
from alerts.standing import FINDERS
from alerts.standing.finding import Finder, Look
from alerts.standing.reconcile import Looks, look
from alerts.unverified import Limits, escalate
from alerts.upkeep import tend
from core.clock import Clock
from core.errors import UnavailableError
from core.notices import CHANGES, MARKS
from core.settings import Settings
from store import clock_steps, evaluation, marks, open_alarms, tracks
from store.connection import connect
from store.heartbeats import beat
from store.lead import wait_for_lead

log = structlog.get_logger("anlan.alerts")

ROLE = "alerts"
_LOOK_S = 5.0
"""The longest time between two looks, whatever was announced."""
_TEND_S = 2.0
"""The shortest time between two rounds of upkeep: in a storm it must not follow every alarm."""
_SLICE_S = 0.5
"""How soon a request to stop is noticed while nothing happens."""
_BEAT_S = 5.0
_STANDBY_S = 1.0
_STEP = timedelta(seconds=5)
"""A clock that is disciplined goes back by less."""
_MOST_BUSY = 200
_FEWEST_MARKS = 200
_NARROWER = 8
_BACK_AFTER_S = 3600.0
_AGAIN_S = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Evaluator:
    """Runs until `stop` is called (from a signal handler or another thread)."""

    settings: Settings
    clock: Clock
    instance: str = "1"
    finders: Sequence[Finder] = FINDERS
    setting: Setting = field(init=False)
    _looks: Looks = field(init=False)
    _memory: Memory = field(init=False, default_factory=Memory)
    _most: int = MOST_MARKS
    _stopping: bool = False
    _beaten: float = float("-inf")
    _seen: datetime | None = None
    _marks: int = 0
    _lines: int = 0
    _failed: int = 0
    _tended: float = float("-inf")
    _tended_lines: int = 0
    _reopened: float = float("-inf")
    _reopened_lines: int = 0
    _bring_back_due: float = float("-inf")

    def __post_init__(self) -> None:
        self.setting = Setting.of(self.settings)
        self._looks = Looks(self.finders)

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
        self._bring_back_due = float("-inf")
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
            for beside in (
                self._bring_back,
                self._look,
                self._end_shelves,
                self._tend,
                self._expire,
                self._escalate,
                self._reopen,
            ):
                self._guarded(connection, beside)
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

    def _bring_back(self, connection: Connection[Any]) -> None:
        """What was set aside is tried again every hour, and when somebody begins to lead."""
        if time.monotonic() >= self._bring_back_due:
            self._bring_back_due = time.monotonic() + _BACK_AFTER_S
            with connection.transaction():
                marks.bring_back(connection, marks.EVALUATOR, self.clock())

    def _guarded(self, connection: Connection[Any], part: Callable[[Connection[Any]], None]) -> None:
        """What stands beside the water must not stop it: a part that fails is told, and has its turn again."""
        try:
            part(connection)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            self._failed += 1
            log.error(
                "alerts.part_failed",
                part=part.__name__,
                error=f"{type(error).__name__}: {error}",
                exc_info=True,
            )

    def _look(self, connection: Connection[Any]) -> None:
        """The turn of every finder that is due."""
        for finder in self._looks.due(time.monotonic()):
            at = Look(self.clock(), self.setting.zone, self.settings)
            with connection.transaction():
                looked = look(connection, finder, at, self.setting.wording)
            self._lines += looked.lines
            if looked.lines or looked.faults:
                log.info("alerts.looked", kind=finder.kind, lines=looked.lines, faults=looked.faults)

    def _tend(self, connection: Connection[Any]) -> None:
        """What explains what, and what ends by itself: soon after alarms moved, else every few seconds."""
        pause_s = _LOOK_S if self._tended_lines == self._lines else _TEND_S
        if time.monotonic() - self._tended < pause_s:
            return
        self._lines += tend(connection, self.settings, self.setting.wording, self.clock())
        self._tended, self._tended_lines = time.monotonic(), self._lines

    def _hear(self, notice: Notify) -> bool:
        """Takes in what was announced; True if there is something to do."""
        if notice.channel == MARKS:
            return True
        announced = str(json.loads(notice.payload).get("kind"))
        return self._looks.wake(announced)

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

    def _expire(self, connection: Connection[Any]) -> None:
        """Requests to a second person that nobody answered."""
        with connection.transaction():
            expire_due(connection, self.clock())

    def _reopen(self, connection: Connection[Any]) -> None:
        """What waited for other alarms that hold now: when alarms moved, else every few seconds."""
        if self._reopened_lines == self._lines and time.monotonic() - self._reopened < _LOOK_S:
            return
        self._reopened, self._reopened_lines = time.monotonic(), self._lines
        with connection.transaction():
            reopen(connection, self.clock())

    def _escalate(self, connection: Connection[Any]) -> None:
        """What waits to be verified for too long."""
        limits = Limits.of(self.settings.alerts)
        with connection.transaction():
            self._lines += escalate(connection, limits, self.setting.wording, self.clock())

    def _count(self, done: Done) -> None:
        self._marks += done.marks
        self._lines += done.lines
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
        until = time.monotonic() + min(_LOOK_S, self._until_due(connection))
        while not self._stopping:
            left = until - time.monotonic()
            if left <= 0:
                return
            for notice in connection.notifies(timeout=min(left, _SLICE_S), stop_after=1):
                if self._hear(notice):
                    return

    def _until_due(self, connection: Connection[Any]) -> float:
        steps = unverified.next_due(connection, Limits.of(self.settings.alerts))
        due = min((time for time in (next_due(connection), steps) if time), default=None)
        waits = max(_SLICE_S, (due - self.clock()).total_seconds()) if due else _LOOK_S
        return min(waits, self._looks.next_s(time.monotonic()))

    def _beat(self, connection: Connection[Any], *, leading: bool) -> None:
        if time.monotonic() - self._beaten < _BEAT_S:
            return
        waiting = len(evaluation.faults(connection))
        detail = {
            "leading": leading,
            "marks": self._marks,
            "lines": self._lines,
            "faults": waiting,
            "failed": self._failed,
        }
        beat(connection, ROLE, self.instance, self.clock(), detail)
        self._beaten = time.monotonic()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_S))


def next_due(connection: Connection[Any]) -> datetime | None:
    """When the evaluator must look again by itself: the next end of a shelf, fault to retry, delay,
    wait of a notice."""
    times = [fault.retry_at for fault in evaluation.faults(connection)]
    if (delay := tracks.next_due(connection)) is not None:
        times.append(delay)
    dues = (open_alarms.next_shelf_end(connection), next_told(connection))
    return min([*times, *(due for due in dues if due is not None)], default=None)
