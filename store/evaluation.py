"""What the evaluator reads and keeps beside marks: marked observations, tracks, faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_OBSERVATIONS: LiteralString = """
select wanted.series, found.time, found.value, found.quality, found.reason, found.received_at, found.by
from unnest(%(series)b::integer[], %(from)b::timestamptz[], %(to)b::timestamptz[])
     as wanted (series, from_time, to_time)
cross join lateral (
    select time, value, quality, reason, received_at, by_user as by from observation
    where observation.series = wanted.series
        and observation.time >= wanted.from_time and observation.time <= wanted.to_time
        and observation.time >= %(first)s and observation.time <= %(last)s
    order by time limit %(limit)s
) found
"""
"""First and last of all ranges are told apart, so that chunks outside of them are left out of the plan."""

_OBSERVATIONS_AT: LiteralString = """
select wanted.series, found.time, found.value, found.quality, found.reason, found.received_at, found.by
from unnest(%(series)b::integer[], %(from)b::timestamptz[]) as wanted (series, time)
cross join lateral (
    select time, value, quality, reason, received_at, by_user as by from observation
    where observation.series = wanted.series and observation.time = wanted.time
        and observation.time >= %(first)s and observation.time <= %(last)s
    limit 1
) found
"""
"""Most ranges are one reading, and that is looked up by its key whatever the planner thinks of the table."""

_POINTS: LiteralString = """
select wanted.series, extract(epoch from found.time)::float8, found.value
from unnest(%(series)b::integer[], %(from)b::timestamptz[], %(to)b::timestamptz[])
     as wanted (series, from_time, to_time)
cross join lateral (
    select time, value from observation
    where observation.series = wanted.series and quality in (1, 2) and value is not null
        and observation.time > wanted.from_time and observation.time <= wanted.to_time
    order by time
) found
order by wanted.series, found.time
"""

_SERIES = """
select series.id, series.station, series.property, series.period_s, series.exercise
from series where series.id = any(%s) order by series.id
"""

_DECISIVE = """
select wanted.id
from unnest(%(ids)s::bigint[], %(reach)s::double precision[], %(leave)s::double precision[])
     as wanted (id, reach, leave)
cross join lateral (
    select value from observation
    where series = %(series)s and time <= %(at)s and value is not null
        and not (quality = 4 and by_user is not null)
        and (quality in (1, 2) and (value >= wanted.reach or value < wanted.leave)
             or quality in (3, 4) and value >= wanted.reach)
    order by time desc limit 1
) decisive
where decisive.value >= wanted.reach
"""

_TELLING: LiteralString = """
select series, time, value, quality, reason, by_user as by,
       greatest(received_at, (
           select max(at) from correction where correction.series = observation.series
             and from_time <= observation.time and to_time >= observation.time)) as received_at
from observation
where series = %s and time <= %s and value is not null and quality = any(%s)
    and not (quality = 4 and by_user is not null)
"""

_NEWEST: LiteralString = _TELLING + " order by time desc limit 1"

_HIGHEST_AFTER: LiteralString = _TELLING + " and time > %s order by value desc, time desc limit 1"

_CORRECTED = """
select correction.series, correction.from_time, correction.to_time, max(correction.at) as at
from unnest(%s::integer[], %s::timestamptz[], %s::timestamptz[]) as wanted (series, from_time, to_time)
join correction on correction.series = wanted.series
    and correction.from_time <= wanted.to_time and correction.to_time >= wanted.from_time
group by correction.series, correction.from_time, correction.to_time
"""

_FAULT = """
insert into mark_fault (series, from_time, to_time, reason, retry_at) values (%s, %s, %s, %s, %s)
on conflict (series) do update set
    from_time = least(mark_fault.from_time, excluded.from_time),
    to_time = greatest(mark_fault.to_time, excluded.to_time),
    reason = excluded.reason, attempts = mark_fault.attempts + 1, retry_at = excluded.retry_at
"""


@dataclass(frozen=True, slots=True)
class MarkedSeries:
    """What the evaluator needs to know of a series."""

    id: int
    station: str
    property: str
    period_s: int
    exercise: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """An observation as the evaluator reads it; `by` is the person who set it or vouches for it."""

    series: int
    time: datetime
    value: float | None
    quality: int
    reason: str
    received_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A person acted upon [from_time, to_time] of the series at `at`: only then did it become known."""

    series: int
    from_time: datetime
    to_time: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """A range that could not be evaluated, and why."""

    series: int
    from_time: datetime
    to_time: datetime
    reason: str
    attempts: int
    since: datetime
    retry_at: datetime


