"""The past of values: other values received for the same time, and what persons did to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.errors import NotFoundError
from core.observations import Observation
from store.connection import rows
from store.corrections import Target, held

_REVISIONS: LiteralString = """
select value, quality, reason, received_at, source, by_user as by, replaced_at
from observation_revision where series = %s and time = %s order by id
"""

_HISTORY: LiteralString = """
select correction.id, correction.at, correction.actor, correction.act, correction.reason as said, done.time,
       done.old_value, done.old_quality, done.old_reason, done.new_value, done.new_quality, done.new_reason
from correction_value done join correction on correction.id = done.correction
where correction.series = %s and done.time = %s order by correction.id
"""

_LIST: LiteralString = """
select correction.id, correction.at, correction.actor, correction.act, series.station, series.property,
       series.sensor, series.period_s, series.exercise, correction.from_time, correction.to_time,
       correction.value, correction.shift, correction.reason, correction.changed
from correction join series on series.id = correction.series
join station on station.code = series.station
where series.exercise is not distinct from %(exercise)s
  and (%(station)s::text is null or series.station = %(station)s)
  and (%(area)s::text is null or area_within(station.area, %(area)s))
order by correction.id desc limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """A value of the same series and time that does not hold (any more)."""

    value: float | None
    quality: int
    reason: str
    received_at: datetime
    source: str
    by: str | None
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class ValueAct:
    """One act upon one value: who, when, why (`said`), and the value before and after it."""

    id: int
    at: datetime
    actor: str
    act: str
    said: str
    time: datetime
    old_value: float | None
    old_quality: int
    old_reason: str
    new_value: float | None
    new_quality: int
    new_reason: str


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act upon a series."""

    id: int
    at: datetime
    actor: str
    act: str
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
    from_time: datetime
    to_time: datetime
    value: float | None
    shift: float | None
    reason: str
    changed: int


def revisions(
    connection: Connection[Any], series: Target, time: datetime
) -> tuple[Observation, list[Revision], list[ValueAct]]:
    """What holds at a time, every other value that was received for it, and what persons did. NotFoundError."""
    found = held(connection, series.id, time, time)
    if not found:
        raise NotFoundError(f"{series.station} has no observation of {series.property} at {time.isoformat()}")
    return (
        found[0],
        rows(connection, Revision, _REVISIONS, (series.id, time)),
        rows(connection, ValueAct, _HISTORY, (series.id, time)),
    )


def acts(
    connection: Connection[Any], *, station: str | None, exercise: str | None, area: str | None, limit: int
) -> list[ActLine]:
    """The newest acts first."""
    values = {"station": station, "exercise": exercise, "area": area, "limit": limit}
    return rows(connection, ActLine, _LIST, values)
