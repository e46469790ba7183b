"""The course of the series of one subject under its limits: each reading's condition, in time order.

Pure. A subject (a station under one rule) may have several sensors; the worst of them is its
condition, so a return needs all of them to have returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.rules.levels import Limit, hold, reached, speaks, worst
from core.quality import Quality
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Reading:
    """An observation as it is judged here; `by` is the person who set it or vouches for it."""

    series: int
    time: datetime
    value: float | None
    quality: Quality
    reason: str
    received_at: datetime
    by: str | None = None

    @property
    def spoken(self) -> float | None:
        """The value, or None where it says nothing: missing, or said to be false by a person."""
        voided = self.by is not None and self.quality is Quality.BAD
        return None if voided else speaks(self.value, self.quality)

    @property
    def certain(self) -> bool:
        return self.quality.usable


@dataclass(frozen=True, slots=True)
class Condition:
    """What one series leaves behind: how far it is read, and which limits hold."""

    observed_at: datetime
    active: frozenset[int]
    limit: Limit | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """One reading on the course: the subject's condition after it.

    `limit` is the worst limit that holds at the subject (None: normal), `reached` what this value
    reaches by itself.
    """

    reading: Reading
    limit: Limit | None
    reached: Limit | None
    fresh: bool

    @property
    def severity(self) -> Severity | None:
        return self.limit.severity if self.limit else None


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a subject is judged: its limits, the county's zone (seasons), and when news is old."""

    limits: Sequence[Limit]
    zone: ZoneInfo
    late_after: timedelta

    def fresh(self, reading: Reading) -> bool:
        """True if the reading came soon enough to call people for."""
        return reading.received_at - reading.time <= self.late_after

    def reached(self, reading: Reading) -> Limit | None:
        """What a plain reading of the value gives."""
        spoken = reading.spoken
        return None if spoken is None else reached(self.limits, spoken, self.day(reading.time))

    def point(self, reading: Reading, conditions: Mapping[int, Condition]) -> Point:
        """The reading on its course, with the condition of its subject."""
        return Point(reading, subject_limit(conditions), self.reached(reading), self.fresh(reading))

    def day(self, time: datetime) -> date:
        """The county's date, by which seasons go."""
        return time.astimezone(self.zone).date()


def late_after(period_s: int, floor_s: int) -> timedelta:
    """An observation that arrives later than this calls nobody: 3 periods, at least the floor."""
    return timedelta(seconds=max(3 * period_s, floor_s))


def advance(
    terms: Terms, conditions: Mapping[int, Condition], readings: Sequence[Reading]
) -> tuple[dict[int, Condition], list[Point]]:
    """Reads on from `conditions` (by series) through readings newer than them, in time order.

    Returns the conditions at the end and a point for every reading that says something.
    """
    after = dict(conditions)
    points: list[Point] = []
    for reading in readings:
        before = after.get(reading.series)
        active = before.active if before else frozenset()
        value = before.value if before else None
        spoken = reading.spoken
        if spoken is not None:
            active = hold(terms.limits, active, spoken, reading.certain)
            value = spoken
        own = worst(terms.limits, active, terms.day(reading.time))
        after[reading.series] = Condition(_read_until(reading, before), active, own, value)
        if spoken is not None:
            points.append(terms.point(reading, after))
    return after, points


def _read_until(reading: Reading, before: Condition | None) -> datetime:
    """Until when a series is read: a reading from the future does not make what comes until then old, for
    what is old and doubtful calls nobody."""
    until = min(reading.time, reading.received_at)
    return max(until, before.observed_at) if before else until


def subject_limit(conditions: Mapping[int, Condition]) -> Limit | None:
    """The worst limit that holds at any sensor of the subject."""
    found = [condition.limit for condition in conditions.values() if condition.limit]
    return max(found, key=lambda limit: (limit.severity.rank, limit.value), default=None)
