"""What a rule's calls mean for the officers at a desk (field.md §1.4). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TEN_MINUTES = timedelta(minutes=10)
FLOOD_BEGINS = 10
"""More than so many calls within 10 minutes begin an alarm flood (ISA-18.2; field.md §1.4)."""
FLOOD_ENDS = 5
"""Fewer than so many end it."""
HOURLY_TARGET, HOURLY_MOST = 6.0, 12.0
"""Calls per officer hour on average: target, and the most that can be managed."""
BUSY_HOUR = 30


@dataclass(frozen=True, slots=True)
class Load:
    """`per_hour` is the average over the whole range; `busy_hours` are clock hours with more than 30 calls."""

    calls: int
    per_hour: float
    peak_10_min: int
    peak_at: datetime | None
    busiest_hour: int
    busy_hours: int
    floods: int
    flood_s: float

    @property
    def verdict(self) -> str:
        """`target`, `manageable` or `too_much`: the worst of average, peak and floods."""
        if self.per_hour > HOURLY_MOST or self.floods:
            return "too_much"
        return "manageable" if self.per_hour > HOURLY_TARGET or self.busy_hours else "target"


def load(times: Sequence[datetime], begin: datetime, end: datetime) -> Load:
    """The load of calls at one desk from `begin` to `end`; `times` in order."""
    hours = max((end - begin).total_seconds() / 3600, 1e-9)
    counted = Counter(time.replace(minute=0, second=0, microsecond=0) for time in times)
    peak, peak_at = _peak(times)
    floods, flood_s = _floods(times)
    return Load(
        calls=len(times),
        per_hour=len(times) / hours,
        peak_10_min=peak,
        peak_at=peak_at,
        busiest_hour=max(counted.values(), default=0),
        busy_hours=sum(count > BUSY_HOUR for count in counted.values()),
        floods=floods,
        flood_s=flood_s,
    )


def _peak(times: Sequence[datetime]) -> tuple[int, datetime | None]:
    """The most calls within 10 minutes, and when the last of them came."""
    peak, peak_at, first = 0, None, 0
    for index, time in enumerate(times):
        while time - times[first] >= TEN_MINUTES:
            first += 1
        if index - first + 1 > peak:
            peak, peak_at = index - first + 1, time
    return peak, peak_at


def _floods(times: Sequence[datetime]) -> tuple[int, float]:
    """How many floods there were, and how long they lasted together (s).

    A flood ends when fewer than five calls lie within the last ten minutes: ten minutes after the fifth last call.
    """
    floods, seconds, first = 0, 0.0, 0
    since: datetime | None = None
    for index, time in enumerate(times):
        if since is not None and (over := times[index - FLOOD_ENDS] + TEN_MINUTES) <= time:
            seconds += (over - since).total_seconds()
            since = None
        while time - times[first] >= TEN_MINUTES:
            first += 1
        if since is None and index - first + 1 > FLOOD_BEGINS:
            floods, since = floods + 1, time
    if since is not None:
        seconds += (times[-FLOOD_ENDS] + TEN_MINUTES - since).total_seconds()
    return floods, seconds
