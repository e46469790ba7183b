"""Hours of which series of asked stations (SL 651) have nothing: found, asked for again, filled or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_FIND: LiteralString = """
with wanted as (
    select series.id, least(series_period.seconds, 3600) as seconds,
        greatest(date_trunc('hour', first.time), %(since)s) as since
    from series
    join station on station.code = series.station and not station.out_of_service
    join station_source as source on source.station = series.station and source.ask_gaps
    left join exercise on exercise.code = series.exercise
    cross join lateral (
        select case when series.period_s > 0 then series.period_s else station.period_s end as seconds
    ) as series_period
    cross join lateral (
        select time from observation
        where observation.series = series.id and time > %(since)s and observation.source = 'sl651'
        order by time limit 1
    ) as first
    where series.property = any(%(properties)s) and series_period.seconds <= 3600
        and (%(part)s::integer is null or series.id %% %(parts)s = %(part)s)
        and (series.exercise is null or exercise.ended_at is null)
),
hours as (
    select wanted.id, hour,
        exists (select from observation
                where series = wanted.id and time > hour and time <= hour + interval '1 hour') as filled
    from wanted
    cross join generate_series(wanted.since, %(until)s - interval '1 hour', interval '1 hour') as hour
),
regular as (
    select id from hours group by id having count(*) filter (where filled) * 4 >= count(*)
),
missing as (
    select hours.id, hour,
        hour - row_number() over (partition by hours.id, date_trunc('day', hour) order by hour) * interval '1 hour'
            as island
    from hours join regular using (id)
    where not filled and not exists (
        select from station_gap where series = hours.id and begins <= hour and ends > hour)
)
insert into station_gap (series, begins, ends, found_at)
select id, min(hour), max(hour) + interval '1 hour', %(now)s from missing
group by id, date_trunc('day', hour), island
on conflict do nothing
"""
"""One gap holds hours of one UTC day at most, so that its answer is of a bounded length. A series that has
values in fewer than a quarter of the hours reports by event, and its silence is no gap."""

_SETTLE: LiteralString = """
update station_gap set
    state = case when whole then 'filled' else 'given_up' end, settled_at = %(now)s
from (
    select station_gap.id, not exists (
        select from generate_series(begins, ends - interval '1 hour', interval '1 hour') as hour
        where not exists (select from observation
                          where series = station_gap.series and time > hour and time <= hour + interval '1 hour')
    ) as whole
    from station_gap where state <> 'filled' and ends > %(since)s - interval '1 day'
) as looked
where looked.id = station_gap.id and (
    whole
    or (state = 'asked' and attempts >= %(most)s
        and asked_at < %(now)s - make_interval(secs => %(pause_s)s))
    or (state in ('open', 'asked') and ends < %(since)s)
)
"""

_DUE: LiteralString = """
select station_gap.id, series.property, series.sensor, series.period_s, station.period_s as station_period_s,
    begins, ends,
    exists (select from station_base where station_base.station = series.station
            and station_base.level = series.sensor and base_m is not null) as over_base
from station_gap
join series on series.id = station_gap.series
join station on station.code = series.station
where series.station = %(station)s and series.exercise is not distinct from %(exercise)s
    and state in ('open', 'asked') and attempts < %(most)s
    and (asked_at is null or asked_at < %(now)s - make_interval(secs => %(pause_s)s * attempts))
    and not exists (
        select from station_gap as other join series as own on own.id = other.series
        where own.station = %(station)s and own.exercise is not distinct from %(exercise)s
            and other.asked_at > %(now)s - make_interval(secs => %(station_pause_s)s))
order by begins desc limit 1 for update of station_gap skip locked
"""

_LIST: LiteralString = """
select station_gap.id, series.station, series.exercise, series.property, series.sensor, series.period_s,
    begins, ends, state, attempts, found_at, asked_at, settled_at
from station_gap join series on series.id = station_gap.series
where (%(station)s::text is null or series.station = %(station)s)
    and series.exercise is not distinct from %(exercise)s
order by begins desc, station_gap.id desc limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class StationGap:
    """Hours (`begins`, `ends`] of a series without a value; `state` is open, asked, filled or given_up."""

    id: int
    station: str
    exercise: str | None
    property: str
    sensor: int
    period_s: int
    begins: datetime
    ends: datetime
    state: str
    attempts: int
    found_at: datetime
    asked_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueGap:
    """A gap to be asked for now; `over_base`: the station's relative levels can be read."""

    id: int
    property: str
    sensor: int
    period_s: int
    station_period_s: int
    begins: datetime
    ends: datetime
    over_base: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """How often a gap is asked for, how long an answer may take, and how long a station is left in peace."""

    most_attempts: int = 3
    pause: timedelta = timedelta(minutes=10)
    station_pause: timedelta = timedelta(seconds=60)


ASKING = Asking()


PARTS = 60
"""Looking through days of ten thousand series at once would take longer than a statement may."""


def find(
    connection: Connection[Any],
    properties: list[str],
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    part: int | None = None,
) -> int:
    """Notes hours of [since, until) that are missing and not noted; whole hours both. Returns how many gaps.

    `part` of `PARTS` looks at that share of the series only.
    """
    values = {
        "properties": properties, "since": since, "until": until, "now": now, "part": part, "parts": PARTS,
    }  # fmt: skip
    return connection.execute(_FIND, values).rowcount


def settle(connection: Connection[Any], since: datetime, now: datetime, asking: Asking = ASKING) -> int:
    """Closes what is filled (a given up gap too, if values came late), and gives up what was asked for in
    vain or lies before `since`."""
    values = {
        "since": since, "now": now, "most": asking.most_attempts, "pause_s": asking.pause.total_seconds(),
    }  # fmt: skip
    return connection.execute(_SETTLE, values).rowcount


def due(
    connection: Connection[Any], station: str, exercise: str | None, now: datetime, asking: Asking = ASKING
) -> DueGap | None:
    """The newest gap that this station is to be asked for now, locked; None while it is left in peace."""
    values = {
        "station": station, "exercise": exercise, "now": now, "most": asking.most_attempts,
        "pause_s": asking.pause.total_seconds(), "station_pause_s": asking.station_pause.total_seconds(),
    }  # fmt: skip
    found = rows(connection, DueGap, _DUE, values)
    return found[0] if found else None


def asked(connection: Connection[Any], gap: int, at: datetime) -> None:
    """The gap is asked for once more."""
    connection.execute(
        "update station_gap set state = 'asked', attempts = attempts + 1, asked_at = %s where id = %s",
        (at, gap),
    )


def forget(connection: Connection[Any], before: datetime) -> int:
    """Takes out gaps that ended long ago and are settled."""
    return connection.execute(
        "delete from station_gap where state in ('filled', 'given_up') and ends < %s", (before,)
    ).rowcount


def gaps(
    connection: Connection[Any], station: str | None = None, exercise: str | None = None, *, limit: int = 200
) -> list[StationGap]:
    """Gaps of a station or of all, newest first."""
    return rows(connection, StationGap, _LIST, {"station": station, "exercise": exercise, "limit": limit})
