"""The course of the series of one subject under its limits: each reading's condition, in time order.

Pure. A subject (a station under one rule) may have several sensors, and for rain several windows; the worst of
them is its condition, so a return needs all of them to have returned.

A reached limit whose on-delay is over counts, though no further reading has come: silence hides no danger. The
point of it is the last reading before. It waits a grace beyond the delay, within which the reading that is on
its way may still come. A limit is left by a reading only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.rules.levels import Held, Limit, calm_band, hold, reached, ripe, speaks, worst
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
    """What one series leaves behind: how far it is read, which limits hold, its last value.

    `last` is the last reading that was certain or reached a limit: what a delay that ends stands on.
    """

    observed_at: datetime
    held: Held
    limit: Limit | None
    value: float | None
    last: Reading | None = None

    @property
    def active(self) -> frozenset[int]:
        """The limits (ids) that hold."""
        return self.held.active


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

    @property
    def borne_out(self) -> Limit | None:
        """The limit that holds, as far as this reading reaches: what it reaches beyond waits for its delay."""
        if self.limit is None or self.reached is None:
            return None
        return min(self.reached, self.limit, key=lambda limit: (limit.severity.rank, limit.value))


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a subject is judged: its limits, the county's zone (seasons), and when news is old.

    `periods` names, of each series whose limits are not all of them, the window that its limits must have.
    `grace`: so long after the end of an on-delay a reading is waited for.
    """

    limits: Sequence[Limit]
    zone: ZoneInfo
    late_after: timedelta
    periods: Mapping[int, int] | None = None
    grace: timedelta = timedelta(minutes=1)

    def of(self, series: int) -> Sequence[Limit]:
        """The limits that the readings of a series are compared with."""
        if self.periods is None:
            return self.limits
        return [limit for limit in self.limits if limit.period_s == self.periods.get(series)]

    def fresh(self, reading: Reading) -> bool:
        """True if the reading came soon enough to call people for."""
        return reading.received_at - reading.time <= self.late_after

    def reached(self, reading: Reading) -> Limit | None:
        """What a plain reading of the value gives."""
        spoken = reading.spoken
        if spoken is None:
            return None
        return reached(self.of(reading.series), spoken, self.day(reading.time))

    def point(self, reading: Reading, conditions: Mapping[int, Condition]) -> Point:
        """The reading on its course, with the condition of its subject."""
        return Point(reading, subject_limit(conditions), self.reached(reading), self.fresh(reading))

    def day(self, time: datetime) -> date:
        """The county's date, by which seasons go."""
        return time.astimezone(self.zone).date()

    def worst(self, series: int, held: Held, time: datetime) -> Limit | None:
        """The worst limit that holds at a series at a time."""
        return worst(self.of(series), held.active, self.day(time)) if held.active else None

    def memory(self) -> timedelta:
        """How far before a moment a reading may lie that decides by a delay what holds then."""
        return max((max(limit.on_delay, limit.off_delay) for limit in self.limits), default=timedelta(0)) * 2


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
        points += _ripen(terms, after, reading.time, terms.grace)
        before = after.get(reading.series)
        held, value = (before.held, before.value) if before else (Held(), None)
        spoken = reading.spoken
        if spoken is not None:
            held = hold(terms.of(reading.series), held, spoken, reading.certain, reading.time)
            value = spoken
        tells = spoken is not None and (reading.certain or terms.reached(reading) is not None)
        last = reading if tells else before.last if before else None
        own = terms.worst(reading.series, held, reading.time)
        after[reading.series] = Condition(_read_until(reading, before), held, own, value, last)
        if spoken is not None:
            points.append(terms.point(reading, after))
    return after, points


def ripen(
    terms: Terms, conditions: Mapping[int, Condition], now: datetime
) -> tuple[dict[int, Condition], list[Point]]:
    """Lets on-delays end that are over at `now`, though no further reading has come."""
    after = dict(conditions)
    return after, _ripen(terms, after, now, terms.grace)


def _ripen(terms: Terms, after: dict[int, Condition], at: datetime, grace: timedelta) -> list[Point]:
    """Moves what has waited its delay and the grace out by `at`; of an old reading nothing comes by itself."""
    points = []
    for series, condition in after.items():
        last = condition.last
        if not condition.held.rising or last is None or not terms.fresh(last):
            continue
        held = ripe(terms.of(series), condition.held, at - grace)
        if held is condition.held:
            continue
        own = terms.worst(series, held, last.time)
        after[series] = replace(condition, held=held, limit=own)
        points.append(terms.point(last, after))
    return points


def due_at(terms: Terms, conditions: Mapping[int, Condition]) -> datetime | None:
    """When the next on-delay is over, if no further reading comes; None if nothing waits for that."""
    times = [
        condition.held.rising[limit.id] + limit.on_delay + terms.grace
        for series, condition in conditions.items()
        if condition.held.rising and condition.last is not None and terms.fresh(condition.last)
        for limit in terms.of(series)
        if limit.id in condition.held.rising
    ]
    return min(times, default=None)


def calm(terms: Terms, series: int, held: Held) -> tuple[float, float]:
    """Between these values (from, below) a newer certain reading changes nothing; nowhere while a delay runs."""
    return (math.inf, -math.inf) if held.waits else calm_band(terms.of(series), held.active)


def _read_until(reading: Reading, before: Condition | None) -> datetime:
    """Until when a series is read: a reading from the future does not make what comes until then old, for
    what is old and doubtful calls nobody."""
    until = min(reading.time, reading.received_at)
    return max(until, before.observed_at) if before else until


def subject_limit(conditions: Mapping[int, Condition]) -> Limit | None:
    """The worst limit that holds at any sensor of the subject."""
    found = [condition.limit for condition in conditions.values() if condition.limit]
    return max(found, key=lambda limit: (limit.severity.rank, limit.value), default=None)
