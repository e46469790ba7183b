"""The forecast that belongs into a picture: the one that is current and shown, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.projections import projections, shown
from app.charts.ahead import Ahead, AheadPoint
from app.pages.words import Words
from core.properties import LEVEL_PROPERTIES
from hydrology.forecasts import Limit
from store import forecasts
from store.hydrographs import StationLimit

_KEPT = timedelta(days=1)
LONGEST = timedelta(days=7)
"""In a longer picture three hours are a few pixels."""


def ahead(
    connection: Connection[Any],
    station: str,
    name: str | None,
    exercise: str | None,
    limits: Sequence[StationLimit],
    now: datetime,
    words: Words,
    *,
    sensor: int = 1,
) -> Ahead | None:
    """Of a level (`name` is its property), by the limits in force; None where nothing current is known."""
    if name not in LEVEL_PROPERTIES:
        return None
    points = forecasts.newest(connection, since=now - _KEPT, station=station, exercise=exercise)
    for one in projections(points):
        if (one.property, one.sensor) != (name, sensor):
            continue
        found = shown(one, [Limit(each.name, each.value) for each in limits], now.timestamp())
        if found is None:
            return None
        return Ahead(
            [
                AheadPoint(_time(each.valid_s), each.value, each.low, each.high)
                for each in found.forecast.points
            ],
            words(f"short forecast {found.forecast.source}"),
            words(f"brief forecast {found.forecast.source}"),
            _time(found.forecast.issued_s),
        )
    return None


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
