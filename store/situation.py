"""The county at a glance: limits reached now and an hour ago, rain, evacuation, how fast alarms come.

One reading serves every open page of a process. Levels are compared with thresholds of their own
datum only, and by the newest usable value that is not older than three periods (at least 30 min):
silence counts as nothing, neither as safe nor as dangerous.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from store import area_rain
from store.area_rain import AreaRain
from store.connection import rows

AREA_RAIN_S = 10_800
"""The window of areas' means beside the ranking, which is of three hours too."""
AREA_RAIN_SHOWN = timedelta(hours=1)
"""A mean that is older is not shown."""

_REACHED = """
with level as (
    select series.id, series.station, series.property, station.kind,
           greatest(3 * station.period_s, 1800) * interval '1 second' as alive
    from series join station on station.code = series.station
    where series.exercise is not distinct from %(exercise)s and series.sensor = 1
      and series.property in ('water_level', 'tide_level') and not station.out_of_service
      and (%(area)s::text is null or area_within(station.area, %(area)s))
), newest as (
    select level.*,
           (select value from observation where observation.series = level.id and quality in (1, 2)
              and time > %(now)s - level.alive and time <= %(now)s order by time desc limit 1) as value_now,
           (select value from observation where observation.series = level.id and quality in (1, 2)
              and time > %(before)s - level.alive and time <= %(before)s order by time desc limit 1) as value_before
    from level
), judged as (
    select newest.station, newest.kind, newest.value_now is not null as alive,
           found.name, newest.value_now >= found.value as now_over,
           newest.value_before >= found.value as before_over
    from newest
    left join standing_limit found on found.station = newest.station
         and found.property = newest.property and found.period_s = 0 and found.comparable
         and in_season(found.season_from, found.season_to, %(day)s)
)
select
    count(distinct station) filter (where now_over and name = any(%(guarantee)s) and kind <> 'RR') as guarantee,
    count(distinct station) filter (where before_over and name = any(%(guarantee)s) and kind <> 'RR')
        as guarantee_before,
    count(distinct station) filter (where now_over and name = any(%(warning)s) and kind <> 'RR') as warning,
    count(distinct station) filter (where before_over and name = any(%(warning)s) and kind <> 'RR') as warning_before,
    count(distinct station) filter (where now_over and name = 'flood_limit' and kind = 'RR') as reservoir,
    count(distinct station) filter (where before_over and name = 'flood_limit' and kind = 'RR') as reservoir_before,
    count(distinct station) filter (where kind = 'RR') as reservoirs
from judged
"""

GUARANTEE = ["guarantee", "sluice_guarantee", "tide_orange", "minor_flood"]
WARNING = ["warning", "sluice_warning", "tide_yellow", "alert"]
"""Limits that count as 保证 and 警戒 on the wall, whatever a river, sluice, tide or foreign gauge calls them."""

_RAIN = """
with gauge as (
    select station.code, greatest(3 * station.period_s, 1800) * interval '1 second' as alive,
           max(series.id) filter (where series.period_s = 3600) as hour,
           max(series.id) filter (where series.period_s = 10800) as three
    from series join station on station.code = series.station
    where series.exercise is not distinct from %(exercise)s and series.property = 'rainfall_sliding'
      and series.sensor = 1 and not station.out_of_service
      and (%(area)s::text is null or area_within(station.area, %(area)s))
    group by station.code
)
select station.code as station, station.name, station.name_en, station.area,
       hour.value as one_hour, before.value as hour_before, three.value as three_hours,
       coalesce(three.time, hour.time) as as_of,
       coalesce(three.time, hour.time) <= %(now)s - gauge.alive as stale,
       coalesce(three.quality = 3 or hour.quality = 3, false) as suspect
from gauge join station on station.code = gauge.code
left join lateral (
    select value, quality, time from observation where observation.series = gauge.hour
      and time > %(now)s - interval '3 hours' and time <= %(now)s order by time desc limit 1
) hour on true
left join lateral (
    select value from observation where observation.series = gauge.hour
      and time > hour.time - interval '1 hour' - gauge.alive and time <= hour.time - interval '1 hour'
    order by time desc limit 1
) before on true
left join lateral (
    select value, quality, time from observation where observation.series = gauge.three
      and time > %(now)s - interval '3 hours' and time <= %(now)s order by time desc limit 1
) three on true
where hour.time is not null or three.time is not null
order by three.value desc nulls last, station.code
"""
"""Sums of the role `derive`. One that is older than three periods of its gauge (at least 30 min) is stale: the
gauge is silent, or `derive` is away."""

