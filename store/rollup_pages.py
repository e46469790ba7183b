"""Hours and days of each series as others ask for them: page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows
from store.rollups import COLUMNS

_PAGE: LiteralString = f"""
select series.id as series, series.station, series.property, series.sensor, series.period_s, series.exercise,
       bucket, {COLUMNS}
from series join station on station.code = series.station
join {{table}} as rolled on rolled.series = series.id
where series.exercise is not distinct from %(exercise)s
  and (%(area)s::text is null or area_within(station.area, %(area)s))
  and (%(stations)s::text[] is null or series.station = any(%(stations)s))
  and (%(properties)s::text[] is null or series.property = any(%(properties)s))
  and bucket >= %(since)s and bucket < %(until)s
  and (%(after_time)s::timestamptz is null
       or (bucket, rolled.series) > (%(after_time)s::timestamptz, %(after_series)s))
order by bucket, rolled.series
limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Rollup:
    """One hour or day of a series."""

    series: int
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
    bucket: datetime
    readings: int
    usable: int
    suspect: int
    bad: int
    missing: int
    late: int
    revised: int
    low: float | None
    low_at: datetime | None
    high: float | None
    high_at: datetime | None
    mean: float | None
    total: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Where buckets of one width are."""

    width: timedelta
    page: LiteralString


TABLES = {
    "hour": Table(timedelta(hours=1), _PAGE.replace("{table}", "rollup_hour")),
    "day": Table(timedelta(days=1), _PAGE.replace("{table}", "rollup_day")),
}


def page(
    connection: Connection[Any],
    table: Table,
    *,
    exercise: str | None,
    area: str | None,
    stations: list[str] | None,
    properties: list[str] | None,
    since: datetime,
    until: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Rollup]:
    """Buckets that begin in [since, until), in order of time and series, after the one named."""
    values = {
        "exercise": exercise,
        "area": area,
        "stations": stations,
        "properties": properties,
        "since": since,
        "until": until,
        "after_time": after[0] if after else None,
        "after_series": after[1] if after else None,
        "limit": limit,
    }
    return rows(connection, Rollup, table.page, values)
