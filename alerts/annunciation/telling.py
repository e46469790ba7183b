"""What a desk is told now, and who is called for it: lets `plan` decide, and writes what it decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from alerts.annunciation.calling import Calling, said
from alerts.annunciation.places import Places
from alerts.annunciation.plan import Desk, Group, Hold, Notice, Running, Told, Waiting, plan
from alerts.annunciation.texts import Item, bundle_text, group_text, worst_first
from alerts.notices import Wording
from alerts.orders import create_notice
from alerts.orders.actors import CENTRE
from core.alarms import AlarmEvent, AlarmEventKind, AlarmState
from core.cadence import Wait
from core.language import Translate, translator
from core.severity import Severity, worse
from store import alarms, areas, deliveries, orders
from store import annunciation as store
from store.annunciation import RunningRow, ToldRow, WaitingRow

log = structlog.get_logger("anlan.alerts")

AGAIN = timedelta(seconds=60)
"""How soon it is tried again where nobody could be called."""
_FREE = (Wait.GROUP_WAIT, Wait.GROUP_INTERVAL, Wait.PACE)
_UNCALLED = ("no_area", "nobody_on_duty", "undecided")
DeskKey = tuple[str | None, str]
"""Exercise (None is real) and area."""


@dataclass
class Telling:
    """One look at the desks: what is told at each, and who is called."""

    connection: Connection[Any]
    wording: Wording
    now: datetime

    def __post_init__(self) -> None:
        self._words: Translate = translator("alerts", self.wording.language)
        self.calling = Calling(self.connection, self.wording, self.now)
        self.places = Places(areas.areas(self.connection), self.wording.language)

    def desk(
        self,
        key: DeskKey,
        rows: Sequence[WaitingRow],
        told: Sequence[ToldRow],
        running: Sequence[RunningRow],
        calls: Sequence[datetime],
        *,
        is_flood: bool,
    ) -> int:
        """What is due at a desk; returns how many notices and repeats. What fails here holds up no other desk."""
        try:
            with self.connection.transaction():
                return self._look(key, rows, told, running, calls, is_flood=is_flood)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            log.error("alarms.desk_not_told", desk=key[1], exercise=key[0], error=said(error), exc_info=True)
            self._try_again(rows, error)
            for one in running:
                store.repeat_later(self.connection, one.order_id, self.now + AGAIN)
            return 0

    def hold(self, rows: Iterable[WaitingRow], waits: dict[int, Hold]) -> None:
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
                self.event(row, AlarmEventKind.UNCALLED, {"reason": hold.reason, **silence})
        store.wait(self.connection, changed)

    def event(self, row: WaitingRow, kind: AlarmEventKind, detail: dict[str, Any]) -> None:
        """A line in the history of the alarm that waits."""
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

    def _look(
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
        self.hold(rows, decided.waits)
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
        group = self.places.group(row.hazard, row.river, row.area)
        severity = Severity(row.severity)
        if row.silenced_until is not None:
            silenced = Hold(row.silenced_until, "silenced")
            return Waiting(row.id, row.alarm, group, severity, row.asked_at, silenced)
        if is_settled(row, self.now):
            held = None if row.reason in _FREE else Hold(row.due_at, row.reason or "")
            return Waiting(row.id, row.alarm, group, severity, row.asked_at, held)
        who = self.calling.who(row)
        hold = None
        if not who.persons:
            hold = Hold(self.now + AGAIN, who.reason)
        elif who.quiet_until is not None and who.quiet_until > self.now:
            hold = Hold(who.quiet_until, Wait.QUIET_HOURS)
        return Waiting(row.id, row.alarm, group, severity, row.asked_at, hold)

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
        ends = [self.calling.who(one).quiet_until for one in members]
        quiet = [end for end in ends if end is not None and end > self.now]
        return Hold(min(quiet), Wait.QUIET_HOURS) if len(quiet) == len(ends) else None

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
            log.error("alarms.not_called", alarms=[item.alarm for item in items], error=said(error))
            self._try_again(news, error)
            return 0
        detail = {"order": order, "persons": persons, "desk": key[1], "alarms": len(items)}
        if stands_in := self.calling.stands_in([*news, *known]):
            detail["stands_in"] = stands_in
        for row in news:
            self.event(row, AlarmEventKind.CALLED, detail)
        return 1

    def _order(
        self,
        key: DeskKey,
        notice: Notice,
        items: Sequence[Item],
        rows: Sequence[WaitingRow | ToldRow],
    ) -> tuple[int, list[str]]:
        exercise, desk = key
        recipients = self.calling.recipients(rows)
        if notice.why == "bundle":
            told = bundle_text(items, self.places.name(desk), self.places.group_name, self._words)
        else:
            told = group_text(items, self.places.group_name(notice.groups[0]), self._words)
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
        if not set(self.calling.recipients(members)) <= set(orders.recipients(self.connection, order)):
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

    def _try_again(self, rows: Sequence[WaitingRow], error: Exception) -> None:
        """Nobody was called, for a reason that is no one's doing: the history says so, and it is tried again."""
        reason = said(error)
        for row in rows:
            if row.reason != reason:
                self.event(row, AlarmEventKind.UNCALLED, {"reason": reason})
        store.wait(self.connection, [(row.id, self.now + AGAIN, reason, True) for row in rows])


def is_settled(row: WaitingRow, now: datetime) -> bool:
    """True if it was looked at before and its time has not come: what was found then still holds."""
    return row.desk is not None and row.reason is not None and row.due_at > now


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


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
