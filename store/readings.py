"""Observations as others ask for them: by station and time, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the contract's view `public_v1.observation`, its series' number, and who set it or vouches for it."""

    series: int
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
    time: datetime
    value: float | None
    quality: int
    reason: str
    received_at: datetime
    by: str | None


_COLUMNS: LiteralString = """
select series.id as series, series.station, series.property, series.sensor, series.period_s, series.exercise,
"""

_PAGE: LiteralString = (
    _COLUMNS
    + """
       observation.time, observation.value, observation.quality, observation.reason, observation.received_at,
       observation.by_user as by
from series join station on station.code = series.station
join observation on observation.series = series.id
where series.exercise is not distinct from %(exercise)s
  and (%(area)s::text is null or area_within(station.area, %(area)s))
  and (%(stations)s::text[] is null or series.station = any(%(stations)s))
  and (%(properties)s::text[] is null or series.property = any(%(properties)s))
  and observation.time >= %(since)s and observation.time < %(until)s
  and (%(qualities)s::integer[] is null or observation.quality = any(%(qualities)s))
  and (%(sensor)s::integer is null or series.sensor = %(sensor)s)
  and (%(period_s)s::integer is null or series.period_s = %(period_s)s)
"""
)

_OLDEST_FIRST: LiteralString = """
  and (%(after_time)s::timestamptz is null
       or (observation.time, observation.series) > (%(after_time)s::timestamptz, %(after_series)s))
order by observation.time, observation.series
limit %(limit)s
"""

_NEWEST_FIRST: LiteralString = """
  and (%(after_time)s::timestamptz is null
       or (observation.time, observation.series) < (%(after_time)s::timestamptz, %(after_series)s))
order by observation.time desc, observation.series desc
limit %(limit)s
"""

_NEWEST: LiteralString = (
    _COLUMNS
    + """
       latest.time, latest.value, latest.quality, latest.reason, latest.received_at, observation.by_user as by
from series join station on station.code = series.station
join latest on latest.series = series.id
left join observation on observation.series = latest.series and observation.time = latest.time
where series.exercise is not distinct from %(exercise)s and series.station = any(%(stations)s)
order by series.station, series.property, series.sensor, series.period_s
"""
)


def page(
    connection: Connection[Any],
    *,
    exercise: str | None,
    area: str | None,
    stations: list[str] | None,
    properties: list[str] | None,
    qualities: list[int] | None,
    since: datetime,
    until: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
    sensor: int | None = None,
    period_s: int | None = None,
    newest_first: bool = False,
) -> list[Reading]:
    """Observations within [since, until) in order of time and series (or the other way), after the one named."""
    values = {
        "exercise": exercise,
        "area": area,
        "stations": stations,
        "properties": properties,
        "qualities": qualities,
        "since": since,
        "until": until,
        "after_time": after[0] if after else None,
        "after_series": after[1] if after else None,
        "limit": limit,
        "sensor": sensor,
        "period_s": period_s,
    }
    return rows(connection, Reading, _PAGE + (_NEWEST_FIRST if newest_first else _OLDEST_FIRST), values)


def newest(connection: Connection[Any], stations: list[str], exercise: str | None) -> list[Reading]:
    """The last received observation of every series of these stations."""
    return rows(connection, Reading, _NEWEST, {"stations": stations, "exercise": exercise})
