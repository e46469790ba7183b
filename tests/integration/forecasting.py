"""Issues and scores forecasts of stored readings, as `anlan derive` does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg import Connection

from core.settings import Settings
from ingest.derive.forecasts import issue, skill
from tests.integration.deriving import NOW, derive

Points = list[tuple[float, float, float, float]]
"""Minutes ahead, value, low, high."""


def forecast(connection: Connection[Any], settings: Settings | None = None) -> None:
    """Derives, then issues until no mark is left."""
    chosen = settings or Settings()
    derive(connection, chosen)
    while issue.step(connection, chosen, NOW):
        pass


def scored(connection: Connection[Any], settings: Settings | None = None) -> None:
    """Scores every day that was marked."""
    while skill.step(connection, settings or Settings(), NOW + timedelta(hours=1)):
        pass


def issued(
    connection: Connection[Any], station: str, source: str, exercise: str | None = None
) -> dict[float, Points]:
    """All forecasts of a station's levels by source, by epoch second of issue."""
    found = connection.execute(
        "select extract(epoch from issued)::float8, extract(epoch from valid - issued)::float8 / 60, value, low, high"
        " from forecast join series on series.id = forecast.series where station = %s and source = %s"
        " and exercise is not distinct from %s order by 1, 2",
        (station, source, exercise),
    ).fetchall()
    by_issue: dict[float, Points] = {}
    for at, *point in found:
        by_issue.setdefault(at, []).append(tuple(point))
    return by_issue
