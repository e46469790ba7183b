"""Who has fallen silent: by receive time, series by series, however many there are.

What speaks costs nothing but a glance at its `latest` row; only what has said nothing for the shortest limit is
looked at more closely.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from core import canary
from core.properties import DERIVED_PROPERTIES
from store.connection import rows
from store.station_health import DERIVED_SOMETIMES

RECEIPTS = 100
"""So many readings back tell how often a series is heard: eight hours of five minutes."""

_SUSPECTS: LiteralString = """
with quiet as materialized (
    select series.id as series, series.station, series.property, series.sensor, series.period_s as own_s,
           series.exercise, station.name, station.name_en, station.area,
           greatest(station.period_s, series.period_s) as period_s,
           latest.time, latest.received_at, latest.quality = 9 as missing
    from latest
    join series on series.id = latest.series
    join station on station.code = series.station
    where (latest.received_at < %(before)s or latest.quality = 9)
      and station.kind <> %(canary)s and series.property <> all(%(without)s)
      and (series.exercise is null
           or exists (select from exercise where exercise.code = series.exercise and ended_at is null))
      and (not station.out_of_service or exists (
          select from service_absence where kind = 'station' and subject = station.code and ended_at is null))
      and (coalesce(series.exercise, ''), case when %(whole)s then series.station else series.id::text end) not in (
          select coalesce(exercise, ''), case when %(whole)s then subject else detail ->> 'series' end
          from alarm where alarm.rule = %(rule)s and alarm.closed_at is null and alarm.colourless
            and alarm.station is not null and (%(whole)s or alarm.detail ? 'series'))
)
select quiet.series, quiet.station, property, sensor, own_s, quiet.exercise, name, name_en, area, period_s,
       case when missing then spoken.received_at else quiet.received_at end as heard_at,
       missing and quiet.received_at >= %(before)s as missing
from quiet
left join lateral (
    select received_at from observation
    where missing and observation.series = quiet.series and quality <> 9 and observation.time > %(now)s - %(learn)s
    order by observation.time desc limit 1
) as spoken on true
left join lateral (
    select source from observation
    where property = any(%(sometimes)s) and observation.series = quiet.series and observation.time = quiet.time
    limit 1
) as newest on true
where (not missing or spoken.received_at < %(before)s) and newest.source is distinct from 'derived'
order by quiet.exercise nulls first, quiet.station, quiet.series
"""
"""A station flagged out of service for good is left out; one that is away for hours is judged, unheard. What has
its alarm already is not asked for: in a county without a link that would be everything, at every look."""

_STATIONS_HEARD: LiteralString = """
select wanted.exercise, wanted.station, heard.at
from unnest(%s::text[], %s::text[]) as wanted (exercise, station)
cross join lateral (
    select max(latest.received_at) as at from series join latest on latest.series = series.id
    where series.station = wanted.station and series.exercise is not distinct from wanted.exercise
) as heard
"""

_RECEIPTS: LiteralString = """
select wanted.series, array(
    select distinct extract(epoch from received_at)::double precision from (
        select received_at from observation
        where observation.series = wanted.series and time > %(now)s - %(learn)s
        order by time desc limit %(most)s) as newest
    order by 1)
from unnest(%(series)s::integer[]) as wanted (series)
"""

_STIRRED: LiteralString = """
select alarm.exercise, alarm.subject_kind, alarm.subject, alarm.observed_at as since,
       coalesce((alarm.detail ->> 'every_s')::double precision, 0) as every_s,
       array[latest.series] as series, latest.received_at as heard_at
from alarm join latest on latest.series = (alarm.detail ->> 'series')::integer
where alarm.rule = %(rule)s and alarm.closed_at is null and alarm.colourless
  and latest.received_at > alarm.observed_at
"""

_STIRRED_WHOLE: LiteralString = """
select alarm.exercise, alarm.subject_kind, alarm.subject, alarm.observed_at as since,
       coalesce((alarm.detail ->> 'every_s')::double precision, 0) as every_s,
       array_agg(series.id order by series.id) as series, max(latest.received_at) as heard_at
from alarm
join series on series.station = alarm.station and series.exercise is not distinct from alarm.exercise
join latest on latest.series = series.id
where alarm.rule = %(rule)s and alarm.closed_at is null and alarm.colourless
  and latest.received_at > alarm.observed_at
group by alarm.id
"""

_FORGOTTEN: LiteralString = """
select alarm.exercise, alarm.subject_kind, alarm.subject
from alarm join station on station.code = alarm.station
where alarm.rule = %(rule)s and alarm.closed_at is null and alarm.colourless
  and (alarm.property = any(%(without)s)
       or station.out_of_service and not exists (
           select from service_absence where kind = 'station' and subject = station.code and ended_at is null)
       or alarm.subject_kind = 'series' and (
           select max(latest.received_at) from series join latest on latest.series = series.id
           where series.station = alarm.station and series.exercise is not distinct from alarm.exercise
       ) >= alarm.observed_at + %(learn)s)
