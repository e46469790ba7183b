"""Rain events of gauges, replaced as a whole over a stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_COLUMNS: LiteralString = "station, exercise, starts, ends, total, peak_1h, peak_at, suspect, coverage"

_OVERLAPPING: LiteralString = """
select wanted.place, found.station, found.exercise, found.starts, found.ends, found.total, found.peak_1h,
       found.peak_at, found.suspect, found.coverage
from unnest(%s::integer[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
     as wanted (place, station, exercise, from_time, to_time)
join rain_event found on found.station = wanted.station and found.exercise is not distinct from wanted.exercise
     and found.ends >= wanted.from_time and found.starts <= wanted.to_time
order by wanted.place, found.starts
"""

_DELETE: LiteralString = """
delete from rain_event using unnest(%s::text[], %s::text[], %s::timestamptz[]) as gone (station, exercise, starts)
where rain_event.station = gone.station and rain_event.exercise is not distinct from gone.exercise
  and rain_event.starts = gone.starts
"""

_INSERT: LiteralString = f"""
insert into rain_event ({_COLUMNS})
select * from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::float8[],
                     %s::timestamptz[], %s::float8[], %s::float8[])
"""

_LIST: LiteralString = f"""
select {_COLUMNS} from rain_event
where exercise is not distinct from %(exercise)s and ends > %(since)s
  and (%(station)s::text is null or station = %(station)s)
  and (%(area)s::text is null
       or exists (select from station where code = rain_event.station and area_within(area, %(area)s)))
order by starts desc, station limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; millimetres. `total` is verified rain, `suspect` comes on top."""

    station: str
    exercise: str | None
    starts: datetime
    ends: datetime
    total: float
    peak_1h: float
    peak_at: datetime
    suspect: float
    coverage: float


Wanted = tuple[str, str | None, datetime, datetime]
"""Station, exercise, and the ends of a stretch of time."""


def overlapping(connection: Connection[Any], wanted: Sequence[Wanted]) -> list[list[Event]]:
    """For each: the gauge's events that reach into the time."""
    found: list[list[Event]] = [[] for _ in wanted]
    columns = tuple([one[place] for one in wanted] for place in range(4))
    for place, *event in connection.execute(_OVERLAPPING, (list(range(len(wanted))), *columns)).fetchall():
        found[place].append(Event(*event))
    return found


def replace(connection: Connection[Any], old: Sequence[Event], new: Sequence[Event]) -> None:
    """Puts new events in the place of old ones; what stays the same is not touched."""
    stays = set(old) & set(new)
    gone = [one for one in old if one not in stays]
    come = [one for one in new if one not in stays]
    if gone:
        keys = ([one.station for one in gone], [one.exercise for one in gone], [one.starts for one in gone])
        connection.execute(_DELETE, keys)
    if come:
        columns = tuple([getattr(one, field.name) for one in come] for field in fields(Event))
        connection.execute(_INSERT, columns)


def since(
    connection: Connection[Any],
    exercise: str | None,
    moment: datetime,
    *,
    station: str | None = None,
    area: str | None = None,
    limit: int = 100,
) -> list[Event]:
    """Events that ended after `moment`, of one station or all of an area (None: everywhere), newest first."""
    values = {"exercise": exercise, "since": moment, "station": station, "area": area, "limit": limit}
    return rows(connection, Event, _LIST, values)
