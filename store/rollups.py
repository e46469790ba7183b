"""Hours and days of each series: what they hold is in `0080_ground_of_ingest.sql`.

Hours are computed from the observations, days from their hours: a day is a day of hours exactly (bounds,
extremes, counts and sums compose; the mean is weighted), so a reading costs 24 rows and not a day of raw
readings, and a day stays right when its raw readings are gone.

Whoever computes holds `lock` from before it takes its marks: each statement then sees all that was
committed before, so no older picture is ever written over a newer one.

(`not in` over what was computed is one hashed look-up a row; `not exists` was planned as a loop in a
loop, whose rows the planner cannot know: twenty thousand series took minutes.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

COLUMNS: LiteralString = (
    "readings, usable, suspect, bad, missing, late, revised, low, low_at, high, high_at, mean, total"
)
_NEW: LiteralString = ", ".join(f"excluded.{name}" for name in COLUMNS.split(", "))
_SAVE: LiteralString = f"""
on conflict (series, bucket) do update set ({COLUMNS}) = ({_NEW})
where (kept.readings, kept.usable, kept.suspect, kept.bad, kept.missing, kept.late, kept.revised, kept.low,
       kept.low_at, kept.high, kept.high_at, kept.mean, kept.total) is distinct from ({_NEW})
"""

_HOURS: LiteralString = f"""
with wanted as materialized (
    select * from unnest(
        %(series)b::integer[], %(start)b::timestamptz[], %(stop)b::timestamptz[], %(shift)b::interval[],
        %(summed)b::boolean[], %(late)b::interval[], %(gone)b::timestamptz[])
        as wanted (series, start, stop, shift, summed, late, gone)
), computed as materialized (
    select wanted.series, wanted.gone, hour.* from wanted cross join lateral (
        select time_bucket('1 hour', time - wanted.shift) as bucket,
            count(*)::integer as readings,
            count(value) filter (where quality in (1, 2))::integer as usable,
            count(*) filter (where quality = 3)::integer as suspect,
            count(*) filter (where quality = 4)::integer as bad,
            count(*) filter (where quality = 9)::integer as missing,
            count(*) filter (where received_at - time > wanted.late)::integer as late,
            min(value) filter (where quality in (1, 2)) as low,
            first(time, value) filter (where quality in (1, 2) and value is not null) as low_at,
            max(value) filter (where quality in (1, 2)) as high,
            last(time, value) filter (where quality in (1, 2) and value is not null) as high_at,
            avg(number) filter (where quality in (1, 2)) as mean,
            case when wanted.summed then sum(number) filter (where quality in (1, 2)) end as total
        from (
            -- In the order of time: of equal extremes the first is kept. What is too small or too large to be
            -- summed would be an error here, and stop the roll-ups of everybody.
            select time, value, quality, received_at,
                case when value is null then null when abs(value) < 1e-9 then 0
                     else greatest(-1e100, least(1e100, value)) end as number
            from observation
            where observation.series = wanted.series
                and time >= wanted.start + wanted.shift and time < wanted.stop + wanted.shift
                and time >= %(least)b::timestamptz and time <= %(most)b::timestamptz
            order by time
        ) as reading
        group by 1
    ) as hour
), revised as (
    select wanted.series, time_bucket('1 hour', revision.time - wanted.shift) as bucket,
        count(distinct revision.time)::integer as revised
    from wanted join observation_revision as revision on revision.series = wanted.series
        and revision.time >= wanted.start + wanted.shift and revision.time < wanted.stop + wanted.shift
    group by 1, 2
), emptied as (
    delete from rollup_hour using wanted
    where rollup_hour.series = wanted.series
        and bucket >= wanted.start and bucket < wanted.stop and bucket >= wanted.gone
        and (rollup_hour.series, bucket) not in (select series, bucket from computed)
)
insert into rollup_hour as kept (series, bucket, {COLUMNS})
select computed.series, computed.bucket, readings, usable, suspect, bad, missing, late,
       coalesce(revised.revised, 0), low, low_at, high, high_at, mean, total
from computed left join revised using (series, bucket)
where computed.bucket >= computed.gone or not exists (
    select from rollup_hour as fuller where fuller.series = computed.series
        and fuller.bucket = computed.bucket and fuller.readings > computed.readings)
