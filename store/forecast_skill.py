"""How good forecasts were: days to be scored anew, what is compared, and the sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_MARK: LiteralString = """
insert into forecast_skill_mark (series, day, at)
select series, day, %b from unnest(%b::integer[], %b::date[]) as changed (series, day)
"""

_TAKE: LiteralString = """
with chosen as (
    select series, day from forecast_skill_mark where at <= %(until)s
    group by series, day order by min(at) limit %(limit)s
), taken as (
    delete from forecast_skill_mark using chosen
    where forecast_skill_mark.series = chosen.series and forecast_skill_mark.day = chosen.day
)
select series, day from chosen
"""

_SAID: LiteralString = """
select forecast.source, extract(epoch from forecast.issued)::float8 as issued_s,
       extract(epoch from forecast.valid)::float8 as valid_s, forecast.value, forecast.low, forecast.high,
       origin.value as start
from forecast
join forecast as origin on origin.series = forecast.series and origin.issued = forecast.issued
     and origin.source = forecast.source and origin.valid = forecast.issued
where forecast.series = %(series)s and forecast.issued >= %(first)s and forecast.issued < %(end)s
  and origin.series = %(series)s and origin.issued >= %(first)s and origin.issued < %(end)s
  and forecast.valid >= %(start)s and forecast.valid < %(end)s
  and extract(epoch from forecast.valid - forecast.issued) = any(%(leads)s::integer[])
"""

_CLEAR: LiteralString = "delete from forecast_skill where series = %s and day = %s"

_SAVE: LiteralString = """
insert into forecast_skill (series, day, source, lead_s, count, sum_error, sum_absolute, sum_square, within,
                            sum_unchanged)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_SUMS: LiteralString = """
select forecast_skill.source, forecast_skill.lead_s, sum(count)::integer as count,
       count(distinct forecast_skill.series)::integer as series,
       sum(sum_error) / sum(count) as bias, sum(sum_absolute) / sum(count) as mean_absolute,
       sqrt(sum(sum_square) / sum(count)) as root_mean_square,
       sum(within)::float8 / sum(count) as within, sum(sum_unchanged) / sum(count) as unchanged
from forecast_skill
join series on series.id = forecast_skill.series
join station on station.code = series.station
where day >= %(since)s and series.exercise is not distinct from %(exercise)s
  and (%(station)s::text is null or series.station = %(station)s)
  and (%(area)s::text is null or area_within(station.area, %(area)s))
group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """A UTC day of a series."""

    series: int
    day: date


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A stored point at a lead that is scored, with the level from which its forecast started."""

    source: str
    issued_s: float
    valid_s: float
    value: float
    low: float
    high: float
    start: float


@dataclass(frozen=True, slots=True)
class DaySums:
    """The sums of one source and lead time on one day."""

    source: str
    lead_s: int
    count: int
    sum_error: float
    sum_absolute: float
    sum_square: float
    within: int
    sum_unchanged: float


@dataclass(frozen=True, slots=True)
class Skill:
    """How good a source was at a lead time; metres, `within` a share.

    `unchanged` is the mean absolute error of the word that the level stays as it was.
    """

    source: str
    lead_s: int
    count: int
    series: int
    bias: float
    mean_absolute: float
    root_mean_square: float
    within: float
    unchanged: float


def mark(connection: Connection[Any], days: Sequence[SeriesDay], at: datetime) -> None:
    """Has these days scored anew."""
    if days:
        connection.execute(_MARK, (at, [one.series for one in days], [one.day for one in days]))


def take(connection: Connection[Any], until: datetime, limit: int) -> list[SeriesDay]:
    """Takes days that were first marked before `until`, oldest first; a roll-back puts them back."""
    return rows(connection, SeriesDay, _TAKE, {"until": until, "limit": limit})


def said(connection: Connection[Any], wanted: SeriesDay, leads: Sequence[int]) -> list[SaidRow]:
    """What was forecast for a day at these lead times (s)."""
    start = datetime.combine(wanted.day, time(), UTC)
    values = {
        "series": wanted.series, "start": start, "end": start + timedelta(days=1),
        "first": start - timedelta(seconds=max(leads)), "leads": list(leads),
    }  # fmt: skip
    return rows(connection, SaidRow, _SAID, values)


def save(connection: Connection[Any], wanted: SeriesDay, sums: Sequence[DaySums]) -> None:
    """Replaces the sums of a day."""
    connection.execute(_CLEAR, (wanted.series, wanted.day))
    with connection.cursor() as cursor:
        cursor.executemany(
            _SAVE,
            [
                (
                    wanted.series, wanted.day, one.source, one.lead_s, one.count, one.sum_error,
                    one.sum_absolute, one.sum_square, one.within, one.sum_unchanged,
                )
                for one in sums
            ],
        )  # fmt: skip


def skill(
    connection: Connection[Any],
    *,
    since: date,
    exercise: str | None = None,
    station: str | None = None,
    area: str | None = None,
) -> list[Skill]:
    """How good each source was at each lead time since a day, over all series or one station's."""
    values = {"since": since, "exercise": exercise, "station": station, "area": area}
    return rows(connection, Skill, _SUMS, values)


def count(connection: Connection[Any], wanted: SeriesDay) -> int:
    """How many comparisons the kept sums of a day stand for."""
    found = connection.execute(
        "select coalesce(sum(count), 0)::integer from forecast_skill where series = %s and day = %s",
        (wanted.series, wanted.day),
    ).fetchone()
    return int(found[0]) if found else 0
