"""Rain events of gauges, replaced as a whole over a stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_COLUMNS: LiteralString = "station, exercise, starts, ends, total, peak_1h, peak_at, suspect, coverage"

_OVERLAPPING: LiteralString = f"""
select {_COLUMNS} from rain_event
where station = %s and exercise is not distinct from %s and ends >= %s and starts <= %s
order by starts
"""

_TOUCHED: LiteralString = """
select wanted.place
from unnest(%s::integer[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
     as wanted (place, station, exercise, from_time, to_time)
where exists (select from rain_event
              where rain_event.station = wanted.station
                and rain_event.exercise is not distinct from wanted.exercise
                and rain_event.ends >= wanted.from_time and rain_event.starts <= wanted.to_time)
"""

_INSERT: LiteralString = f"""
insert into rain_event ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
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


def overlapping(
    connection: Connection[Any], station: str, exercise: str | None, since: datetime, until: datetime
) -> list[Event]:
    """Events of a gauge that reach into [since, until]."""
    return rows(connection, Event, _OVERLAPPING, (station, exercise, since, until))


def touched(
    connection: Connection[Any], wanted: Sequence[tuple[str, str | None, datetime, datetime]]
) -> set[int]:
    """Places of those (station, exercise, since, until) in whose time a known event lies."""
    found = connection.execute(
        _TOUCHED,
        (
            list(range(len(wanted))),
            [one[0] for one in wanted],
            [one[1] for one in wanted],
            [one[2] for one in wanted],
            [one[3] for one in wanted],
        ),
    ).fetchall()
    return {place for (place,) in found}


def replace(connection: Connection[Any], old: Sequence[Event], new: Sequence[Event]) -> None:
    """Puts new events of a gauge in the place of old ones; what stays the same is not touched."""
    gone = [one for one in old if one not in new]
    for one in gone:
        connection.execute(
            "delete from rain_event where station = %s and exercise is not distinct from %s and starts = %s",
            (one.station, one.exercise, one.starts),
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT,
            [
                (
                    one.station, one.exercise, one.starts, one.ends, one.total, one.peak_1h, one.peak_at,
                    one.suspect, one.coverage,
                )
                for one in new
                if one not in old
            ],
        )  # fmt: skip


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
