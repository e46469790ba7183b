"""How many alarms in how much time, and the floods of them. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.performance.limits import WINDOW, Limits


@dataclass(frozen=True, slots=True)
class Rate:
    """Alarms over a time: the mean an hour and in ten minutes, the most in any ten minutes, and the count."""

    count: int
    per_hour: float
    per_ten_minutes: float
    peak: int
    peak_at: datetime | None


@dataclass(frozen=True, slots=True)
class Flood:
    """From the alarm that was one too many until fewer than the lower limit were left; `ends` None: still."""

    begins: datetime
    ends: datetime | None
    alarms: int
    peak: int

    def seconds(self, until: datetime) -> float:
        """How long it lasted, or lasts."""
        return ((self.ends or until) - self.begins).total_seconds()


@dataclass(frozen=True, slots=True)
class Bin:
    """Alarms from `at` on, for the length of the bin."""

    at: datetime
    count: int


def rate(times: Sequence[datetime], start: datetime, end: datetime) -> Rate:
    """Of sorted times between start and end. A time shorter than a window counts as one window."""
    hours = max((end - start), WINDOW).total_seconds() / 3600
    peak, peak_at = 0, None
    recent: deque[datetime] = deque()
    for time in times:
        recent.append(time)
        while recent[0] <= time - WINDOW:
            recent.popleft()
        if len(recent) > peak:
            peak, peak_at = len(recent), time
    return Rate(len(times), len(times) / hours, len(times) / hours / 6, peak, peak_at)


def floods(times: Sequence[datetime], end: datetime, limits: Limits) -> list[Flood]:
    """A flood begins with the alarm that makes more than `flood_above` in a window, and ends when a window holds
    fewer than `flood_below`. `alarms` counts those of the window in which it began, too. Sorted times."""
    found: list[Flood] = []
    recent: deque[datetime] = deque()
    begins: datetime | None = None
    alarms = peak = 0
    for time in [*times, None]:
        if begins is not None and (ends := _ends(recent, time, end, limits)) is not None:
            found.append(Flood(begins, ends, alarms, peak))
            begins = None
        if time is None:
            break
        recent.append(time)
        while recent[0] <= time - WINDOW:
            recent.popleft()
        if begins is not None:
            alarms, peak = alarms + 1, max(peak, len(recent))
        elif len(recent) > limits.flood_above:
            begins, alarms, peak = time, len(recent), len(recent)
    if begins is not None:
        found.append(Flood(begins, None, alarms, peak))
    return found


def _ends(
    recent: deque[datetime], next_at: datetime | None, end: datetime, limits: Limits
) -> datetime | None:
    """When the window falls below the lower limit before the next alarm (or the end) comes; None: not before."""
    last_needed = recent[-min(limits.flood_below, len(recent))]
    ends = last_needed + WINDOW
    if next_at is not None:
        return ends if ends < next_at else None
    return ends if ends <= end else None


def bins(times: Sequence[datetime], start: datetime, end: datetime, length: timedelta) -> list[Bin]:
    """Counts by bins of this length from `start` on, empty ones too."""
    total = max(1, -(-(end - start) // length))
    counts = [0] * total
    for time in times:
        counts[min(total - 1, (time - start) // length)] += 1
    return [Bin(start + length * number, count) for number, count in enumerate(counts)]