def marked_series(connection: Connection[Any], ids: Sequence[int]) -> list[MarkedSeries]:
    """The series of these ids."""
    return rows(connection, MarkedSeries, _SERIES, (list(ids),))


ObservationRow = tuple[int, datetime, float | None, int, str, datetime, str | None]
"""Series, time, value, quality, reason, received at, the person who set it or vouches for it."""


def observations(
    connection: Connection[Any], ranges: Sequence[tuple[int, datetime, datetime]], limit: int
) -> list[ObservationRow]:
    """Observations of the ranges (series, from, to: both inclusive) in the order of their time.

    At most `limit` of each range: its earliest.
    """
    single = [one for one in ranges if one[1] == one[2]]
    longer = [one for one in ranges if one[1] != one[2]]
    found = _read(connection, _OBSERVATIONS_AT, single, limit) + _read(
        connection, _OBSERVATIONS, longer, limit
    )
    found.sort(key=lambda row: (row[1], row[0]))
    return found


def _read(
    connection: Connection[Any],
    query: LiteralString,
    ranges: Sequence[tuple[int, datetime, datetime]],
    limit: int,
) -> list[ObservationRow]:
    if not ranges:
        return []
    asked = {
        "series": [r[0] for r in ranges],
        "from": [r[1] for r in ranges],
        "to": [r[2] for r in ranges],
        "first": min(r[1] for r in ranges),
        "last": max(r[2] for r in ranges),
        "limit": limit,
    }
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(query, asked, prepare=False).fetchall()


def usable_points(
    connection: Connection[Any], ranges: Sequence[tuple[int, datetime, datetime]]
) -> dict[int, list[tuple[float, float]]]:
    """Usable readings (epoch second, value) of each series within (from, to], in order."""
    asked = {"series": [r[0] for r in ranges], "from": [r[1] for r in ranges], "to": [r[2] for r in ranges]}
    found: dict[int, list[tuple[float, float]]] = {r[0]: [] for r in ranges}
    for series, time_s, value in connection.execute(_POINTS, asked):
        found[series].append((time_s, value))
    return found


def newest(connection: Connection[Any], series: int, until: datetime, *, usable: bool = True) -> Row | None:
    """The newest observation of a series at or before `until` that is usable, or else says anything at all.

    What a person has voided says nothing. What a person acted upon became known when that was done.
    """
    qualities = [1, 2] if usable else [1, 2, 3, 4]
    found = rows(connection, Row, _NEWEST, (series, until, qualities))
    return found[0] if found else None


def highest_doubtful(
    connection: Connection[Any], series: int, until: datetime, since: datetime | None
) -> Row | None:
    """The highest suspect or bad observation within (since, until] that no person has voided; the last of equals.

    `since` None: of all times. What a person acted upon became known when that was done.
    """
    values = (series, until, [3, 4], since or datetime.min.replace(tzinfo=UTC))
    found = rows(connection, Row, _HIGHEST_AFTER, values)
    return found[0] if found else None


def corrected(
    connection: Connection[Any], ranges: Sequence[tuple[int, datetime, datetime]]
) -> list[Corrected]:
    """Where within the ranges persons acted upon values, and when they did so last."""
    asked = ([r[0] for r in ranges], [r[1] for r in ranges], [r[2] for r in ranges])
    return rows(connection, Corrected, _CORRECTED, asked)


def limits_held(
    connection: Connection[Any],
    series: int,
    at: datetime,
    limits: Sequence[tuple[int, float, float]],
) -> frozenset[int]:
    """Which limits (id, reached at, left below) hold after the observation at `at`.

    For each, the last value that is not between the two decides; a suspect or bad one only upwards, one that
    a person has voided not at all.
    """
    found = connection.execute(
        _DECISIVE,
        {
            "series": series,
            "at": at,
            "ids": [limit[0] for limit in limits],
            "reach": [limit[1] for limit in limits],
            "leave": [limit[2] for limit in limits],
        },
    ).fetchall()
    return frozenset(row[0] for row in found)


def keep_fault(
    connection: Connection[Any], entry: tuple[int, datetime, datetime], reason: str, retry_at: datetime
) -> None:
    """Keeps a range (series, from, to) that could not be evaluated; joins one that is kept already."""
    connection.execute(_FAULT, (*entry, reason, retry_at))


def faults(connection: Connection[Any]) -> list[Fault]:
    """Everything that waits to be tried again, oldest first."""
    return rows(
        connection,
        Fault,
        "select series, from_time, to_time, reason, attempts, since, retry_at from mark_fault order by since",
    )


def clear_faults(connection: Connection[Any], series: Iterable[int]) -> None:
    """Forgets the faults of series that were evaluated after all."""
    connection.execute("delete from mark_fault where series = any(%s)", (list(series),))
