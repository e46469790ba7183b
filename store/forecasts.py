"""Forecasts as they were issued, the newest of them, and limits that they may reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_DUE: LiteralString = """
select latest.series, extract(epoch from latest.time)::float8 as newest_s, trend.code as trend_code,
       (select extract(epoch from max(issues[1]))::float8 from forecast_issue
        where forecast_issue.series = latest.series) as issued_s
from latest left join trend on trend.series = latest.series
where latest.series = any(%s)
"""

_CLEAR: LiteralString = """
delete from forecast using unnest(%b::integer[], %b::float8[]) as again (series, issued_s)
where forecast.series = again.series and forecast.issued = to_timestamp(again.issued_s)
"""

_FORGET: LiteralString = """
with again as (
    select series, to_timestamp(issued_s) as issued from unnest(%b::integer[], %b::float8[]) as given (series, issued_s)
), emptied as (
    delete from forecast_issue using again
    where forecast_issue.series = again.series and forecast_issue.issues = array[again.issued]
)
update forecast_issue set issues = array_remove(issues, again.issued) from again
where forecast_issue.series = again.series and again.issued = any(issues) and issues <> array[again.issued]
"""

_SAVE: LiteralString = """
insert into forecast (series, issued, valid, value, low, high, source)
select series, to_timestamp(issued_s), to_timestamp(valid_s), value, low, high, source
from unnest(%b::integer[], %b::float8[], %b::float8[], %b::float8[], %b::float8[], %b::float8[], %b::text[])
     as made (series, issued_s, valid_s, value, low, high, source)
"""

_REMEMBER: LiteralString = """
insert into forecast_issue as held (series, source, issues)
select series, source, array[to_timestamp(issued_s)]
from unnest(%b::integer[], %b::text[], %b::float8[]) as made (series, source, issued_s)
order by series, source
on conflict (series, source) do update set issues = (
    select array_agg(issued order by issued desc) from (
        select distinct unnest(held.issues || excluded.issues) as issued order by issued desc limit 3) newest)
"""

_CURRENT: LiteralString = """
select forecast.series, series.station, series.property, series.sensor, series.exercise, station.period_s,
       forecast.source, forecast.issued, forecast.valid, forecast.value, forecast.low, forecast.high
from forecast_issue
join series on series.id = forecast_issue.series
join station on station.code = series.station
join forecast on forecast.series = forecast_issue.series and forecast.source = forecast_issue.source
     and forecast.issued = any(forecast_issue.issues[:%(issues)s])
where (%(series)s::integer[] is null or forecast.series = any(%(series)s))
  and (%(station)s::text is null or series.station = %(station)s)
  and (%(anywhere)s or series.exercise is not distinct from %(exercise)s)
  and (%(area)s::text is null or area_within(station.area, %(area)s))
  and forecast_issue.issues[1] > %(since)s and forecast.issued > %(since)s
order by series.property, series.sensor, forecast.series, forecast.issued desc, forecast.source, forecast.valid
"""

_NEAR: LiteralString = """
select distinct forecast.series
from forecast_issue
join series on series.id = forecast_issue.series
join station on station.code = series.station and not station.out_of_service
join forecast on forecast.series = forecast_issue.series and forecast.source = forecast_issue.source
     and forecast.issued = any(forecast_issue.issues) and forecast.valid > forecast.issued
join standing_limit as lim on lim.station = series.station and lim.property = series.property
     and lim.period_s = 0 and lim.comparable and in_season(lim.season_from, lim.season_to, %(day)s)
     and lim.value <= forecast.value
join latest on latest.series = series.id and lim.value > latest.usable_value
where forecast_issue.issues[1] > %(since)s and forecast.issued > %(since)s
  and (%(kinds)s::text[] is null or station.kind = any(%(kinds)s))
  and (%(property)s::text is null or series.property = %(property)s)
  and (%(anywhere)s or series.exercise is not distinct from %(exercise)s)
  and (%(area)s::text is null or area_within(station.area, %(area)s))
"""

_LIMITS: LiteralString = """
select station, property, name, severity, value from standing_limit
where station = any(%(stations)s) and period_s = 0 and comparable
  and in_season(season_from, season_to, %(day)s)
order by station, property, value
"""

_LEVELS: LiteralString = """
select series.id as series, station.code as station, station.name, station.name_en, station.area,
       latest.usable_value as level, latest.usable_time as at,
       (select max(alarm.threshold) from alarm
        where alarm.closed_at is null and alarm.severity is not null and alarm.subject_kind = 'station'
          and alarm.subject = series.station and alarm.property = series.property
          and alarm.exercise is not distinct from series.exercise
          and alarm.rule in (select code from rule where kind = 'level')) as reached