order by 1, 2
{_SAVE}
"""

_DAYS: LiteralString = f"""
with wanted as materialized (
    select * from unnest(%(series)b::integer[], %(start)b::timestamptz[], %(stop)b::timestamptz[])
        as wanted (series, start, stop)
), computed as materialized (
    select wanted.series, day.* from wanted cross join lateral (
        select time_bucket('1 day', bucket) as bucket,
            sum(readings)::integer as readings, sum(usable)::integer as usable,
            sum(suspect)::integer as suspect, sum(bad)::integer as bad, sum(missing)::integer as missing,
            sum(late)::integer as late, sum(revised)::integer as revised,
            min(low) as low, first(low_at, low) filter (where low is not null) as low_at,
            max(high) as high, last(high_at, high) filter (where high is not null) as high_at,
            sum(mean * usable) / nullif(sum(usable), 0) as mean, sum(total) as total
        from (
            select * from rollup_hour
            where rollup_hour.series = wanted.series and bucket >= wanted.start and bucket < wanted.stop
            order by bucket
        ) as hour
        group by 1
    ) as day
), emptied as (
    delete from rollup_day using wanted
    where rollup_day.series = wanted.series and bucket >= wanted.start and bucket < wanted.stop
        and (rollup_day.series, bucket) not in (select series, bucket from computed)
)
insert into rollup_day as kept (series, bucket, {COLUMNS})
select series, bucket, {COLUMNS} from computed order by 1, 2
{_SAVE}
"""

_TERMS: LiteralString = """
select series.id as series, series.property, series.period_s, station.period_s as reporting_s,
       raw_removed.before as removed_before
from series join station on station.code = series.station
left join raw_removed on raw_removed.series = series.id
where series.id = any(%s)
"""

_NOT_BEGUN: LiteralString = """
select series.id as series, history.first, history.last
from series
cross join lateral (
    select min(time) as first, max(time) as last from observation where observation.series = series.id
) as history
where not exists (select from rollup_begun where rollup_begun.series = series.id)
order by series.id limit %s
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a series is rolled up; `removed_before` is set where raw readings were let go."""

    series: int
    property: str
    period_s: int
    reporting_s: int
    removed_before: datetime | None


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of one series, their starts in [start, stop), to be computed.

    `shift` is by how much a reading lies after the hour it belongs to; `summed` says that a sum of its
    values means something; a reading that came later than `late` counts as late.
    """

    series: int
    start: datetime
    stop: datetime
    shift: timedelta
    summed: bool
    late: timedelta
    removed_before: datetime


@dataclass(frozen=True, slots=True)
class Days:
    """Days of one series, their starts in [start, stop), to be computed."""

    series: int
    start: datetime
    stop: datetime


@dataclass(frozen=True, slots=True)
class History:
    """A series that was never rolled up, and the times of its first and last observation."""

    series: int
    first: datetime | None
    last: datetime | None


def lock(connection: Connection[Any]) -> None:
    """Waits until nobody else rolls up; held until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext('anlan.rollup'))")


def terms(connection: Connection[Any], series: Sequence[int]) -> dict[int, Terms]:
    """How each of these series is rolled up."""
    return {one.series: one for one in rows(connection, Terms, _TERMS, (list(series),))}


def compute_hours(connection: Connection[Any], wanted: Sequence[Hours]) -> None:
    """Writes hours anew from the observations; each hour may be named once."""
    if not wanted:
        return
    connection.execute(
        _HOURS,
        {
            "series": [one.series for one in wanted],
            "start": [one.start for one in wanted],
            "stop": [one.stop for one in wanted],
            "shift": [one.shift for one in wanted],
            "summed": [one.summed for one in wanted],
            "late": [one.late for one in wanted],
            "gone": [one.removed_before for one in wanted],
            "least": min(one.start for one in wanted),
            "most": max(one.stop for one in wanted),
        },
    )


def compute_days(connection: Connection[Any], wanted: Sequence[Days]) -> None:
    """Writes days anew from their hours; each day may be named once."""
    if wanted:
        connection.execute(
            _DAYS,
            {
                "series": [one.series for one in wanted],
                "start": [one.start for one in wanted],
                "stop": [one.stop for one in wanted],
            },
        )


def not_begun(connection: Connection[Any], limit: int) -> list[History]:
    """Series that were never marked for roll-ups: of before there were any, or new."""
    return rows(connection, History, _NOT_BEGUN, (limit,))


def begin(connection: Connection[Any], series: Sequence[int]) -> None:
    """Notes that the history of these series has been marked."""
    connection.execute(
        "insert into rollup_begun (series) select unnest(%s::integer[]) on conflict do nothing",
        (list(series),),
    )
