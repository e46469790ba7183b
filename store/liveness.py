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
select series.id as series, series.station, series.property, series.sensor, series.period_s as own_s,
       series.exercise, station.name, station.name_en, station.area,
       greatest(station.period_s, series.period_s) as period_s,
       case when latest.quality = 9 then spoken.received_at else latest.received_at end as heard_at,
       latest.quality = 9 and latest.received_at >= %(before)s as missing, told.heard_at as station_heard_at
from latest
join series on series.id = latest.series
join station on station.code = series.station
left join lateral (
    select received_at from observation
    where latest.quality = 9 and observation.series = latest.series and quality <> 9
        and time > %(now)s - %(learn)s order by time desc limit 1
) as spoken on true
cross join lateral (
    select max(beside.received_at) as heard_at
    from series as other join latest as beside on beside.series = other.id
    where other.station = series.station and other.exercise is not distinct from series.exercise
) as told
where station.kind <> %(canary)s and (latest.received_at < %(before)s or latest.quality = 9)
  and (latest.quality <> 9 or spoken.received_at < %(before)s)
  and series.property <> all(%(without)s)
  and (series.exercise is null
       or exists (select from exercise where exercise.code = series.exercise and ended_at is null))
  and (not station.out_of_service or exists (
      select from service_absence where kind = 'station' and subject = station.code and ended_at is null))
  and not (series.property = any(%(sometimes)s) and exists (
      select from observation where observation.series = latest.series and observation.time = latest.time
          and source = 'derived'))
order by series.exercise nulls first, series.station, series.id
"""
"""A station flagged out of service for good is left out; one that is away for hours is judged, unheard."""

_RECEIPTS: LiteralString = """
select wanted.series, array(
    select distinct extract(epoch from received_at)::double precision from (
        select received_at from observation
        where observation.series = wanted.series and time > %(now)s - %(learn)s
        order by time desc limit %(most)s) as newest
    order by 1)
from unnest(%(series)s::integer[]) as wanted (series)
"""

_OPEN: LiteralString = """
select alarm.exercise, alarm.subject_kind, alarm.subject, alarm.observed_at as since,
       (alarm.detail ->> 'every_s')::double precision as every_s,
       array_agg(series.id order by series.id) as series, max(latest.received_at) as heard_at
from alarm
join series on series.station = alarm.station and series.exercise is not distinct from alarm.exercise
    and (alarm.subject_kind = 'station'
         or alarm.subject = series.station || '/' || series.property || '/' || series.sensor || '/' || series.period_s)
join latest on latest.series = series.id
where alarm.rule = %s and alarm.closed_at is null and alarm.colourless and alarm.observed_at is not null
group by alarm.id
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
    every_s: float | None
    series: list[int]
    heard_at: datetime


def suspects(
    connection: Connection[Any],
    now: datetime,
    *,
    least: timedelta,
    learn: timedelta,
    without: Collection[str],
) -> list[Suspect]:
    """Every series not heard for `least`, real and in running exercises; none that is derived or in `without`."""
    values = {
        "now": now, "before": now - least, "learn": learn,
        "without": [*DERIVED_PROPERTIES, *without], "sometimes": list(DERIVED_SOMETIMES), "canary": canary.KIND,
    }  # fmt: skip
    return rows(connection, Suspect, _SUSPECTS, values)


def receipts(
    connection: Connection[Any], series: Sequence[int], now: datetime, learn: timedelta
) -> dict[int, list[float]]:
    """When the last readings of each series came (epoch seconds, ascending, each moment once)."""
    if not series:
        return {}
    values = {"series": list(series), "now": now, "learn": learn, "most": RECEIPTS}
    return dict(connection.execute(_RECEIPTS, values).fetchall())


def open_silences(connection: Connection[Any], rule: str) -> list[OpenSilence]:
    """The alarms of a rule of silence that hold now."""
    return rows(connection, OpenSilence, _OPEN, (rule,))


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