from series join station on station.code = series.station join latest on latest.series = series.id
where series.id = any(%s)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What tells whether a series is due for a forecast; times in epoch seconds, `issued_s` None: never yet."""

    series: int
    newest_s: float
    trend_code: int | None
    issued_s: float | None


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A point to be stored; epoch seconds and metres."""

    series: int
    issued_s: float
    valid_s: float
    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class PointRow:
    """A stored point with its series; `period_s` is the station's, from which age is judged."""

    series: int
    station: str
    property: str
    sensor: int
    exercise: str | None
    period_s: int
    source: str
    issued: datetime
    valid: datetime
    value: float
    low: float
    high: float


def due(connection: Connection[Any], series: Sequence[int]) -> list[Due]:
    """What is known of the newest reading and the newest issue of each series."""
    return rows(connection, Due, _DUE, (list(series),))


def replace(
    connection: Connection[Any], issues: Iterable[tuple[int, float]], points: Sequence[NewPoint]
) -> None:
    """Stores what was issued. `issues`: series and epoch second of every issue that was computed.

    An issue of the same moment is replaced, also by nothing: the reading on which it stood was corrected or voided.
    """
    again = list(issues)
    if not again:
        return
    columns = ([series for series, _ in again], [issued_s for _, issued_s in again])
    connection.execute(_CLEAR, columns)
    connection.execute(_FORGET, columns)
    if not points:
        return
    connection.execute(
        _SAVE,
        (
            [one.series for one in points], [one.issued_s for one in points], [one.valid_s for one in points],
            [one.value for one in points], [one.low for one in points], [one.high for one in points],
            [one.source for one in points],
        ),
    )  # fmt: skip
    heads = sorted({(one.series, one.source, one.issued_s) for one in points})
    connection.execute(_REMEMBER, tuple(list(column) for column in zip(*heads, strict=True)))


def newest(
    connection: Connection[Any],
    *,
    since: datetime,
    series: Sequence[int] | None = None,
    station: str | None = None,
    exercise: str | None = None,
    anywhere: bool = False,
    area: str | None = None,
    issues: int = 1,
) -> list[PointRow]:
    """Points of the newest issues (1 to 3 of each source) that were issued after `since`.

    In order of property, sensor, series; of each the newest issue first, its points in order of time. `anywhere`:
    real and of every exercise.
    """
    values = {
        "since": since, "series": None if series is None else list(series), "station": station,
        "exercise": exercise, "anywhere": anywhere, "area": area, "issues": issues,
    }  # fmt: skip
    return rows(connection, PointRow, _CURRENT, values)


def near_a_limit(
    connection: Connection[Any],
    *,
    since: datetime,
    day: str,
    kinds: Sequence[str] | None = None,
    property: str | None = None,
    exercise: str | None = None,
    anywhere: bool = False,
    area: str | None = None,
) -> list[int]:
    """Series of which one of the newest three issues reaches a limit in force that the level has not reached.

    `day` is MMDD of the county. Limits over another datum than the station's are not compared; stations out of
    service are left out.
    """
    values = {
        "since": since, "day": day, "kinds": None if kinds is None else list(kinds), "property": property,
        "exercise": exercise, "anywhere": anywhere, "area": area,
    }  # fmt: skip
    return [number for (number,) in connection.execute(_NEAR, values).fetchall()]


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit of a level that is in force on a day, over the datum of its station."""

    station: str
    property: str
    name: str
    severity: str
    value: float


@dataclass(frozen=True, slots=True)
class LevelNow:
    """Where a series stands: its newest usable reading, and the highest limit for which an alarm stands (None)."""

    series: int
    station: str
    name: str
    name_en: str
    area: str | None
    level: float | None
    at: datetime | None
    reached: float | None


def limits(connection: Connection[Any], stations: Sequence[str], day: str) -> list[LimitRow]:
    """Limits of levels in force on the county's day (MMDD), by station and property, lowest first."""
    return rows(connection, LimitRow, _LIMITS, {"stations": list(stations), "day": day})


def levels(connection: Connection[Any], series: Sequence[int]) -> list[LevelNow]:
    """Where these series stand now."""
    return rows(connection, LevelNow, _LEVELS, (list(series),))
