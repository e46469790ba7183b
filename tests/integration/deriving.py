"""Readings stored as ingest stores them, the work of `derived`, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from core.observations import Observation
from core.quality import Quality
from core.settings import Settings
from core.stations import SeriesKey
from ingest.derive import areas, derived
from store import marks, observations, stations

NOW = datetime(2026, 7, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """One reading as a station says it; `at` in epoch seconds."""

    station: str
    property: str
    at: int
    value: float | None
    period_s: int = 0
    quality: Quality = Quality.GOOD
    exercise: str | None = None
    by: str | None = None
    sensor: int = 1

    def key(self) -> SeriesKey:
        """Its series."""
        return SeriesKey(self.station, self.property, self.sensor, self.period_s, self.exercise)


def place(connection: Connection[Any], code: str, kind: str = "PP", **columns: object) -> None:
    """A station."""
    values: dict[str, object] = {
        "code": code, "name": code, "name_en": code, "kind": kind, "lon": 121.9, "lat": 29.5, **columns,
    }  # fmt: skip
    names = ", ".join(values)
    marks_ = ", ".join(["%s"] * len(values))
    connection.execute(f"insert into station ({names}) values ({marks_})".encode(), list(values.values()))


def say(connection: Connection[Any], said: Iterable[Said], received_at: datetime = NOW) -> None:
    """Stores a batch and marks it for every consumer."""
    batch = list(said)
    numbers = stations.ensure_series(connection, [one.key() for one in batch])
    stored = observations.store(
        connection,
        [
            Observation(
                numbers[one.key()].id, datetime.fromtimestamp(one.at, UTC), one.value, one.quality, "",
                received_at, "test", one.by,
            )
            for one in batch
        ],
    )  # fmt: skip
    marks.changed(connection, stored.applied)


def derive(connection: Connection[Any], settings: Settings | None = None) -> int:
    """Works until nothing is left; returns how many transactions it took."""
    rounds = 0
    chosen = settings or Settings()
    while True:
        done = derived.step(connection, chosen, NOW)
        done += areas.step(connection, chosen, NOW)
        if not done:
            return rounds
        rounds += 1
        assert rounds < 5_000, "it never ends"


def series_of(
    connection: Connection[Any], station: str, property: str, period_s: int = 0, exercise: str | None = None
) -> dict[int, tuple[float | None, int, str]]:
    """Value, quality and reason by epoch second."""
    found = connection.execute(
        "select extract(epoch from time)::bigint, value, quality, reason from observation"
        " join series on series.id = observation.series where station = %s and property = %s"
        " and period_s = %s and exercise is not distinct from %s order by time",
        (station, property, period_s, exercise),
    ).fetchall()
    return {at: (value, quality, reason) for at, value, quality, reason in found}
