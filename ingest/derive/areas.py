"""Mean rain of towns, the county, rivers and basins, every ten minutes, from the sums of their gauges.

The one place where a derived series feeds another computation: the sums of a gauge are already put
together from whatever it sends. A mean stands at each ten minutes in which a gauge of the place spoke, and
takes of every gauge its newest sum that is not older than two of its periods (at least half an hour).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from core.quality import Quality
from core.settings import Settings
from hydrology.areal_rain import GaugeSum, areal_rain
from hydrology.rain_windows import verified
from store import area_rain, derived
from store.area_rain import GaugeSeries, Place
from store.derived import Column, Range

WINDOWS_S = (3_600, 10_800, 21_600, 43_200, 86_400)
SLOT_S = 600
LEAST_ALIVE_S = 1_800
_MOST_PLACES = 400
_CHUNK_S = 86_400
_MOST_SUMS = 60_000
"""Sums read in one transaction; what is left over is queued again."""


def step(connection: Connection[Any], settings: Settings, now: datetime) -> int:
    """Takes places out of the queue and computes their means anew; returns how many were taken."""
    taken = area_rain.take(connection, _MOST_PLACES)
    left, done = _MOST_SUMS, 0
    again: list[Place] = []
    for place in _merged(taken):
        if left <= 0:
            again.append(place)
            continue
        first, last = place.from_time.timestamp(), place.to_time.timestamp()
        if last > first + _CHUNK_S:
            last = first + _CHUNK_S
            again.append(_moved(place, datetime.fromtimestamp(last, UTC)))
        left -= _compute(connection, place, first, last)
        done += 1
    area_rain.put_back(connection, again)
    return len(taken)


def _moved(place: Place, start: datetime) -> Place:
    return Place(place.kind, place.place, place.exercise, start, place.to_time)


def _merged(taken: list[Place]) -> list[Place]:
    """Overlapping stretches of one place as one."""
    by_place: dict[tuple[str, str, str | None], list[Place]] = defaultdict(list)
    for one in taken:
        by_place[one.kind, one.place, one.exercise].append(one)
    found: list[Place] = []
    for key, places in by_place.items():
        start, end = None, None
        for one in sorted(places, key=lambda place: place.from_time):
            if start is None or end is None or one.from_time > end + timedelta(hours=1):
                if start is not None and end is not None:
                    found.append(Place(*key, start, end))
                start, end = one.from_time, one.to_time
            end = max(end, one.to_time)
        if start is not None and end is not None:
            found.append(Place(*key, start, end))
    return found


def _compute(connection: Connection[Any], place: Place, first_s: float, last_s: float) -> int:
    """Means of all slots in which a sum within [first, last] has a say; returns how many sums were read."""
    series = area_rain.gauges(connection, place, WINDOWS_S)
    alive = max((_alive_s(one) for one in series), default=LEAST_ALIVE_S)
    start, end = _slot(first_s), _slot(last_s + alive)
    columns = derived.readings(
        connection, [Range(one.series, start - alive - SLOT_S, end) for one in series], reported=False
    )
    means = [
        (window_s, slot, one.mean, one.highest, one.highest_at, one.reporting, one.stations, one.coverage)
        for window_s in WINDOWS_S
        for slot, one in _means(
            [(one, column) for one, column in zip(series, columns, strict=True) if one.window_s == window_s],
            start,
            end,
        )
    ]
    area_rain.replace(connection, place, start, end, means)
    return sum(len(column.times_s) for column in columns) + len(series)


def _means(gauges: list[tuple[GaugeSeries, Column]], start: int, end: int) -> list[tuple[int, Any]]:
    spoken = {_slot(time) for _, column in gauges for time in column.times_s}
    found = []
    for slot in range(start, end + 1, SLOT_S):
        if slot in spoken:
            sums = [one for gauge, column in gauges if (one := _newest(gauge, column, slot)) is not None]
            if (mean := areal_rain(sums, len(gauges))) is not None:
                found.append((slot, mean))
    return found


def _newest(gauge: GaugeSeries, column: Column, slot: int) -> GaugeSum | None:
    place = bisect_right(column.times_s, slot) - 1
    if place < 0 or column.times_s[place] <= slot - _alive_s(gauge):
        return None
    sure = verified(column.values[place], Quality(column.qualities[place]), column.reasons[place])
    return None if sure is None else GaugeSum(gauge.station, sure.millimetres, sure.coverage)


def _alive_s(gauge: GaugeSeries) -> int:
    return max(LEAST_ALIVE_S, 2 * gauge.period_s)


def _slot(time_s: float) -> int:
    """The ten minutes (slot − 600 s, slot] in which a time lies."""
    return -int(-time_s // SLOT_S) * SLOT_S
