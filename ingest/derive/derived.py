"""Takes marks of the consumer `derived` and computes anew exactly what the marked readings have a part in.

One transaction is bounded whatever is marked: stretches of more than two days are cut, and what does not
fit into its share of rows is marked again. A computation reads the observations after the marks were
taken, so killing it at any moment, or doing it twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from core.settings import Settings
from hydrology.hydrological_day import DAY_S
from ingest.derive import curves, events, sums, tides, trends
from ingest.derive.curves import LEVEL, REPORTED_S
from ingest.derive.gauges import COUNTER, TOTALS, Gauge, Key, gauges
from ingest.derive.levels import LEVELS, LevelStretch
from ingest.derive.sums import Stretch, Summed
from store import area_rain, derived, marks
from store import curves as curve_store
from store.derived import Range, Subject
from store.marks import Mark

MOST_MARKS = 1_000
MOST_READINGS = 4_000
"""Readings whose neighbourhood is computed anew in one transaction; each rain reading writes eight rows."""
_CHUNK_S = 2 * DAY_S
_JOIN_S = 6 * 3_600
"""Changes of a series that lie closer together are computed as one stretch."""


def step(connection: Connection[Any], settings: Settings, now: datetime, most: int = MOST_MARKS) -> int:
    """One bounded transaction's work, in the caller's transaction; returns how many marks were taken."""
    taken = marks.take(connection, marks.DERIVED, most)
    if not taken:
        return 0
    series = {one.id: one for one in derived.subjects(connection, {mark.series for mark in taken})}
    ranges = _ranges(mark for mark in taken if mark.series in series and _speaks(series[mark.series]))
    rain = gauges(
        connection,
        {_key(series[one.series]) for one in ranges if series[one.series].property in (TOTALS, COUNTER)},
    )
    chosen = _within_bounds(connection, ranges, series, rain)
    dry_s = settings.derive.event_dry_h * 3_600
    rained = [one for one in chosen if _is_rain(series[one.series])]
    summed = _rain(connection, rained, series, rain, now, dry_s)
    shown = {one.id for each in summed if each.changed for one in each.stretch.gauge.series}
    levels = _levels(connection, [one for one in chosen if not _is_rain(series[one.series])], series)
    shown |= trends.compute(connection, [one for one in levels if one.series.property in LEVELS])
    amounts = curves.compute(connection, levels, now) | tides.compute(connection, levels, now)
    found = [mark for one in summed for mark in _changed(one.series)]
    marks.add(connection, marks.EVALUATOR, [*found, *_changed(amounts)])
    marks.add(connection, marks.ROLLUP, _changed(amounts))
    marks.add(
        connection,
        marks.FORECAST,
        [
            _mark(Range(one.series.id, one.from_s, one.to_s))
            for one in levels
            if one.series.property in LEVELS
        ],
    )
    marks.announce(connection, shown | set(amounts))
    return len(taken)


def _key(series: Subject) -> Key:
    return series.station, series.exercise


def _is_rain(series: Subject) -> bool:
    return series.property in (TOTALS, COUNTER)


def _speaks(series: Subject) -> bool:
    """True if anything is derived from this series, or depends on whether it is there."""
    if series.property in LEVELS or series.property in curve_store.KINDS:
        return series.period_s == 0
    return _is_rain(series) and series.sensor == 1


def _ranges(found: Iterable[Mark]) -> list[Range]:
    """Stretches by series, those that lie close together as one, oldest marks first."""
    by_series: dict[int, list[tuple[float, float]]] = {}
    for mark in found:
        by_series.setdefault(mark.series, []).append((mark.from_time.timestamp(), mark.to_time.timestamp()))
    ranges = []
    for series, pairs in by_series.items():
        pairs.sort()
        first, last = pairs[0]
        for start, end in pairs[1:]:
            if start > last + _JOIN_S:
                ranges.append(Range(series, first, last))
                first, last = start, end
            last = max(last, end)
        ranges.append(Range(series, first, last))
    return ranges


def _within_bounds(
    connection: Connection[Any],
    ranges: Sequence[Range],
    series: dict[int, Subject],
    rain: dict[Key, Gauge],
) -> list[Range]:
    """What this transaction does; the rest is marked again, without the gaps in which there is nothing."""
    cut = [Range(one.series, one.from_s, min(one.to_s, one.from_s + _CHUNK_S)) for one in ranges]
    left = [
        Range(one.series, part.to_s + 1e-6, one.to_s)
        for one, part in zip(ranges, cut, strict=True)
        if part.to_s < one.to_s
    ]
    again = [
        Range(one.series, start, one.to_s)
        for one, start in zip(left, derived.next_times(connection, left), strict=True)
        if start is not None
    ]
    reach = [_reach(one, series[one.series], rain) for one in cut]
    budget, chosen = MOST_READINGS, list[Range]()
    for one, count in zip(cut, derived.counts(connection, reach), strict=True):
        if chosen and count > budget:
            again.append(one)
            continue
        chosen.append(one)
        budget -= count
    marks.add(connection, marks.DERIVED, [_mark(one) for one in again], fresh=False)
    return chosen


def _reach(one: Range, series: Subject, rain: dict[Key, Gauge]) -> Range:
    gauge = rain.get(_key(series))
    if not _is_rain(series) or gauge is None:
        return one
    return Range(one.series, one.from_s, one.to_s + gauge.forward_s + DAY_S)


def _mark(one: Range) -> Mark:
    return Mark(one.series, datetime.fromtimestamp(one.from_s, UTC), datetime.fromtimestamp(one.to_s, UTC))


def _rain(
    connection: Connection[Any],
    chosen: Sequence[Range],
    series: dict[int, Subject],
    rain: dict[Key, Gauge],
    now: datetime,
    dry_s: int,
) -> list[Summed]:
    """Sums and events of gauges; their areas are queued, because many gauges of one area change together."""
    pairs: dict[Key, list[Range]] = {}
    for one in chosen:
        if _key(series[one.series]) in rain:
            pairs.setdefault(_key(series[one.series]), []).append(one)
    summed: list[Summed] = []
    remaining = {key: sorted(found, key=lambda one: one.from_s) for key, found in pairs.items()}
    while remaining:
        # One stretch of each gauge at a time: two of one gauge would write the same rows at once.
        stretches = []
        for key, found in list(remaining.items()):
            first, last = found[0].from_s, found[0].to_s
            while found and found[0].from_s <= last + _JOIN_S:
                last = max(last, found.pop(0).to_s)
            stretches.append(Stretch(rain[key], first, last))
            if not found:
                del remaining[key]
        part = sums.compute(connection, stretches, now)
        events.compute(connection, part, dry_s)
        summed += part
    area_rain.mark(
        connection,
        [
            (
                one.stretch.gauge.station,
                one.stretch.gauge.exercise,
                _time(one.changed[0]),
                _time(one.changed[1]),
            )
            for one in summed
            if one.changed is not None
        ],
    )
    return summed


def _levels(
    connection: Connection[Any], chosen: Sequence[Range], series: dict[int, Subject]
) -> list[LevelStretch]:
    """Levels that changed, and those on whose curves a reported storage or flow has a bearing."""
    found = [
        LevelStretch(series[one.series], one.from_s, one.to_s)
        for one in chosen
        if series[one.series].property in LEVELS
    ]
    reported = [one for one in chosen if series[one.series].property not in LEVELS]
    keys = {_key(series[one.series]) for one in reported}
    of_key = (
        {_key(one): one for one in derived.subjects_of(connection, list(keys), (LEVEL,)) if one.period_s == 0}
        if keys
        else {}
    )
    found += [
        LevelStretch(of_key[_key(series[one.series])], one.from_s, one.to_s + REPORTED_S)
        for one in reported
        if _key(series[one.series]) in of_key
    ]
    return _joined(found)


def _joined(found: list[LevelStretch]) -> list[LevelStretch]:
    """Stretches of one series that overlap as one, so that no row is written twice in one statement."""
    joined: list[LevelStretch] = []
    for one in sorted(found, key=lambda stretch: (stretch.series.id, stretch.from_s)):
        before = joined[-1] if joined else None
        if before is not None and before.series.id == one.series.id and one.from_s <= before.to_s:
            joined[-1] = LevelStretch(one.series, before.from_s, max(before.to_s, one.to_s))
        else:
            joined.append(one)
    return joined


def _changed(series: dict[int, tuple[float, float]]) -> list[Mark]:
    """What is derived may have limits of its own; storage, flow and surge have roll-ups too."""
    return [Mark(number, _time(first), _time(last)) for number, (first, last) in series.items()]


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
