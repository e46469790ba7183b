"""Roll-ups computed again by other means, and what tests of them write."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core.observations import Observation
from core.quality import Quality
from core.settings import Settings
from core.stations import SeriesKey
from ingest.derive import rollups
from store import marks, observations
from store.stations import ensure_series

START = datetime(2026, 7, 1, tzinfo=UTC)
LATE_FLOOR = timedelta(minutes=30)
PERIOD = timedelta(seconds=300)


@dataclass
class Bucket:
    """What a roll-up should hold."""

    readings: int = 0
    usable: int = 0
    suspect: int = 0
    bad: int = 0
    missing: int = 0
    late: int = 0
    revised: int = 0
    low: float | None = None
    low_at: datetime | None = None
    high: float | None = None
    high_at: datetime | None = None
    mean: float | None = None
    total: float | None = None


def make_series(connection: Connection[Any], *, exercise: str | None = None) -> tuple[list[int], list[int]]:
    """Series of three levels and of three rains, each of 300 s."""
    levels = [SeriesKey(f"RIVER{number}", "water_level", exercise=exercise) for number in (1, 2, 3)]
    rains = [SeriesKey("RAIN1", "rainfall", sensor, 300, exercise) for sensor in (1, 2, 3)]
    found = ensure_series(connection, [*levels, *rains])
    return [found[key].id for key in levels], [found[key].id for key in rains]


def reading(
    series: int,
    time: datetime,
    value: float | None,
    quality: Quality = Quality.GOOD,
    *,
    after: timedelta = timedelta(seconds=5),
    by: str | None = None,
) -> Observation:
    """A reading that was received `after` its time."""
    return Observation(series, time, value, quality, "", time + after, "test", by)


def write(connection: Connection[Any], entries: Iterable[Observation]) -> None:
    """Stores and marks as ingest and corrections do, in the caller's transaction."""
    stored = observations.store(connection, entries)
    marks.changed(connection, stored.applied)
    marks.changed(connection, stored.refused, (marks.ROLLUP,))


def roll_up(connection: Connection[Any], settings: Settings) -> int:
    """Works until nothing is left; returns the turns it took."""
    turns = 0
    while True:
        with connection.transaction():
            done = rollups.step(connection, settings, datetime.now(UTC))
        if not done:
            return turns
        turns += 1


def expected(connection: Connection[Any], rains: Iterable[int], width: timedelta) -> dict[Any, Bucket]:
    """Every roll-up from the raw rows by plain arithmetic; the series in `rains` are totals."""
    summed = set(rains)
    values: dict[Any, list[tuple[datetime, float]]] = defaultdict(list)
    found: dict[Any, Bucket] = defaultdict(Bucket)
    revised = set(connection.execute("select series, time from observation_revision").fetchall())
    query = "select series, time, value, quality, received_at from observation order by time"
    for series, time, value, quality, received_at in connection.execute(query):
        key = (series, _bucket(time, width, ends=series in summed))
        bucket = found[key]
        bucket.readings += 1
        bucket.suspect += quality == 3
        bucket.bad += quality == 4
        bucket.missing += quality == 9
        bucket.late += received_at - time > max(3 * PERIOD, LATE_FLOOR)
        bucket.revised += (series, time) in revised
        if quality in (1, 2) and value is not None:
            values[key].append((time, value))
    for key, held in values.items():
        bucket = found[key]
        bucket.usable = len(held)
        bucket.low = min(value for _, value in held)
        bucket.low_at = next(time for time, value in held if value == bucket.low)
        bucket.high = max(value for _, value in held)
        bucket.high_at = next(time for time, value in held if value == bucket.high)
        bucket.mean = math.fsum(value for _, value in held) / len(held)
        if key[0] in summed:
            bucket.total = math.fsum(value for _, value in held)
    return dict(found)


def _bucket(time: datetime, width: timedelta, *, ends: bool) -> datetime:
    """By counting whole widths since 1970; a time on the edge ends the bucket before, if it `ends`."""
    count, over = divmod(time - datetime(1970, 1, 1, tzinfo=UTC), width)
    if ends and not over:
        count -= 1
    return datetime(1970, 1, 1, tzinfo=UTC) + count * width


_HELD: dict[str, LiteralString] = {
    table: f"select series, bucket, readings, usable, suspect, bad, missing, late, revised, low, low_at, high,"
    f" high_at, mean, total from {table}"
    for table in ("rollup_hour", "rollup_day")
}


def held(connection: Connection[Any], table: str) -> dict[Any, Bucket]:
    """Every roll-up of the table."""
    return {(row[0], row[1]): Bucket(*row[2:]) for row in connection.execute(_HELD[table])}


def differences(held_: dict[Any, Bucket], expected_: dict[Any, Bucket]) -> list[str]:
    """How the two differ; means and sums may differ by rounding."""
    found = [f"too many: {key}" for key in held_.keys() - expected_.keys()]
    found += [f"not there: {key}" for key in expected_.keys() - held_.keys()]
    for key in held_.keys() & expected_.keys():
        for name, wanted in vars(expected_[key]).items():
            value = getattr(held_[key], name)
            near = (
                name in ("mean", "total")
                and None not in (wanted, value)
                and math.isclose(wanted, value, abs_tol=1e-9)
            )
            if value != wanted and not near:
                found.append(f"{key} {name}: {value} instead of {wanted}")
    return found
