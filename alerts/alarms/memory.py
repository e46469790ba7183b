"""What the evaluator keeps of rules, limits and conditions between two transactions.

It is a copy of what the database holds, kept because thousands of readings a second are compared with limits that
rarely change: it is dropped whole when a rule, a limit or a station changes, and when a transaction fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.alarms.course import Condition, Reading, Terms, calm, late_after
from alerts.alarms.limits import Delays, rule_at
from alerts.rules.levels import Held, LimitRule
from alerts.rules.rates import Window
from core.quality import Quality
from store import evaluation, tracks
from store.evaluation import MarkedSeries, Row
from store.rules import RuleAtStation, ThresholdRow, rules_at_stations, terms_version, threshold_rows
from store.tracks import Track

NOWHERE = (math.inf, -math.inf)
_SHORTEST_GRACE = timedelta(minutes=1)
SubjectKey = tuple[str, str, str | None]
"""Rule, station, exercise."""


@dataclass(slots=True, eq=False)
class Strand:
    """One series under one rule: how far it is read, what holds, and between which values all stays as it is."""

    series: int
    subject: Watched
    observed_at: datetime | None = None
    held: Held = field(default_factory=Held)
    value: float | None = None
    last: Reading | None = None
    window: Window | None = None
    low: float = -math.inf
    high: float = math.inf
    day: date | None = None

    def settle(self, condition: Condition) -> None:
        """Takes over what a transaction has come to."""
        self.observed_at, self.held, self.value = condition.observed_at, condition.held, condition.value
        self.last = condition.last
        self.low, self.high = calm(self.subject.terms, self.series, condition.held)
        if self.subject.stale_ids(self.held):
            self.low, self.high = NOWHERE
        self.day = self.subject.terms.day(condition.observed_at) if self.subject.seasonal else None


@dataclass(slots=True, eq=False)
class Watched:
    """A subject under one rule, with its strands by series.

    `settled`: nobody waits to be called for what holds, and nothing waits to be verified.
    """

    rule: LimitRule
    place: RuleAtStation
    exercise: str | None
    terms: Terms
    strands: dict[int, Strand] = field(default_factory=dict)
    settled: bool = False
    periods: dict[int, int] = field(default_factory=dict)

    @property
    def key(self) -> SubjectKey:
        """Rule, station, exercise."""
        return self.rule.code, self.rule.station, self.exercise

    @property
    def seasonal(self) -> bool:
        """True if any limit is in force for a part of the year only."""
        return any(limit.seasonal for limit in self.rule.limits)

    def conditions(self) -> dict[int, Condition]:
        """What each series that was ever read left behind."""
        return {
            series: Condition(
                strand.observed_at,
                strand.held,
                self.terms.worst(series, strand.held, strand.observed_at),
                strand.value,
                strand.last,
            )
            for series, strand in self.strands.items()
            if strand.observed_at is not None
        }

    def stale_ids(self, held: Held) -> set[int]:
        """Limits that hold or wait and are set no longer."""
        known = {limit.id for limit in self.rule.limits}
        return (set(held.active) | held.rising.keys() | held.falling.keys()) - known


@dataclass(slots=True)
class Memory:
    """Strands by series, subjects by key; `()` of a series says that no rule looks at it."""

    version: int | None = None
    strands: dict[int, tuple[Strand, ...]] = field(default_factory=dict)
    subjects: dict[SubjectKey, Watched] = field(default_factory=dict)

    def forget(self) -> None:
        """Everything is read anew at its next use."""
        self.version = None
        self.strands.clear()
        self.subjects.clear()

    def refresh(self, connection: Connection[Any]) -> None:
        """Forgets everything if a rule, a limit or a station has changed."""
        version = terms_version(connection)
        if version != self.version:
            self.forget()
            self.version = version

    def load(
        self,
        connection: Connection[Any],
        series: Iterable[int],
        *,
        zone: ZoneInfo,
        floor_s: int,
        delays: Delays,
    ) -> None:
        """Reads rules, limits and tracks of series that are not known yet, and of all that stand beside them."""
        missing = [number for number in series if number not in self.strands]
        if not missing:
            return
        stations = sorted({entry.station for entry in evaluation.marked_series(connection, missing)})
        known = {(track.series, track.rule): track for track in tracks.tracks(connection, stations)}
        beside = {track.series for track in known.values()} - self.strands.keys()
        entries = evaluation.marked_series(connection, sorted(beside.union(missing)))
        limits: dict[tuple[str, str], list[ThresholdRow]] = {}
        for row in threshold_rows(connection, stations):
            limits.setdefault((row.station, row.property), []).append(row)
        places: dict[str, list[RuleAtStation]] = {}
        for place in rules_at_stations(connection, stations):
            places.setdefault(place.station, []).append(place)
        for entry in entries:
            found = []
            for place in places.get(entry.station, []):
                if place.property != entry.property:
                    continue
                track = known.get((entry.id, place.rule))
                rule = rule_at(place, limits, delays)
                if not rule.limits and track is None and place.kind != "level":
                    continue
                watched = self.subjects.get((place.rule, place.station, entry.exercise))
                if watched is None:
                    watched = _watched(rule, place, entry.exercise, zone, floor_s)
                    self.subjects[watched.key] = watched
                found.append(_strand(watched, entry, track))
            self.strands[entry.id] = tuple(found)
        self.strands.update({number: () for number in missing if number not in self.strands})
        _fill(connection, [strand for entry in entries for strand in self.strands[entry.id]])


def _watched(
    rule: LimitRule, place: RuleAtStation, exercise: str | None, zone: ZoneInfo, floor_s: int
) -> Watched:
    periods: dict[int, int] | None = {} if rule.kind == "rain" else None
    grace = max(_SHORTEST_GRACE, timedelta(seconds=place.period_s))
    terms = Terms(rule.limits, zone, late_after(place.period_s, floor_s), periods, grace)
    return Watched(rule, place, exercise, terms, periods=periods if periods is not None else {})


def _strand(watched: Watched, entry: MarkedSeries, track: Track | None) -> Strand:
    watched.periods[entry.id] = entry.period_s
    strand = Strand(entry.id, watched)
    if watched.rule.kind == "rate":
        strand.window = Window(float(watched.place.terms["window_s"]))
    watched.strands[entry.id] = strand
    if track is None:
        strand.low, strand.high = calm(watched.terms, entry.id, Held())
    else:
        held = Held(
            frozenset(track.active),
            dict(zip(track.rising_ids, track.rising_since, strict=True)),
            dict(zip(track.falling_ids, track.falling_since, strict=True)),
        )
        limit = watched.terms.worst(entry.id, held, track.observed_at)
        strand.settle(Condition(track.observed_at, held, limit, track.value))
    watched.settled = not any(one.held.active for one in watched.strands.values())
    return strand


def _fill(connection: Connection[Any], strands: Sequence[Strand]) -> None:
    """What a copy cannot hold of the past: the window of a rate, the reading whose delay runs."""
    refit(connection, strands)
    for strand in strands:
        if strand.held.rising and strand.observed_at is not None:
            strand.last = last_reading(connection, strand.series, strand.observed_at)
            if strand.window is not None and strand.last is not None and strand.value is not None:
                strand.last = replace(strand.last, value=strand.value)


def refit(connection: Connection[Any], strands: Sequence[Strand]) -> None:
    """Reads the windows of rates anew, up to where each series is read."""
    rated = {one.series: one for one in strands if one.window is not None and one.observed_at is not None}
    if not rated:
        return
    ranges = [
        (one.series, one.observed_at - timedelta(seconds=one.window.length_s), one.observed_at)
        for one in rated.values()
        if one.window is not None and one.observed_at is not None
    ]
    points = evaluation.usable_points(connection, ranges)
    for strand in strands:
        if strand.window is not None:
            strand.window.fill(points.get(strand.series, []))


def last_reading(
    connection: Connection[Any], series: int, until: datetime, *, usable: bool = False
) -> Reading | None:
    """The newest reading at or before `until` that says anything, or is usable."""
    return _reading(evaluation.newest(connection, series, until, usable=usable))


def highest_doubtful(
    connection: Connection[Any], series: int, until: datetime, since: datetime | None
) -> Reading | None:
    """The highest doubtful reading within (since, until]; since None: of all times."""
    return _reading(evaluation.highest_doubtful(connection, series, until, since))


def _reading(row: Row | None) -> Reading | None:
    if row is None:
        return None
    return Reading(row.series, row.time, row.value, Quality(row.quality), row.reason, row.received_at, row.by)
