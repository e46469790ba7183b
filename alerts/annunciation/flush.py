"""Tells people what is due: reads what waits, finds its desk, and lets each desk be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts.annunciation import flood as floods
from alerts.annunciation.plan import Hold
from alerts.annunciation.telling import AGAIN, DeskKey, Telling, is_settled
from alerts.notices import Wording
from alerts.watching import flight
from core import canary
from core.alarms import AlarmEventKind, AlarmState
from core.cadence import WINDOW
from core.severity import Severity
from store import alarms
from store import annunciation as store
from store.annunciation import WaitingRow

log = structlog.get_logger("anlan.alerts")


def flush(connection: Connection[Any], wording: Wording, now: datetime) -> int:
    """Makes every notice and repeat that is due, in the caller's transaction; returns how many.

    Only for the one evaluator that leads. An alarm stands even where nobody could be told: that is a reason in
    its history, and tried again. Raises psycopg.OperationalError.
    """
    due = store.next_due(connection)
    if due is None or due > now:
        return 0
    try:
        with connection.transaction():
            return _Flush(connection, wording, now).run()
    except psycopg.OperationalError:
        raise
    except Exception as error:
        log.error("alarms.not_told", error=f"{type(error).__name__}: {error}", exc_info=True)
        return 0


@dataclass
class _Flush:
    """One look at all desks at which something is due."""

    connection: Connection[Any]
    wording: Wording
    now: datetime

    def __post_init__(self) -> None:
        self._telling = Telling(self.connection, self.wording, self.now)

    def run(self) -> int:
        waiting = self._standing(self._without_canary(store.waiting(self.connection, self.now)))
        running = store.running(self.connection)
        by_desk: dict[DeskKey, list[WaitingRow]] = {}
        for row, desk in self._placed(waiting):
            by_desk.setdefault((row.exercise, desk), []).append(row)
        for one in running:
            by_desk.setdefault((one.exercise, one.desk), [])
        calls = _by_desk(store.calls(self.connection, self.now - WINDOW))
        flooded = self._floods()
        told = store.told(self.connection, sorted({desk for _, desk in by_desk}), self.now)
        made = 0
        for key, rows in by_desk.items():
            made += self._telling.desk(
                key,
                rows,
                [one for one in told if (one.exercise, one.desk) == key],
                [one for one in running if (one.exercise, one.desk) == key],
                calls.get(key, []),
                is_flood=key in flooded,
            )
        return made

    def _standing(self, rows: Sequence[WaitingRow]) -> list[WaitingRow]:
        """What still needs to be heard; the rest is dropped, and its alarm's history says why."""
        over = {row.id: reason for row in rows if (reason := self._over(row)) is not None}
        store.drop(self.connection, over.items(), self.now)
        for row in rows:
            if row.id in over:
                self._telling.event(row, AlarmEventKind.UNCALLED, {"reason": over[row.id]})
        return [row for row in rows if row.id not in over]

    def _without_canary(self, rows: Sequence[WaitingRow]) -> list[WaitingRow]:
        """The canary's alarm takes the way of all others up to here; nobody is called for it."""
        for row in rows:
            if row.exercise == canary.EXERCISE:
                order = flight.order(self.connection, alarms.get(self.connection, row.alarm), self.now)
                if order is None:
                    store.drop(self.connection, [(row.id, "no_area")], self.now)
                else:
                    store.settle(self.connection, order, [row.id], [], self.now)
        return [row for row in rows if row.exercise != canary.EXERCISE]

    def _over(self, row: WaitingRow) -> str | None:
        """Why nobody needs to hear of it any more. What returned when its wait was over (red has none) is told."""
        state = AlarmState(row.alarm_state)
        if state is AlarmState.UNACKNOWLEDGED:
            return None
        if state is not AlarmState.RETURNED_UNACKNOWLEDGED:
            return "acknowledged" if state in (AlarmState.NORMAL, AlarmState.LATCHED) else str(state)
        waited = row.asked_at + self.wording.cadence.wait(Severity(row.severity))
        return "returned" if row.returned_at is None or row.returned_at < waited else None

    def _placed(self, rows: Iterable[WaitingRow]) -> list[tuple[WaitingRow, str]]:
        """Each with its desk. Where not even a county is known nobody can be called."""
        found, placed, unplaced = [], [], {}
        for row in rows:
            if is_settled(row, self.now):
                desk = row.desk
            else:
                who = self._telling.calling.who(row)
                desk = who.desk
            if desk is None:
                unplaced[row] = Hold(self.now + AGAIN, who.reason)
                continue
            if row.desk != desk or row.place_kind is None:
                group = self._telling.places.group(row.hazard, row.river, row.area)
                placed.append((row.id, desk, group.kind, group.place))
            found.append((row, desk))
        store.place(self.connection, placed)
        self._telling.hold(unplaced, {row.id: hold for row, hold in unplaced.items()})
        return found

    def _floods(self) -> set[DeskKey]:
        """Looks at every desk's alarms; returns the desks that are in flood."""
        asked = _by_desk(store.asked(self.connection, self.now - WINDOW))
        going = {(one.exercise, one.desk): one for one in store.floods(self.connection)}
        found = set()
        for key in asked.keys() | going.keys():
            look = floods.look(asked.get(key, []), self.now, self.wording.cadence, was_flood=key in going)
            if look.is_flood:
                found.add(key)
            if key not in going and look.is_flood:
                store.begin_flood(self.connection, *key, at=self.now, count=look.count, look_at=look.again_at)
            elif key in going and look.is_flood:
                if (going[key].count, going[key].look_at) != (look.count, look.again_at):
                    store.update_flood(
                        self.connection, going[key].id, count=look.count, look_at=look.again_at
                    )
            elif key in going:
                store.end_flood(self.connection, going[key].id, at=self.now, count=look.count)
        return found


def _by_desk(times: Iterable[tuple[str | None, str, datetime]]) -> dict[DeskKey, list[datetime]]:
    found: dict[DeskKey, list[datetime]] = {}
    for exercise, desk, at in times:
        found.setdefault((exercise, desk), []).append(at)
    return found
