"""The state machine against a plain model written from the table of ISA-18.2 (field.md §1.2).

The model knows letters and ranks only: A normal, B unacknowledged, C acknowledged, D returned unacknowledged,
L latched, E shelved, F suppressed by design, G out of service. Rank 0 is normal, 1 abnormal without a colour,
2 to 5 blue to red. `TABLE` holds what a person or a clock may do and what comes of it; what is not in it is refused.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.alarms.happenings import (
    Acknowledged,
    Event,
    Observed,
    Over,
    PutBack,
    Released,
    Reset,
    Shelved,
    Suppressed,
    TakenOut,
    Unacknowledged,
    Unshelved,
    Verified,
)
from alerts.alarms.machine import Change, Standing, step
from core.alarms import AlarmState
from core.errors import ConflictError
from core.severity import Severity

COLOURS = {0: None, 1: None, **{severity.rank + 1: severity for severity in Severity}}

LETTERS = {
    AlarmState.NORMAL: "A",
    AlarmState.UNACKNOWLEDGED: "B",
    AlarmState.ACKNOWLEDGED: "C",
    AlarmState.RETURNED_UNACKNOWLEDGED: "D",
    AlarmState.LATCHED: "L",
    AlarmState.SHELVED: "E",
    AlarmState.SUPPRESSED: "F",
    AlarmState.OUT_OF_SERVICE: "G",
}

REST = "rest"
"""Nothing is left to be heard: A, or L where the alarm latches."""
SHOWN = "shown"
"""B while the process is abnormal, else at rest."""

ACTS: dict[str, Event] = {
    "acknowledge": Acknowledged(),
    "unacknowledge": Unacknowledged(),
    "shelve": Shelved(),
    "unshelve": Unshelved(),
    "suppress": Suppressed(),
    "release": Released(),
    "take out": TakenOut(),
    "put back": PutBack(),
    "reset": Reset(),
    "over": Over(),
}

TABLE: dict[tuple[str, str], str] = {
    ("B", "acknowledge"): "C",
    ("D", "acknowledge"): REST,
    ("C", "unacknowledge"): "B",
    **{(letter, "shelve"): "E" for letter in "BCD"},
    ("E", "unshelve"): SHOWN,
    **{(letter, "suppress"): "F" for letter in "BCD"},
    ("F", "release"): SHOWN,
    **{(letter, "take out"): "G" for letter in "BCDLEF"},
    ("G", "put back"): SHOWN,
    ("L", "reset"): "A",
    **{(letter, "over"): "A" for letter in "BCDLEFG"},
}

CALLS = {"unacknowledge", "unshelve", "release", "put back"}
"""Acts after which people are called if the danger stands."""

RETURNS = {"A": "A", "B": "D", "C": REST, "D": "D", "L": "L", "E": "E", "F": "F", "G": "G"}


class Model:
    """One alarm, in letters and ranks."""

    def __init__(self, latches: bool) -> None:
        self.letter, self.rank, self.highest, self.ceiling, self.heard = "A", 0, 0, 0, 0
        self.latches, self.doubt = latches, False

    def go(self, where: str) -> None:
        if where == SHOWN:
            where = "B" if self.rank else REST
        self.letter = ("L" if self.latches else "A") if where == REST else where

    def observe(self, rank: int, reached: int, *, fresh: bool, certain: bool, hidden: str) -> bool:
        """True if people must be called. `reached` is what the reading gives by itself: less within the deadband,
        more while a delay runs."""
        was, self.rank = self.rank, rank
        if rank > 1:
            self.highest = max(self.highest, rank)
        if self.letter == "E" and rank > max(self.ceiling, 1):
            self.letter, self.heard = "B", 0
        if rank == 0:
            if was:
                self.go(RETURNS[self.letter])
                self.heard, self.doubt = 0, False
            return False
        quiet = self.letter in "EFG" or (self.letter == "A" and bool(hidden))
        if rank > was:
            self.doubt = not certain
            if self.letter == "A" and hidden:
                self.letter = hidden
            elif not quiet:
                self.letter = "B"
            if fresh and not quiet:
                self.heard = rank
            return fresh and not quiet
        self.heard = min(self.heard, rank)
        borne_out = min(rank, max(reached, 1))
        self.doubt = self.doubt and not (certain and borne_out == rank)
        if self.letter == "B" and fresh and max(self.heard, 1) < borne_out:
            self.heard = borne_out
            return True
        return False

    def act(self, name: str) -> bool:
        """True if people must be called. Raises KeyError for what the table does not know."""
        where = TABLE[self.letter, name]
        if name == "shelve":
            self.ceiling = self.rank if self.rank > 1 else self.highest
        self.go(where)
        if self.letter in "BC":
            self.heard = self.rank
        return name in CALLS and self.letter == "B"


class Life(RuleBasedStateMachine):
    """One alarm through any life."""

    @initialize(latches=st.booleans())
    def begin(self, latches: bool) -> None:
        self.standing, self.model = Standing(latches=latches), Model(latches)

    def do(self, event: Event) -> bool:
        self.standing, changes = step(self.standing, event)
        assert sum(change.call for change in changes) <= 1
        self.end_if_closed(changes)
        return any(change.call for change in changes)

    def end_if_closed(self, changes: tuple[Change, ...]) -> None:
        if any(change.kind == "closed" for change in changes):
            assert self.model.letter == "A"
            latches = self.model.latches
            self.standing, self.model = Standing(latches=latches), Model(latches)

    @rule(
        rank=st.integers(0, 5),
        beyond=st.sampled_from([0, 0, 0, -2, -1, 1, 2]),
        fresh=st.booleans(),
        certain=st.booleans(),
        hidden=st.sampled_from(["", "", "F", "G"]),
    )
    def observe(self, rank: int, beyond: int, fresh: bool, certain: bool, hidden: str) -> None:
        reached = min(max(rank + beyond, 0), 5)
        wanted = self.model.observe(rank, reached, fresh=fresh, certain=certain, hidden=hidden)
        born = {"F": AlarmState.SUPPRESSED, "G": AlarmState.OUT_OF_SERVICE}.get(hidden)
        event = Observed(
            COLOURS[rank], COLOURS[reached], certain=certain, fresh=fresh, colourless=rank == 1, hidden=born
        )
        assert self.do(event) == wanted

    @rule(name=st.sampled_from(sorted(ACTS)))
    def act(self, name: str) -> None:
        if (self.model.letter, name) not in TABLE:
            with pytest.raises(ConflictError):
                step(self.standing, ACTS[name])
            return
        wanted = self.model.act(name)
        assert self.do(ACTS[name]) == wanted

    @rule()
    def verify(self) -> None:
        if not self.model.doubt:
            with pytest.raises(ConflictError):
                step(self.standing, Verified())
            return
        self.model.doubt = False
        assert not self.do(Verified())

    @invariant()
    def agrees(self) -> None:
        model, standing = self.model, self.standing
        assert LETTERS[standing.state] == model.letter
        assert standing.severity == COLOURS[model.rank]
        assert standing.abnormal == bool(model.rank)
        assert standing.to_verify == model.doubt
        if model.letter != "A":
            assert standing.highest == COLOURS[model.highest]


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


def test_every_state_can_be_left() -> None:
    """From each letter some act or the next reading leads on: nothing stands for ever by itself."""
    assert {letter for letter, _ in TABLE} == set("BCDLEFG")


def test_worsening_is_told_again_whether_it_was_heard_or_not() -> None:
    for state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED):
        before = Standing(state, Severity.YELLOW, Severity.YELLOW, Severity.YELLOW)
        after, changes = step(before, Observed(Severity.RED, Severity.RED))
        assert after.state is AlarmState.UNACKNOWLEDGED
        assert [change.call for change in changes] == [True]
