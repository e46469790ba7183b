"""Time is passed in: decisions take a clock, so that tests and replays can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

Clock = Callable[[], datetime]
"""Returns the present moment, timezone-aware, in UTC."""


def system_clock() -> datetime:
    """The machine's clock in UTC."""
    return datetime.now(UTC)


class SteadyClock:
    """Begins with the machine's clock and then counts by one that nobody can set: for what lasts.

    A machine without a time server may be set by hours at any moment; how long something has been silent must not jump
    with it. `shown` turns such a moment into what the machine's clock says of it now.
    """

    def __init__(self, clock: Clock, counts_s: Callable[[], float] = monotonic) -> None:
        self._clock, self._counts_s = clock, counts_s
        self._began, self._from_s = clock(), counts_s()

    def __call__(self) -> datetime:
        return self._began + timedelta(seconds=self._counts_s() - self._from_s)

    def shown(self, at: datetime) -> datetime:
        """A moment of this clock by the machine's."""
        return at + (self._clock() - self())


class SteppingClock:
    """A clock that stands still until it is moved; for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a timezone-aware start")
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Moves the clock forward and returns the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now
