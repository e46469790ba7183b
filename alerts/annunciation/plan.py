"""What a desk is told now, and what waits for what. Pure.

Grouping, waits, intervals and repeats are Alertmanager's (field.md §1.5) with our severities; a desk that would
be called too often (`pace`), or at which there is a flood of alarms, gets one notice of everything instead.
What is new and worse than all that its group was told waits as if it were the first; no group waits for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from alerts.annunciation.pace import allowed_at, fit
from core.cadence import Cadence, Wait
from core.severity import Severity

Why = Literal["group", "bundle", "repeat"]


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """What is told together at a desk: the alarms of one hazard on one river, or in one town.

    `kind` is `river` or `town`; `place` the river's name or the town's code, None: the county as a whole.
    """

    kind: str
    place: str | None
    hazard: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that keeps an alarm from being told until then: nobody on duty, quiet hours, a silence."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that people should hear of. `id` is its own, `severity` as what they are called for it."""

    id: int
    alarm: int
    group: Group
    severity: Severity
    asked_at: datetime
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm that people were told of (in a notice issued then) and nobody has acknowledged yet."""

    alarm: int
    group: Group
    severity: Severity
    order: int
    issued_at: datetime
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A notice that is called again at `repeat_at`; `severity` is the worst that nobody has acknowledged."""

    order: int
    severity: Severity
    repeat_at: datetime
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a desk's plan goes by; `calls` are the times at which it was called, oldest first."""

    waiting: Sequence[Waiting] = ()
    told: Sequence[Told] = ()
    running: Sequence[Running] = ()
    calls: Sequence[datetime] = ()
    is_flood: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to make: what is new in it, and what was told before and still is not acknowledged."""

    why: Why
    groups: tuple[Group, ...]
    news: tuple[Waiting, ...]
    known: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens now; `waits` (by id of what waits) and `later` (by order) say when to look again, and why."""

    notices: tuple[Notice, ...] = ()
    repeats: tuple[int, ...] = ()
    waits: dict[int, Hold] = field(default_factory=dict)
    later: dict[int, Hold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Thing:
    severity: Severity
    due: Hold
    group: Group | None = None
    order: int | None = None


def plan(desk: Desk, cadence: Cadence, now: datetime) -> Plan:
    """Decides for one desk."""
    free = [one for one in desk.waiting if one.hold is None]
    things = _groups(desk, free, cadence, now) + _repeats(desk)
    due = sorted(
        (thing for thing in things if thing.due.until <= now), key=lambda thing: -thing.severity.rank
    )
    held = {one.id: one.hold for one in desk.waiting if one.hold is not None}
    held_orders = {one.order: one.hold for one in desk.running if one.hold is not None}
    if due:
        due = _without_told_anyway(desk, due)
        severities = [thing.severity for thing in due]
        alone = len(due) == 1 and (due[0].order is not None or not desk.is_flood)
        if not fit(desk.calls, severities, now, cadence) or (desk.is_flood and not alone):
            allowed = allowed_at(desk.calls, max(severities, key=lambda one: one.rank), now, cadence)
            if allowed > now:
                paced = [_Thing(t.severity, Hold(allowed, Wait.PACE), t.group, t.order) for t in due]
                rest = [thing for thing in things if thing not in due]
                return _waiting(free, paced + rest, held, held_orders)
            if not alone:
                return Plan((_notice("bundle", desk.told, free),), (), held, held_orders)
    notices = tuple(
        _notice(
            "group",
            [one for one in desk.told if one.group == thing.group],
            [one for one in free if one.group == thing.group],
        )
        for thing in due
        if thing.group is not None
    )
    repeats = tuple(thing.order for thing in due if thing.order is not None)
    told = {one.id for notice in notices for one in notice.news}
    left = _waiting(
        [one for one in free if one.id not in told], [t for t in things if t not in due], held, held_orders
    )
    return Plan(notices, repeats, left.waits, left.later)


def _groups(desk: Desk, free: Sequence[Waiting], cadence: Cadence, now: datetime) -> list[_Thing]:
    things = []
    for group in sorted({one.group for one in free}, key=_by_name):
        known = [one for one in desk.told if one.group == group and not one.returned]
        worst = max((one.severity.rank for one in known), default=0)
        last = max((one.issued_at for one in known if one.issued_at <= now), default=None)
        news = [one for one in free if one.group == group]
        due = min((_due(one, worst, last, cadence) for one in news), key=lambda hold: hold.until)
        things.append(_Thing(max((one.severity for one in news), key=lambda s: s.rank), due, group))
    return things


def _due(one: Waiting, worst: int, last: datetime | None, cadence: Cadence) -> Hold:
    waited = one.asked_at + cadence.wait(one.severity)
    if last is None or one.severity.rank > worst:
        return Hold(waited, Wait.GROUP_WAIT)
    return Hold(max(waited, last + cadence.interval(one.severity)), Wait.GROUP_INTERVAL)


def _repeats(desk: Desk) -> list[_Thing]:
    return [
        _Thing(one.severity, Hold(one.repeat_at, "repeat"), order=one.order)
        for one in desk.running
        if one.hold is None
    ]


def _without_told_anyway(desk: Desk, due: Sequence[_Thing]) -> list[_Thing]:
    """A repeat whose every alarm is in a notice of this moment is none."""
    groups = {thing.group for thing in due if thing.group is not None}
    covered = {
        one.order
        for one in desk.running
        if all(told.group in groups for told in desk.told if told.order == one.order)
    }
    return [thing for thing in due if thing.order is None or thing.order not in covered]


def _notice(why: Why, told: Sequence[Told], news: Sequence[Waiting]) -> Notice:
    """What is new of an alarm stands in the place of what was told of it."""
    again = {one.alarm for one in news}
    known = [one for one in told if one.alarm not in again]
    groups = {one.group for one in news} | {one.group for one in known}
    return Notice(why, tuple(sorted(groups, key=_by_name)), tuple(news), tuple(known))


def _waiting(
    free: Sequence[Waiting], things: Sequence[_Thing], held: dict[int, Hold], held_orders: dict[int, Hold]
) -> Plan:
    groups = {thing.group: thing.due for thing in things if thing.group is not None}
    orders = {thing.order: thing.due for thing in things if thing.order is not None}
    return Plan(waits=held | {one.id: groups[one.group] for one in free}, later=held_orders | orders)


def _by_name(group: Group) -> tuple[str, str, str]:
    return group.kind, group.place or "", group.hazard
