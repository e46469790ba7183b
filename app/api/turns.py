"""Turns for looks that cost seconds: one is made at a time, a few wait, and whoever comes then is told to come again.

Without them a handful of people (or one, who presses a button again and again) would take every connection of the
web process and its processor, and the wall would stand still in the middle of a flood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from core.errors import UnavailableError


class Turns:
    """One line of a web process; `most` are in it at once, `of_one` of the same person, the one in hand included."""

    def __init__(self, *, most: int = 4, of_one: int = 2, patience_s: float = 20.0) -> None:
        self._most, self._of_one, self._patience_s = most, of_one, patience_s
        self._present: Counter[str] = Counter()
        self._taken = False
        self._changed = Condition()

    @property
    def waiting(self) -> int:
        """How many are in the line, the one in hand included."""
        with self._changed:
            return self._present.total()

    @contextmanager
    def turn(self, person: str) -> Iterator[None]:
        """Waits for its turn, and has it until the end. Take no connection before.

        Raises UnavailableError where the line is full, or the turn does not come in time.
        """
        with self._changed:
            if self._present.total() >= self._most or self._present[person] >= self._of_one:
                raise UnavailableError(
                    "figures are being made for others, or for you already; try again soon"
                )
            self._present[person] += 1
        try:
            self._take()
            try:
                yield
            finally:
                with self._changed:
                    self._taken = False
                    self._changed.notify()
        finally:
            with self._changed:
                self._present[person] -= 1
                self._present += Counter()  # leaves out who has gone

    def _take(self) -> None:
        until = monotonic() + self._patience_s
        with self._changed:
            while self._taken:
                if not self._changed.wait(max(0.0, until - monotonic())) and monotonic() >= until:
                    raise UnavailableError(
                        "making figures takes long just now; ask for a shorter time, or try again soon"
                    )
            self._taken = True
