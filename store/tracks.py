"""Tracks: how far each series is read under each rule, what holds after it, which delays run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_TRACKS = """
select series.id as series, series.station, series.exercise, alarm_track.rule, alarm_track.observed_at,
       alarm_track.active, alarm_track.value, alarm_track.rising_ids, alarm_track.rising_since,
       alarm_track.falling_ids, alarm_track.falling_since, alarm_track.due_at
from alarm_track join series on series.id = alarm_track.series
where series.station = any(%s)
"""

_SAVE_TRACKS: LiteralString = """
insert into alarm_track (series, rule, observed_at, active, severity, value, threshold, threshold_name,
                         rising_ids, rising_since, falling_ids, falling_since, due_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (series, rule) do update set
    observed_at = excluded.observed_at, active = excluded.active, severity = excluded.severity,
    value = excluded.value, threshold = excluded.threshold, threshold_name = excluded.threshold_name,
    rising_ids = excluded.rising_ids, rising_since = excluded.rising_since,
    falling_ids = excluded.falling_ids, falling_since = excluded.falling_since, due_at = excluded.due_at
"""

_SAVE_CALM: LiteralString = """
insert into alarm_track as held (series, rule, observed_at, value)
select * from unnest(%b::integer[], %b::text[], %b::timestamptz[], %b::float8[])
on conflict (series, rule) do update set observed_at = excluded.observed_at, value = excluded.value
"""

_DUE = """
select distinct series from alarm_track where due_at <= %s limit %s
"""


@dataclass(frozen=True, slots=True)
class Track:
    """How far a series is read under a rule, and what its last reading left.

    `rising` and `falling`: limits that wait for their delay, ids beside the observation time since when.
    """

    series: int
    station: str
    exercise: str | None
    rule: str
    observed_at: datetime
    active: list[int]
    value: float | None
    rising_ids: list[int] = field(default_factory=list)
    rising_since: list[datetime] = field(default_factory=list)
    falling_ids: list[int] = field(default_factory=list)
    falling_since: list[datetime] = field(default_factory=list)
    due_at: datetime | None = None
    severity: str | None = None
    threshold: float | None = None
    threshold_name: str | None = None


def tracks(connection: Connection[Any], stations: Sequence[str]) -> list[Track]:
    """All tracks of the stations' series."""
    return rows(connection, Track, _TRACKS, (list(stations),))


def save_tracks(connection: Connection[Any], entries: Iterable[Track]) -> None:
    """Writes tracks."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _SAVE_TRACKS,
            [
                (
                    track.series, track.rule, track.observed_at, track.active, track.severity, track.value,
                    track.threshold, track.threshold_name, track.rising_ids, track.rising_since,
                    track.falling_ids, track.falling_since, track.due_at,
                )
                for track in entries
            ],
        )  # fmt: skip


def save_calm_tracks(
    connection: Connection[Any],
    series: Sequence[int],
    rules: Sequence[str],
    observed_at: Sequence[datetime],
    values: Sequence[float | None],
) -> None:
    """Writes how far series are read whose readings changed nothing: one row for each series and rule."""
    if series:
        connection.execute(_SAVE_CALM, (series, rules, observed_at, values))


def due_series(connection: Connection[Any], now: datetime, most: int) -> list[int]:
    """Series of which an on-delay is over at `now`."""
    return [row[0] for row in connection.execute(_DUE, (now, most))]


def forget_due(connection: Connection[Any], series: Sequence[int]) -> None:
    """Nothing waits any more for delays of series that nobody judges now: their exercise or their rule is over."""
    if series:
        connection.execute("update alarm_track set due_at = null where series = any(%s)", (list(series),))


def next_due(connection: Connection[Any]) -> datetime | None:
    """When the next on-delay is over."""
    found = connection.execute("select min(due_at) from alarm_track where due_at is not null").fetchone()
    return found[0] if found else None
