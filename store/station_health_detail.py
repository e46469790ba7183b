"""One station's readings hour by hour and series by series, its delays, revisions and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows
from store.station_health import MEMBERS, bounds, series_kinds

_SERIES: LiteralString = f"""
with scope as materialized (select * from station where code = %(station)s), {MEMBERS}
select member.id, member.property, member.sensor, member.period_s, member.every_s, member.derived,
       reporter.id is not null as counted, member.time, member.received_at, member.value, member.quality,
       member.reason, latest.usable_time, latest.usable_value,
       hour.hours, hour.readings, hour.flagged, hour.missing, hour.late, hour.revised
from member
left join reporter on reporter.id = member.id
left join latest on latest.series = member.id
left join lateral (
    select array_agg((extract(epoch from bucket - %(since)s) / 3600)::integer order by bucket) as hours,
           array_agg(readings order by bucket) as readings, array_agg(suspect + bad order by bucket) as flagged,
           array_agg(missing order by bucket) as missing, array_agg(late order by bucket) as late,
           array_agg(revised order by bucket) as revised
    from rollup_hour where series = member.id and bucket >= %(since)s and bucket <= %(running)s
) hour on true
where member.property <> all(%(always)s)
order by reporter.id is null, member.derived, member.property, member.sensor, member.period_s
"""

_DELAY: LiteralString = f"""
with scope as materialized (select * from station where code = %(station)s), {MEMBERS}
select count(*)::integer as readings,
       percentile_cont(0.5) within group (order by extract(epoch from observation.received_at - observation.time))
           as median_s,
       percentile_cont(0.95) within group (order by extract(epoch from observation.received_at - observation.time))
           as p95_s
from reporter join observation on observation.series = reporter.id
where observation.time >= %(since)s and observation.source <> 'person'
"""

_REVISIONS: LiteralString = """
select series.property, series.sensor, series.period_s, revision.time, revision.value, revision.quality,
       revision.reason, revision.received_at, revision.source, revision.by_user as by,
       observation.value as holds, observation.source as holds_source, observation.by_user as holds_by,
       revision.replaced_at
from series join observation_revision as revision on revision.series = series.id
left join observation on observation.series = series.id and observation.time = revision.time
where series.station = %(station)s and series.exercise is not distinct from %(exercise)s
  and revision.time >= %(since)s
order by revision.id desc limit 50
"""

_GAPS: LiteralString = """
select series.property, series.sensor, gap.begins, gap.ends, gap.state, gap.attempts, gap.found_at, gap.asked_at,
       gap.settled_at
from series join station_gap as gap on gap.series = series.id
where series.station = %(station)s and series.exercise is not distinct from %(exercise)s
  and (gap.state in ('open', 'asked') or gap.ends >= %(since)s)
order by gap.begins desc, series.property limit 50
"""

_CLOCK: LiteralString = """
select error_s, measured_at from station_clock where station = %(station)s
  and exercise is not distinct from %(exercise)s
"""


@dataclass(frozen=True, slots=True)
class SeriesHours:
    """A series, but sums and residuals that are only computed here: its newest value, and the counts of each hour that has any (`hours` numbers them)."""

    id: int
    property: str
    sensor: int
    period_s: int
    every_s: float
    derived: bool
    counted: bool
    time: datetime | None
    received_at: datetime | None
    value: float | None
    quality: int | None
    reason: str | None
    usable_time: datetime | None
    usable_value: float | None
    hours: list[int] | None
    readings: list[int] | None
    flagged: list[int] | None
    missing: list[int] | None
    late: list[int] | None
    revised: list[int] | None


@dataclass(frozen=True, slots=True)
class Delay:
    """From observation to receipt, in seconds; None without readings."""

    readings: int
    median_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A value that was received and does not hold, and what holds instead."""

    property: str
    sensor: int
    period_s: int
    time: datetime
    value: float | None
    quality: int
    reason: str
    received_at: datetime
    source: str
    by: str | None
    holds: float | None
    holds_source: str | None
    holds_by: str | None
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours that are missing, and what became of asking for them."""

    property: str
    sensor: int
    begins: datetime
    ends: datetime
    state: str
    attempts: int
    found_at: datetime
    asked_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockError:
    """Seconds that the station's clock is ahead (negative: behind), and when that was seen."""

    error_s: float
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class StationHealth:
    """All of it for one station."""

    series: list[SeriesHours]
    delay: Delay
    revisions: list[Revision]
    gaps: list[Gap]
    clock: ClockError | None


def station_health(
    connection: Connection[Any], station: str, exercise: str | None, now: datetime, hours: int
) -> StationHealth:
    """What is known of one station over the last `hours`, the running one too."""
    since, running = bounds(now, hours)
    values = {
        "station": station, "exercise": exercise, "since": since, "running": running, **series_kinds(),
    }  # fmt: skip
    (delay,) = rows(connection, Delay, _DELAY, values)
    clocks = rows(connection, ClockError, _CLOCK, values)
    return StationHealth(
        rows(connection, SeriesHours, _SERIES, values),
        delay,
        rows(connection, Revision, _REVISIONS, values),
        rows(connection, Gap, _GAPS, values),
        clocks[0] if clocks else None,
    )
