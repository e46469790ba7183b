"""Takes marks and computes the hours and days they name; begins the history of series that have none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from core.properties import PROPERTIES
from core.settings import Settings
from hydrology import buckets
from hydrology.buckets import DAY, HOUR, Buckets
from store import marks, rollups
from store.marks import Mark

MOST_MARKS = 50_000
"""Marks taken in one turn; those of the same hour of a series cost one computation."""
MOST_HOURS = 30_000
"""Hours computed in one turn; the marks of the rest go back into the queue."""
_MOST_SERIES = 500
_HISTORY = timedelta(days=30)
"""A series' history is marked in parts of this length."""
_MOST_PARTS = 500
_GROUP = timedelta(days=7)
"""Hours of one statement lie within about this span, so that it opens few chunks."""
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


def step(connection: Connection[Any], settings: Settings, now: datetime, most: int = MOST_MARKS) -> int:
    """One turn, in the caller's transaction; returns how many marks were taken or made."""
    rollups.lock(connection)
    taken = marks.take(connection, marks.ROLLUP, most)
    if not taken:
        return _begin_history(connection)
    terms = rollups.terms(connection, sorted({mark.series for mark in taken}))
    hours, left = _within_bounds(_hours(taken, terms))
    for group in _grouped(hours, terms, settings.alerts.late_floor_s):
        rollups.compute_hours(connection, group)
    days = list(_days(hours))
    for start in range(0, len(days), _MOST_SERIES):
        rollups.compute_days(connection, days[start : start + _MOST_SERIES])
    marks.add(connection, marks.ROLLUP, _as_marks(left, terms), fresh=False)
    return len(taken)


def _hours(taken: Iterable[Mark], terms: Mapping[int, rollups.Terms]) -> list[tuple[int, Buckets]]:
    """The hours of all marks, each once, by series and time."""
    found: dict[int, set[Buckets]] = defaultdict(set)
    for mark in taken:
        if mark.series in terms:
            period_s = terms[mark.series].period_s
            found[mark.series].add(buckets.buckets(mark.from_time, mark.to_time, period_s))
    return [(series, one) for series in sorted(found) for one in buckets.joined(found[series])]


def _within_bounds(
    hours: Sequence[tuple[int, Buckets]],
) -> tuple[list[tuple[int, Buckets]], list[tuple[int, Buckets]]]:
    """As many hours as one turn computes, and the rest; one range may be cut in two."""
    now, later, room = [], [], MOST_HOURS
    for series, one in hours:
        count = one.count(HOUR)
        if room <= 0:
            later.append((series, one))
        elif count <= room:
            now.append((series, one))
        else:
            cut = one.start + room * HOUR
            now.append((series, Buckets(one.start, cut)))
            later.append((series, Buckets(cut, one.stop)))
        room -= count
    return now, later


def _grouped(
    hours: Iterable[tuple[int, Buckets]], terms: Mapping[int, rollups.Terms], late_floor_s: int
) -> Iterable[list[rollups.Hours]]:
    groups: dict[int, list[rollups.Hours]] = defaultdict(list)
    for series, one in hours:
        how = terms[series]
        known = PROPERTIES.get(how.property)
        groups[int(one.start.timestamp()) // int(_GROUP.total_seconds())].append(
            rollups.Hours(
                series,
                one.start,
                one.stop,
                buckets.shift(how.period_s),
                known is not None and known.total and how.period_s > 0,
                timedelta(seconds=max(3 * how.reporting_s, 3 * how.period_s, late_floor_s)),
                how.removed_before or _ALWAYS,
            )
        )
    for number in sorted(groups):
        for start in range(0, len(groups[number]), _MOST_SERIES):
            yield groups[number][start : start + _MOST_SERIES]


def _days(hours: Iterable[tuple[int, Buckets]]) -> Iterable[rollups.Days]:
    found: dict[int, list[Buckets]] = defaultdict(list)
    for series, one in hours:
        found[series].append(buckets.widened(one, DAY))
    for series, days in found.items():
        for one in buckets.joined(days):
            yield rollups.Days(series, one.start, one.stop)


def _as_marks(hours: Iterable[tuple[int, Buckets]], terms: Mapping[int, rollups.Terms]) -> Iterable[Mark]:
    for series, one in hours:
        yield Mark(series, *buckets.readings_of(one, terms[series].period_s))


def _begin_history(connection: Connection[Any]) -> int:
    """Marks the history of some series that were never rolled up; 0 when there are none."""
    parts: list[Mark] = []
    begun: list[int] = []
    for history in rollups.not_begun(connection, _MOST_SERIES):
        begun.append(history.series)
        if history.first is not None and history.last is not None:
            parts += _parts(history.series, history.first, history.last)
        if len(parts) >= _MOST_PARTS:
            break
    if begun:
        marks.add(connection, marks.ROLLUP, parts, fresh=False)
        rollups.begin(connection, begun)
    return len(begun)


def _parts(series: int, first: datetime, last: datetime) -> Iterable[Mark]:
    while first <= last:
        yield Mark(series, first, min(first + _HISTORY, last))
        first += _HISTORY
