"""A desk with nobody at it, and a change of shift that nobody confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class Terms:
    """A rule is about `what`. `after_s`: so long nobody is there before it is told; a hole of the roster of
    `hole_s` is no plan."""

    what: What = What.EMPTY
    after_s: float = 300.0
    hole_s: float = 72_000.0

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Terms:
        """As a rule's `terms` give them. Raises KeyError without `what`, ValueError for what cannot be."""
        given = {name: float(terms[name]) for name in ("after_s", "hole_s") if name in terms}
        if not all(0 <= value <= 604_800 for value in given.values()):
            raise ValueError("after_s and hole_s are seconds, at most a week")
        return cls(What(terms["what"]), **given)


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
    terms: Terms,
) -> list[Empty]:
    """Desks with a roster where nobody is, though somebody should be. Pure.

    Nobody should be there in a short hole of the roster, as the night of a desk that is manned by day.
    """
    found = []
    for desk in desks:
        if "duty" not in desk.positions:
            continue
        own = [one for one in turns if (one.area, one.position) == (desk.area, "duty")]
        for gap in gaps(own, absences, [(desk.area, "duty")], now - _LOOK_BACK, now):
            lasts = gap.ends == now and now - gap.starts >= timedelta(seconds=terms.after_s)
            if lasts and _unplanned(own, gap.starts, now, timedelta(seconds=terms.hole_s)):
                found.append(Empty(desk, gap.starts))
    return found


def _unplanned(turns: Sequence[Turn], since: datetime, now: datetime, hole: timedelta) -> bool:
    if any(one.starts <= now < one.ends for one in turns):
        return not any(one.starts == now for one in turns)
    begins = min((one.starts for one in turns if one.starts > now), default=None)
    return begins is None or begins - since >= hole


class DutyFinder:
    """Looks at the desks. An exercise has no desks of its own."""

    kind = "duty"
    every_s = 30.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Desks in that state. Raises as `Terms.of`."""
        terms = Terms.of(rule.terms)
        if terms.what is What.HANDOVER:
            return Found(tuple(self._owed(connection, look)))
        since, until = look.now - _LOOK_BACK, look.now + timedelta(seconds=terms.hole_s + 1)
        desks = duty.desks(connection, look.now)
        turns = duty.turns(connection, since, until)
        empty = empty_desks(desks, turns, duty.presence(connection, since, until), look.now, terms)
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
