"""Storage and flow by the curves of a station, where it does not report them itself."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.quality import Quality
from core.stations import SeriesKey
from hydrology.curves import ABOVE_CURVE, Curve, amount_at
from ingest.derive.levels import UNUSABLE, LevelStretch, readings
from store import curves, derived, stations
from store.curves import StandingCurve
from store.derived import Column, Range, Rows

LEVEL = "water_level"
REPORTED_S = 86_400
"""A station that reported storage or flow within so long before a reading says it itself."""
DATUM_DIFFERS = "datum_differs"
SUSPECT_LEVEL = "suspect_level"


def compute(
    connection: Connection[Any], stretches: Sequence[LevelStretch], now: datetime
) -> dict[int, tuple[float, float]]:
    """Writes what the curves give at each reading; returns first and last change by series."""
    of_station: dict[tuple[str, str], list[StandingCurve]] = defaultdict(list)
    for one in curves.curves(connection, sorted({stretch.series.station for stretch in stretches})):
        of_station[one.station, one.kind].append(one)
    asked = [
        (stretch, kind)
        for stretch in stretches
        for kind in curves.KINDS
        if stretch.series.property == LEVEL
        and stretch.series.sensor == 1
        and (stretch.series.station, kind) in of_station
    ]
    numbers = stations.ensure_series(connection, [_key(stretch, kind) for stretch, kind in asked])
    asked = [(stretch, kind) for stretch, kind in asked if _key(stretch, kind) in numbers]
    levels = readings(connection, [stretch for stretch, _ in asked])
    targets = [numbers[_key(stretch, kind)].id for stretch, kind in asked]
    reported = derived.readings(
        connection,
        [
            Range(target, stretch.from_s - REPORTED_S, stretch.to_s)
            for (stretch, _), target in zip(asked, targets, strict=True)
        ],
    )
    computed = Rows()
    for (stretch, kind), target, level, own in zip(asked, targets, levels, reported, strict=True):
        _add(computed, target, stretch, of_station[stretch.series.station, kind], level, own)
    stale = [
        Range(target, stretch.from_s, stretch.to_s)
        for (stretch, _), target in zip(asked, targets, strict=True)
    ]
    return derived.replace(connection, computed, now, stale)


def _key(stretch: LevelStretch, kind: str) -> SeriesKey:
    return SeriesKey(stretch.series.station, kind, 1, 0, stretch.series.exercise)


def _add(
    computed: Rows,
    target: int,
    stretch: LevelStretch,
    standing: Sequence[StandingCurve],
    level: Column,
    own: Column,
) -> None:
    starts = [one.valid_from.timestamp() for one in standing]
    for time_s, value, flag in zip(level.times_s, level.values, level.qualities, strict=True):
        quality = Quality(flag)
        place = bisect_right(starts, time_s) - 1
        if place < 0 or quality in UNUSABLE or value != value or _said(own, time_s):
            continue
        one = standing[place]
        if one.datum != stretch.series.datum:
            computed.add(target, time_s, None, Quality.MISSING, DATUM_DIFFERS)
            continue
        amount = amount_at(Curve(one.datum, tuple(one.levels), tuple(one.amounts)), value)
        if amount.value is None:
            quality, reason = Quality.MISSING, amount.reason
        elif amount.reason == ABOVE_CURVE:
            quality, reason = Quality.SUSPECT, amount.reason
        else:
            reason = SUSPECT_LEVEL if quality is Quality.SUSPECT else ""
        computed.add(target, time_s, amount.value, quality, reason)


def _said(own: Column, time_s: float) -> bool:
    """True if the station reported the amount itself within `REPORTED_S` before."""
    place = bisect_right(own.times_s, time_s) - 1
    return place >= 0 and own.times_s[place] > time_s - REPORTED_S
