"""Looks that cost seconds are made one at a time, and nobody fills the line."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from app.api.turns import Turns
from core.errors import UnavailableError


@dataclass
class Line:
    """People who ask for a turn, each in a thread of its own."""

    turns: Turns
    served: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def joins(self, person: str) -> None:
        """Asks, and is in the line when this returns."""
        before = self.turns.waiting
        thread = threading.Thread(target=self._ask, args=(person,))
        self.threads.append(thread)
        thread.start()
        until = time.monotonic() + 5
        while self.turns.waiting == before:
            assert time.monotonic() < until
            time.sleep(0.001)

    def end(self) -> list[str]:
        """Whom the line served."""
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()
        return self.served

    def _ask(self, person: str) -> None:
        with self.turns.turn(person):
            self.served.append(person)


def test_one_is_made_at_a_time_and_who_waited_is_served() -> None:
    line = Line(Turns())
    with line.turns.turn("a"):
        line.joins("b")
        line.joins("c")
        assert line.served == []
    assert sorted(line.end()) == ["b", "c"]


def test_a_full_line_says_so_at_once_and_is_open_again_later() -> None:
    line = Line(Turns(most=2))
    with line.turns.turn("a"):
        line.joins("b")
        with pytest.raises(UnavailableError, match="try again"), line.turns.turn("c"):
            pass
    line.end()
    with line.turns.turn("c"):
        assert line.turns.waiting == 1


def test_one_person_does_not_fill_the_line() -> None:
    line = Line(Turns(most=10, of_one=2))
    with line.turns.turn("a"):
        line.joins("a")
        with pytest.raises(UnavailableError), line.turns.turn("a"):
            pass
        line.joins("b")
    assert sorted(line.end()) == ["a", "b"]


def test_who_waits_in_vain_is_told_and_leaves_the_line() -> None:
    turns = Turns(most=2, patience_s=0.02)
    with turns.turn("a"):
        for _ in range(3):
            with pytest.raises(UnavailableError, match="takes long"), turns.turn("b"):
                pass
        assert turns.waiting == 1


def test_a_turn_that_fails_is_given_on() -> None:
    turns = Turns(most=1)
    with pytest.raises(ZeroDivisionError), turns.turn("a"):
        _ = 1 / 0
    with turns.turn("a"):
        pass
