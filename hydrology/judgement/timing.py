"""The tests of time: whether it can be true at all, and whether the station's clock is right."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import sub

from core.faults import Fault, FaultReason


@dataclasses.dataclass(frozen=True, slots=True)
class TimeLimits:
    """Observation times that can be true: from `earliest` to `future` after they were received.

    A time more than `ahead_s` seconds ahead of the receipt is doubtful, and so is every value of a clock
    that is wrong by more than `clock_s`.
    """

    earliest: datetime
    future: timedelta
    ahead_s: float = 300.0
    clock_s: float = 600.0


def judge_time(time: datetime, received_at: datetime, limits: TimeLimits) -> Fault | None:
    """What makes an observation time impossible, if anything: there is no place for such a reading."""
    if time < limits.earliest:
        return Fault(
            FaultReason.TIME_TOO_EARLY,
            f"time {time.isoformat()} is before {limits.earliest.date()}: set the station's clock"
            " (epoch times are milliseconds, not seconds).",
        )
    if time > received_at + limits.future:
        return Fault(
            FaultReason.TIME_IN_FUTURE,
            f"time {time.isoformat()} is {(time - received_at).total_seconds():.0f} s ahead of the receipt:"
            " set the station's clock.",
        )
    return None


_LONGEST_LAG_S = 86_400.0
_STEADY_READINGS = 4
_SHORTEST_S = 20.0
_SAME_S = 5.0
"""Lags that differ by less are the same."""


@dataclasses.dataclass(slots=True)
class Lag:
    """A station whose readings come live but carry an old time has a clock that is behind.

    Late is not behind: a backlog comes faster than it was measured, so its lag shrinks; a clock that is
    behind keeps its lag from one reading to the next while both clocks go on. Four readings in a row, each
    at least 20 s after the one before, whose lag stays within a tenth of the time passed (and 5 s), tell.
    Beyond a day it is history that somebody sends, as a replay does at natural speed.
    """

    received_s: float = 0.0
    lag_s: float = 0.0
    steady: int = 0

    def is_clock_behind(self, time_s: float, received_s: float) -> bool:
        """Takes a reading that lags; True once the station's clock must be behind."""
        lag = received_s - time_s
        passed = received_s - self.received_s
        if passed < _SHORTEST_S:
            if lag < self.lag_s - _SAME_S:
                # Older and newer readings at one moment: a pack of history.
                self.steady, self.lag_s = 0, lag
            return self.steady >= _STEADY_READINGS
        steady = abs(lag - self.lag_s) <= _SAME_S + passed / 10 and lag <= _LONGEST_LAG_S
        self.steady = self.steady + 1 if steady else 1
        self.received_s, self.lag_s = received_s, lag
        return self.steady >= _STEADY_READINGS

    def passes_run(self, times_s: Sequence[float], received_s: float) -> bool:
        """Takes readings that lag and came at one moment with the one taken last; False takes none.

        True says that none of them tells of a wrong clock. Only the last need be looked at, then: each is older
        on arrival than the next by more than what makes a difference. Taking them again changes nothing.
        """
        if self.steady >= _STEADY_READINGS or received_s - self.received_s >= _SHORTEST_S:
            return False
        if min(map(sub, times_s[1:], times_s), default=math.inf) <= _SAME_S:
            return False
        self.is_clock_behind(times_s[-1], received_s)
        return True
