"""Trend of each level at its newest reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from core.quality import Quality
from hydrology.trend import LONGEST_S, Point, Trend, trend
from ingest.derive.levels import LevelStretch
from store import derived, trends
from store.derived import Column, Range


def compute(connection: Connection[Any], stretches: Sequence[LevelStretch]) -> set[int]:
    """Fits the trend anew where the changes reach into its window; returns the series whose trend changed."""
    reach: dict[int, float] = {}
    for one in stretches:
        reach[one.series.id] = max(one.to_s, reach.get(one.series.id, one.to_s))
    wanted = [
        Range(series, newest_s - LONGEST_S - 1, newest_s)
        for series, newest_s in trends.newest_times(connection, list(reach)).items()
        if reach[series] >= newest_s - LONGEST_S
    ]
    found = {
        range_.series: trend(_points(column))
        for range_, column in zip(wanted, derived.readings(connection, wanted), strict=True)
    }
    fitted = [_new(series, one) for series, one in found.items() if one is not None]
    return trends.save(connection, fitted, [series for series, one in found.items() if one is None])


def _points(column: Column) -> list[Point]:
    return [
        Point(time_s, value, Quality(quality))
        for time_s, value, quality in zip(column.times_s, column.values, column.qualities, strict=True)
    ]


def _new(series: int, one: Trend) -> trends.NewTrend:
    return trends.NewTrend(
        series, one.time_s, one.code, one.rate, one.window_s, one.points, one.quality, one.reason
    )