"""

_FIRST_AFTER: LiteralString = """
select wanted.number, min(first.received_at)
from unnest(%(number)s::integer[], %(series)s::integer[], %(since)s::timestamptz[])
    as wanted (number, series, since)
cross join lateral (
    select min(received_at) as received_at from observation
    where observation.series = wanted.series and time > wanted.since - interval '1 day'
        and received_at > wanted.since and quality <> 9
) as first
group by wanted.number
"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A series of which nothing was received for the shortest limit, or only that its value is missing.

    `heard_at` is when its last value came (None: none within memory), `station_heard_at` when anything of its
    station came. `period_s` is the longer of the station's reporting period and its own accumulation period.
    """

    series: int
    station: str
    property: str
    sensor: int
    own_s: int
    exercise: str | None
    name: str
    name_en: str
    area: str | None
    period_s: int
    heard_at: datetime | None
    missing: bool
    station_heard_at: datetime

    @builtins.property
    def subject(self) -> str:
        """STATION/property/sensor/period."""
        return f"{self.station}/{self.property}/{self.sensor}/{self.own_s}"


@dataclass(frozen=True, slots=True)
class OpenSilence:
    """An alarm of silence that holds: `since` nothing was heard when it was raised, `heard_at` is the last now."""

    exercise: str | None
    subject_kind: str
    subject: str
    since: datetime
    every_s: float
    series: list[int]
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rule asks, and what it waits for: what was not heard for `least`, but for properties in `without`.

    A series that fell silent `learn` before its station did was taken off.
    """

    rule: str
    whole: bool
    least: timedelta
    learn: timedelta
    without: Collection[str]

    def values(self, now: datetime) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "rule": self.rule, "whole": self.whole, "now": now, "before": now - self.least, "learn": self.learn,
            "without": [*DERIVED_PROPERTIES, *self.without], "sometimes": list(DERIVED_SOMETIMES),
            "canary": canary.KIND,
        }  # fmt: skip


def suspects(connection: Connection[Any], asked: Asked, now: datetime) -> list[Suspect]:
    """Every series not heard for so long, real and in running exercises, that has no alarm of the rule yet."""
    found = connection.execute(_SUSPECTS, asked.values(now)).fetchall()
    places = list({(row[5], row[1]): None for row in found})
    asking = ([exercise for exercise, _ in places], [station for _, station in places])
    heard = {(row[0], row[1]): row[2] for row in connection.execute(_STATIONS_HEARD, asking)}
    return [_suspect(row, heard[row[5], row[1]]) for row in found]


def _suspect(row: tuple[Any, ...], station_heard_at: datetime) -> Suspect:
    """A row of `_SUSPECTS` and when its station was heard."""
    return Suspect(
        series=row[0],
        station=row[1],
        property=row[2],
        sensor=row[3],
        own_s=row[4],
        exercise=row[5],
        name=row[6],
        name_en=row[7],
        area=row[8],
        period_s=row[9],
        heard_at=row[10],
        missing=row[11],
        station_heard_at=station_heard_at,
    )


def receipts(
    connection: Connection[Any], series: Sequence[int], now: datetime, learn: timedelta
) -> dict[int, list[float]]:
    """When the last readings of each series came (epoch seconds, ascending, each moment once)."""
    if not series:
        return {}
    values = {"series": list(series), "now": now, "learn": learn, "most": RECEIPTS}
    return dict(connection.execute(_RECEIPTS, values).fetchall())


def stirred(connection: Connection[Any], asked: Asked, now: datetime) -> list[OpenSilence]:
    """The alarms of the rule that hold, of what was heard again since."""
    query = _STIRRED_WHOLE if asked.whole else _STIRRED
    return rows(connection, OpenSilence, query, asked.values(now))


def forgotten(connection: Connection[Any], asked: Asked, now: datetime) -> set[tuple[str | None, str, str]]:
    """Alarms of the rule that hold, of what nobody waits for: taken off, out of service for good, `without`."""
    return set(connection.execute(_FORGOTTEN, asked.values(now)).fetchall())


def first_heard(connection: Connection[Any], alarms: Sequence[OpenSilence]) -> list[datetime | None]:
    """For each alarm when the first value came after it was raised."""
    wanted = [(place, series, one.since) for place, one in enumerate(alarms) for series in one.series]
    if not wanted:
        return [None] * len(alarms)
    numbers, series, since = (list(column) for column in zip(*wanted, strict=True))
    found = dict(
        connection.execute(_FIRST_AFTER, {"number": numbers, "series": series, "since": since}).fetchall()
    )
    return [found.get(place) for place in range(len(alarms))]
