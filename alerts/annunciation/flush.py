"""Tells people what is due: reads what waits, lets `plan` decide for each desk, writes what it decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts.annunciation import flood as floods
from alerts.annunciation.places import Places
from alerts.annunciation.plan import Desk, Group, Hold, Notice, Running, Told, Waiting, plan
from alerts.annunciation.texts import Item, bundle_text, group_text, worst_first
from alerts.callees import Callees, callees
from alerts.notices import Wording
from alerts.orders import create_notice
from alerts.orders.actors import CENTRE
from alerts.watching import flight
from core import canary
from core.alarms import AlarmClass, AlarmEvent, AlarmEventKind, AlarmState
from core.cadence import WINDOW, Wait
from core.language import Translate, translator
from core.orders import Recipient
from core.severity import Severity, worse
from store import alarms, areas, deliveries, orders
from store import annunciation as store
from store.annunciation import RunningRow, ToldRow, WaitingRow

log = structlog.get_logger("anlan.alerts")

AGAIN = timedelta(seconds=60)
"""How soon it is tried again where nobody could be called."""
_FREE = (Wait.GROUP_WAIT, Wait.GROUP_INTERVAL, Wait.PACE)
_UNCALLED = ("no_area", "nobody_on_duty")
DeskKey = tuple[str | None, str]
"""Exercise (None is real) and area."""


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
    _callees: dict[tuple[str, str | None, str, str | None], Callees] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._words: Translate = translator("alerts", self.wording.language)
        self._places = Places(areas.areas(self.connection), self.wording.language)

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
            made += self._desk(
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
                self._event(row, AlarmEventKind.UNCALLED, {"reason": over[row.id]})
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
        found, placed, unplaced = [], [], []
        for row in rows:
            desk = row.desk if self._is_settled(row) else self._desk_of(row)
            if desk is None:
                unplaced.append(row)
                continue
            if row.desk != desk or row.place_kind is None:
                group = self._places.group(row.hazard, row.river, row.area)
                placed.append((row.id, desk, group.kind, group.place))
            found.append((row, desk))
        store.place(self.connection, placed)
        self._hold(unplaced, {row.id: Hold(self.now + AGAIN, "no_area") for row in unplaced})
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

    def _desk(
        self,
        key: DeskKey,
        rows: Sequence[WaitingRow],
        told_rows: Sequence[ToldRow],
        running_rows: Sequence[RunningRow],
        calls: Sequence[datetime],
        *,
        is_flood: bool,
    ) -> int:
        news = {row.id: row for row in rows}
        known = {row.alarm: row for row in told_rows}
        decided = plan(
            Desk(
                [self._waiting(row) for row in rows],
                [_told(row) for row in told_rows],
                self._running(running_rows, told_rows),
                calls,
                is_flood,
            ),
            self.wording.cadence,
            self.now,
        )
        self._hold(rows, decided.waits)
        made = 0
        for notice in decided.notices:
            made += self._notice(
                key,
                notice,
                [news[one.id] for one in notice.news],
                [known[one.alarm] for one in notice.known],
            )
        for order in decided.repeats:
            made += self._repeat(key, order, [row for row in told_rows if row.order_id == order])
        for order, hold in decided.later.items():
            store.repeat_later(self.connection, order, hold.until)
        return made

    def _waiting(self, row: WaitingRow) -> Waiting:
        group = self._places.group(row.hazard, row.river, row.area)
        severity = Severity(row.severity)
        if row.silenced_until is not None:
            silenced = Hold(row.silenced_until, "silenced")
            return Waiting(row.id, row.alarm, group, severity, row.asked_at, silenced)
        if self._is_settled(row):
            held = None if row.reason in _FREE else Hold(row.due_at, row.reason or "")
            return Waiting(row.id, row.alarm, group, severity, row.asked_at, held)
        who = self._who(row.hazard, row.area, row.severity, row.exercise)
        hold = None
        if not who.persons:
            hold = Hold(self.now + AGAIN, who.reason)
        elif who.quiet_until is not None and who.quiet_until > self.now:
            hold = Hold(who.quiet_until, Wait.QUIET_HOURS)
        return Waiting(row.id, row.alarm, group, severity, row.asked_at, hold)

    def _is_settled(self, row: WaitingRow) -> bool:
        """True if it was looked at before and its time has not come: what was found then still holds."""
        return row.desk is not None and row.reason is not None and row.due_at > self.now

    def _desk_of(self, row: WaitingRow) -> str | None:
        return self._who(row.hazard, row.area, row.severity, row.exercise).desk

    def _running(self, rows: Sequence[RunningRow], told: Sequence[ToldRow]) -> list[Running]:
        """Notices to repeat; one of which every alarm is acknowledged or over is not repeated any more."""
        found = []
        for row in rows:
            members = [one for one in told if one.order_id == row.order_id and not one.returned]
            if not members:
                store.repeat_later(self.connection, row.order_id, None)
                continue
            worst = max((Severity(one.severity) for one in members), key=lambda one: one.rank)
            found.append(Running(row.order_id, worst, row.repeat_at, self._kept(members)))
        return found

    def _kept(self, members: Sequence[ToldRow]) -> Hold | None:
        """What keeps a notice from being repeated: a silence or the quiet hours of every alarm that is left."""
        if all(one.silenced_until is not None for one in members):
            return Hold(min(one.silenced_until for one in members if one.silenced_until), "silenced")
        ends = [self._who(one.hazard, one.area, one.severity, one.exercise).quiet_until for one in members]
        quiet = [end for end in ends if end is not None and end > self.now]
        return Hold(min(quiet), Wait.QUIET_HOURS) if len(quiet) == len(ends) else None

    def _hold(self, rows: Iterable[WaitingRow], waits: dict[int, Hold]) -> None:
        """Writes down until when each waits; that nobody could be called is told once in the alarm's history."""
        changed = []
        for row in rows:
            hold = waits.get(row.id)
            if hold is None:
                continue
            if (row.due_at, row.reason) != (hold.until, hold.reason):
                changed.append((row.id, hold.until, hold.reason, hold.reason in _UNCALLED))
            if hold.reason in (*_UNCALLED, "silenced") and row.reason != hold.reason:
                silence = {"silence": row.silence} if hold.reason == "silenced" else {}
                self._event(row, AlarmEventKind.UNCALLED, {"reason": hold.reason, **silence})
        store.wait(self.connection, changed)

    def _notice(
        self, key: DeskKey, notice: Notice, news: Sequence[WaitingRow], known: Sequence[ToldRow]
    ) -> int:
        items = worst_first(
            [
                *(_item(row, one.group, new=True) for row, one in zip(news, notice.news, strict=True)),
                *(_item(row, one.group, new=False) for row, one in zip(known, notice.known, strict=True)),
            ]
        )
        try:
            with self.connection.transaction():
                order, persons = self._order(key, notice, items, [*news, *known])
                worst = items[0].severity
                store.settle(
                    self.connection, order, [row.id for row in news], [row.id for row in known], self.now
                )
                self._called(key, order, notice.why, worst, len(items), len(news))
        except psycopg.OperationalError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:500]
            log.error("alarms.not_called", alarms=[item.alarm for item in items], error=reason)
            for row in news:
                if row.reason != reason:
                    self._event(row, AlarmEventKind.UNCALLED, {"reason": reason})
            store.wait(self.connection, [(row.id, self.now + AGAIN, reason, True) for row in news])
            return 0
        detail = {"order": order, "persons": persons, "desk": key[1], "alarms": len(items)}
        if stands_in := self._stands_in([*news, *known]):
            detail["stands_in"] = stands_in
        for row in news:
            self._event(row, AlarmEventKind.CALLED, detail)
        return 1

    def _order(
        self,
        key: DeskKey,
        notice: Notice,
        items: Sequence[Item],
        rows: Sequence[WaitingRow | ToldRow],
    ) -> tuple[int, list[str]]:
        exercise, desk = key
        recipients = self._recipients(rows)
        if notice.why == "bundle":
            told = bundle_text(items, self._places.name(desk), self._places.group_name, self._words)
        else:
            told = group_text(items, self._places.group_name(notice.groups[0]), self._words)
        colour: Severity | None = None
        for item in items:
            colour = worse(colour, item.colour)
        within = {row.area for row in rows}
        (only,) = within if len(within) == 1 else (None,)
        order = create_notice(
            self.connection,
            alarms={item.alarm: item.severity for item in items},
            recipients=recipients,
            severity=colour,
            title=told.title,
            text=told.text,
            area=only or desk,
            exercise=exercise,
            at=self.now,
            zone=self.wording.time_zone,
        )
        return order, sorted({one.code for one in recipients if one.kind == "person"})

    def _repeat(self, key: DeskKey, order: int, rows: Sequence[ToldRow]) -> int:
        """Calls everybody again; who has come on duty since is called by a notice in its place."""
        members = [row for row in rows if not row.returned]
        worst = max((Severity(row.severity) for row in members), key=lambda one: one.rank)
        if not set(self._recipients(members)) <= set(orders.recipients(self.connection, order)):
            told = tuple(_told(row) for row in rows)
            groups = tuple(sorted({one.group for one in told}))
            again = Notice("bundle" if len(groups) > 1 else "group", groups, (), told)
            return self._notice(key, again, [], rows)
        persons = deliveries.call_unanswered(self.connection, order, self.now)
        orders.add_event(
            self.connection, order, "called_again", at=self.now, actor=CENTRE, detail={"persons": persons}
        )
        self._called(key, order, "repeat", worst, len(rows), 0)
        return 1

    def _called(self, key: DeskKey, order: int, why: str, worst: Severity, count: int, news: int) -> None:
        store.add_notice(
            self.connection,
            order,
            exercise=key[0],
            desk=key[1],
            at=self.now,
            why=why,
            severity=worst,
            alarms=count,
            news=news,
            repeat_at=self.now + self.wording.cadence.repeat(worst),
        )

    def _recipients(self, rows: Iterable[WaitingRow | ToldRow]) -> list[Recipient]:
        """Everybody who is called for any of them."""
        return sorted(
            {
                recipient
                for row in rows
                for recipient in self._who(row.hazard, row.area, row.severity, row.exercise).recipients
            }
        )

    def _stands_in(self, rows: Iterable[WaitingRow | ToldRow]) -> dict[str, str]:
        """Who is called → whom they stand in for: both names stay in the history."""
        found: dict[str, str] = {}
        for row in rows:
            found |= self._who(row.hazard, row.area, row.severity, row.exercise).stands_in or {}
        return found

    def _who(self, hazard: str, area: str | None, severity: str, exercise: str | None) -> Callees:
        key = (hazard, area, severity, exercise)
        if key not in self._callees:
            self._callees[key] = callees(
                self.connection,
                hazard=AlarmClass(hazard),
                area=area,
                severity=Severity(severity),
                at=self.now,
                exercise=exercise,
                zone=self.wording.time_zone,
                quiet=self.wording.quiet,
            )
        return self._callees[key]

    def _event(self, row: WaitingRow, kind: AlarmEventKind, detail: dict[str, Any]) -> None:
        alarms.add_event(
            self.connection,
            AlarmEvent(
                alarm=row.alarm,
                at=self.now,
                kind=kind,
                state=AlarmState(row.alarm_state),
                severity=Severity(row.colour) if row.colour else None,
                value=row.value,
                threshold=row.threshold,
                observed_at=row.observed_at,
                received_at=None,
                actor=CENTRE,
                detail=detail,
            ),
        )


def _by_desk(times: Iterable[tuple[str | None, str, datetime]]) -> dict[DeskKey, list[datetime]]:
    found: dict[DeskKey, list[datetime]] = {}
    for exercise, desk, at in times:
        found.setdefault((exercise, desk), []).append(at)
    return found


def _told(row: ToldRow) -> Told:
    group = Group(row.place_kind, row.place, row.hazard)
    return Told(row.alarm, group, Severity(row.severity), row.order_id, row.issued_at, row.returned)


def _item(row: WaitingRow | ToldRow, group: Group, *, new: bool) -> Item:
    return Item(
        alarm=row.alarm,
        group=group,
        title=row.title,
        text=row.text,
        line=row.line,
        severity=Severity(row.severity),
        colour=Severity(row.colour) if row.colour else None,
        new=new,
        returned=isinstance(row, ToldRow) and row.returned,
    )
