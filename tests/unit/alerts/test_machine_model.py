"""The state machine against a plain model written from the table of field.md §1.2."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts.alarms.machine import (
    Acknowledged,
    Change,
    Event,
    Observed,
    Shelved,
    Standing,
    Unshelved,
    step,
)
from core.alarms import AlarmState
from core.severity import Severity

LEVELS = {0: None, **{severity.rank: severity for severity in Severity}}


class Model:
    """Letters and ranks only: A normal, B unacknowledged, C acknowledged, D returned, E shelved."""

    def __init__(self) -> None:
        self.letter, self.rank, self.highest, self.ceiling, self.heard = "A", 0, 0, 0, 0

    def observe(self, rank: int, fresh: bool) -> bool:
        """True if people must be called."""
        was, self.rank = self.rank, rank
        self.highest = max(self.highest, rank)
        if self.letter == "E" and rank > self.ceiling:
            self.letter, self.heard = "B", 0
        if self.letter == "E":
            return False
        if rank > was:
            self.letter = "B"
            self.heard = rank if fresh else self.heard
            return fresh
        self.heard = min(self.heard, rank)
        if rank == 0:
            self.letter = {"A": "A", "B": "D", "C": "A", "D": "D"}[self.letter]
            return False
        if self.letter == "B" and fresh and self.heard < rank:
            self.heard = rank
            return True
        return False

    def acknowledge(self) -> None:
        self.letter = {"B": "C", "D": "A"}[self.letter]
        self.heard = self.rank

    def shelve(self) -> None:
        self.letter, self.ceiling = "E", self.rank or self.highest

    def unshelve(self, by_itself: bool) -> bool:
        self.letter, self.heard = ("B", self.rank) if self.rank else ("A", 0)
        return bool(self.rank) and by_itself


LETTER = {
    AlarmState.NORMAL: "A",
    AlarmState.UNACKNOWLEDGED: "B",
    AlarmState.ACKNOWLEDGED: "C",
    AlarmState.RETURNED_UNACKNOWLEDGED: "D",
    AlarmState.SHELVED: "E",
}


class Alarm(RuleBasedStateMachine):
    """One alarm through any life."""

    def __init__(self) -> None:
        super().__init__()
        self.standing, self.model, self.closed = Standing(), Model(), False

    def do(self, event: Event) -> tuple[Change, ...]:
        self.standing, changes = step(self.standing, event)
        assert sum(change.call for change in changes) <= 1
        if any(change.kind == "closed" for change in changes):
            self.standing, self.model = Standing(), Model()
        return changes

    @rule(rank=st.integers(0, 4), fresh=st.booleans())
    def observe(self, rank: int, fresh: bool) -> None:
        wanted = self.model.observe(rank, fresh)
        changes = self.do(Observed(LEVELS[rank], LEVELS[rank], fresh=fresh))
        assert any(change.call for change in changes) == wanted

    @precondition(lambda self: self.model.letter in "BD")
    @rule()
    def acknowledge(self) -> None:
        self.model.acknowledge()
        self.do(Acknowledged())

    @precondition(lambda self: self.model.letter in "BCD")
    @rule()
    def shelve(self) -> None:
        self.model.shelve()
        self.do(Shelved())

    @precondition(lambda self: self.model.letter == "E")
    @rule(by_itself=st.booleans())
    def unshelve(self, by_itself: bool) -> None:
        wanted = self.model.unshelve(by_itself)
        changes = self.do(Unshelved(by_itself))
        assert any(change.call for change in changes) == wanted

    @invariant()
    def agrees(self) -> None:
        model = self.model
        assert LETTER[self.standing.state] == model.letter
        assert self.standing.severity == LEVELS[model.rank]
        if model.letter != "A":
            assert self.standing.highest == LEVELS[model.highest]


TestAlarm = Alarm.TestCase
TestAlarm.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
