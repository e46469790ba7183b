"""What of a replay has arrived in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection

_FOUND = """
select played.station, played.time, observation.value
from unnest(%s::text[], %s::timestamptz[]) as played (station, time)
join series on series.station = played.station and series.property = %s
    and series.exercise is not distinct from %s
join observation on observation.series = series.id and observation.time = played.time
"""

_REVISIONS = """
select count(*) from observation_revision join series on series.id = observation_revision.series
where series.station = any(%s) and series.property = %s and series.exercise is not distinct from %s
"""


def found_readings(
    connection: Connection[Any],
    played: Iterable[tuple[str, datetime]],
    property: str,
    exercise: str | None,
) -> list[tuple[str, datetime, float | None]]:
    """Each row (station, time, value) that the database holds for what was played.

    A reading that stood in two series would come twice, so that a doubling shows.
    """
    keys = list(played)
    values = ([key[0] for key in keys], [key[1] for key in keys], property, exercise)
    return connection.execute(_FOUND, values).fetchall()


def revisions(connection: Connection[Any], stations: list[str], property: str, exercise: str | None) -> int:
    """How often a second, different value came for a time that was known."""
    row = connection.execute(_REVISIONS, (stations, property, exercise)).fetchone()
    return int(row[0]) if row else 0
