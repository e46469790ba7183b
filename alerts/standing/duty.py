"""A desk with nobody at it, and a change of shift that nobody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.moments import moment
from core.duty import Turn, gaps
from core.people import Absence
from store import duty, handovers

_LOOK_BACK = timedelta(days=1)
"""A desk that is empty for longer is said to be so since then."""


class What(StrEnum):
    """What a rule of this kind is about: its `terms` say `what`."""

    EMPTY = "empty"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Empty:
    """Nobody is at a desk since `since`."""

    desk: duty.Desk
    since: datetime


def empty_desks(
    desks: Sequence[duty.Desk],
    turns: Sequence[Turn],
    absences: Sequence[Absence],
    now: datetime,
    after: timedelta,
) -> list[Empty]:
    """Desks with a roster where nobody is for at least `after`, counting who is away and who stands in. Pure."""
    found = []
    for desk in desks:
        if "duty" not in desk.positions:
            continue
        for gap in gaps(turns, absences, [(desk.area, "duty")], now - _LOOK_BACK, now):
            if gap.ends == now and now - gap.starts >= after and not _begins(turns, desk.area, now):
                found.append(Empty(desk, gap.starts))
    return found


def _begins(turns: Sequence[Turn], area: str, now: datetime) -> bool:
    return any((one.area, one.position, one.starts) == (area, "duty", now) for one in turns)


class DutyFinder:
    """Looks at the desks. An exercise has no desks of its own."""

    kind = "duty"
    every_s = 30.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Desks in that state. Raises ValueError for terms that no rule of this kind has."""
        if What(rule.terms["what"]) is What.HANDOVER:
            return Found(tuple(self._owed(connection, look)))
        after = timedelta(seconds=float(rule.terms.get("after_s", 300)))
        desks = duty.desks(connection, look.now)
        turns = duty.turns(connection, look.now - _LOOK_BACK, look.now + timedelta(seconds=1))
        absences = duty.presence(connection, look.now - _LOOK_BACK, look.now + timedelta(seconds=1))
        empty = empty_desks(desks, turns, absences, look.now, after)
        return Found(tuple(_finding(one.desk, one.since, look.zone) for one in empty))

    def _owed(self, connection: Connection[Any], look: Look) -> list[Finding]:
        """Only of desks that hand over at all: one that never did owes the page a line, and nobody a call."""
        owed = handovers.overdue(connection, look.now, look.settings.alerts.handover_minutes)
        practised = handovers.practised(connection)
        desks = {one.area: one for one in duty.desks(connection, look.now)}
        return [_finding(desks[one.area], one.changed_at, look.zone) for one in owed if one.area in practised]


def _finding(desk: duty.Desk, since: datetime, zone: ZoneInfo) -> Finding:
    return Finding(
        subject_kind=desk.kind,
        subject=desk.area,
        area=desk.area,
        observed_at=since,
        facts={
            "place": {"zh": desk.name, "en": desk.name_en},
            "since": moment(since, zone),
            "since_at": since.isoformat(),
        },
    )