_EVACUATION = """
with running as (
    select id, area from orders
    where state = 'issued' and kind = 'order' and exercise is not distinct from %(exercise)s
      and (%(area)s::text is null or area_within(area, %(area)s))
), place as (
    select distinct running.area from running
), moved as (
    select running.area, coalesce(sum(best.people), 0)::integer as people
    from running
    left join lateral (
        select max(acted_people) as people from delivery
        where delivery.order_id = running.id and acted_people is not null group by recipient
    ) best on true
    group by running.area
), wanted as (
    select place.area, area.name, area.name_en, coalesce(area.people_at_risk, (
        with recursive below as (
            select code, people_at_risk from area where code = place.area
            union all
            select child.code, child.people_at_risk from area child join below on child.parent = below.code
        ) select sum(people_at_risk) from below where code <> place.area), 0)::integer as people
    from place join area on area.code = place.area
)
select wanted.area, wanted.name, wanted.name_en, wanted.people as to_move, moved.people as moved
from wanted join moved using (area)
where wanted.people > 0 or moved.people > 0
order by wanted.area
"""

_LOAD = """
select count(*)::integer as calls
from alarm_event join alarm on alarm.id = alarm_event.alarm
where alarm_event.kind in ('raised', 'worsened') and not alarm_event.late
  and alarm_event.at > %(now)s - interval '10 minutes' and alarm_event.at <= %(now)s
  and alarm.exercise is not distinct from %(exercise)s and alarm.class <> 'equipment'
  and (%(area)s::text is null or alarm.area is null or area_within(alarm.area, %(area)s))
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """How many stations have reached a kind of limit, now and an hour ago."""

    guarantee: int
    guarantee_before: int
    warning: int
    warning_before: int
    reservoir: int
    reservoir_before: int
    reservoirs: int


@dataclass(frozen=True, slots=True)
class RainSum:
    """Rain at one gauge in millimetres over windows that end at `as_of`; None where nothing was reported.

    `hour_before` is of the hour before that. `suspect`: some of it nobody has verified.
    """

    station: str
    name: str
    name_en: str
    area: str | None
    one_hour: float | None
    hour_before: float | None
    three_hours: float | None
    as_of: datetime
    stale: bool
    suspect: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """People moved and to be moved in the area of a running order."""

    area: str
    name: str
    name_en: str
    to_move: int
    moved: int


@dataclass(frozen=True, slots=True)
class Load:
    """Alarms that called somebody in the last ten minutes."""

    calls: int


@dataclass(frozen=True, slots=True)
class Situation:
    """All of it, as of `at`."""

    at: datetime
    reached: Reached
    rain: list[RainSum]
    area_rain: list[AreaRain]
    moved: list[Moved]
    calls: int


def situation(
    connection: Connection[Any], exercise: str | None, area: str | None, now: datetime, zone: ZoneInfo
) -> Situation:
    """Reads the situation of the real world (None) or an exercise, of one area (None: all).

    Seasons of limits go by the day of the county, whose zone is `zone`.
    """
    values = {
        "exercise": exercise,
        "area": area,
        "now": now,
        "before": now - timedelta(hours=1),
        "day": f"{now.astimezone(zone):%m%d}",
        "guarantee": GUARANTEE,
        "warning": WARNING,
    }
    return Situation(
        at=now,
        reached=rows(connection, Reached, _REACHED, values)[0],
        rain=rows(connection, RainSum, _RAIN, values),
        area_rain=area_rain.newest(
            connection, exercise, since=now - AREA_RAIN_SHOWN, now=now, window_s=AREA_RAIN_S, area=area
        ),
        moved=rows(connection, Moved, _EVACUATION, values),
        calls=rows(connection, Load, _LOAD, values)[0].calls,
    )
