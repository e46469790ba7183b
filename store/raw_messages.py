"""Raw messages: what stations really said, as it came, for some days.

A message has a row for every station it speaks of, so that a station's list is whole; one that speaks of
nobody known has a row without a station. A message that comes twice stands here twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.errors import NotFoundError
from store.connection import rows

_COPY: LiteralString = """
copy raw_message (received_at, station, exercise, topic, format, payload, size, readings, faults)
from stdin (format binary)
"""
_TYPES = ("timestamptz", "text", "text", "text", "text", "bytea", "int4", "int4", "int4")

_HELD: LiteralString = """
select station, received_at, topic from raw_message
where station = any(%b::text[]) and received_at = any(%b::timestamptz[])
"""

_PAGE: LiteralString = """
select id, received_at, station, exercise, topic, format, size, readings, faults,
       substring(payload for 160) as head
from raw_message
where station {} and exercise is not distinct from %(exercise)s and received_at >= %(since)s
  and (%(before)s::timestamptz is null or (received_at, id) < (%(before)s, %(before_id)s))
  and (not %(faulty)s or faults > 0)
order by received_at desc, id desc limit %(limit)s
"""
_OF_STATION: LiteralString = _PAGE.replace("{}", "= %(station)s")
_OF_NOBODY: LiteralString = _PAGE.replace("{}", "is null")

_ONE: LiteralString = """
select id, received_at, station, exercise, topic, format, payload, size, readings, faults
from raw_message where id = %s and received_at = %s and station {}
"""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message for one station; `payload` may be only the head of its `size`."""

    received_at: datetime
    station: str | None
    exercise: str | None
    topic: str
    format: str | None
    payload: bytes
    size: int
    readings: int
    faults: int


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line of a list; `head` are the first bytes."""

    id: int
    received_at: datetime
    station: str | None
    exercise: str | None
    topic: str
    format: str | None
    size: int
    readings: int
    faults: int
    head: bytes


@dataclass(frozen=True, slots=True)
class KeptMessage(RawMessage):
    """A kept message with its number."""

    id: int


def keep(connection: Connection[Any], messages: Sequence[RawMessage]) -> None:
    """Adds the messages of a batch."""
    if not messages:
        return
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for one in messages:
            copy.write_row(
                (
                    one.received_at, one.station, one.exercise, one.topic, one.format, one.payload,
                    one.size, one.readings, one.faults,
                )
            )  # fmt: skip


def held(connection: Connection[Any], messages: Iterable[RawMessage]) -> set[tuple[str, datetime, str]]:
    """Which of these are there already, as (station, received_at, topic): after a commit nobody heard of."""
    named = [(one.station, one.received_at) for one in messages if one.station is not None]
    if not named:
        return set()
    found = connection.execute(_HELD, ([name for name, _ in named], [at for _, at in named]))
    return set(found.fetchall())


def page(
    connection: Connection[Any],
    station: str | None,
    exercise: str | None,
    *,
    since: datetime,
    before: tuple[datetime, int] | None = None,
    faulty: bool = False,
    limit: int = 50,
) -> list[RawLine]:
    """Messages of a station (None: of nobody known) since a time, newest first, from the one named on."""
    values = {
        "station": station, "exercise": exercise, "since": since, "faulty": faulty, "limit": limit,
        "before": before[0] if before else None, "before_id": before[1] if before else None,
    }  # fmt: skip
    return rows(connection, RawLine, _OF_NOBODY if station is None else _OF_STATION, values)


def message(
    connection: Connection[Any], station: str | None, received_at: datetime, number: int
) -> KeptMessage:
    """One message whole; station and time are where it is looked for. Raises NotFoundError."""
    if station is None:
        found = rows(connection, KeptMessage, _ONE.replace("{}", "is null"), (number, received_at))
    else:
        query = _ONE.replace("{}", "= %s")
        found = rows(connection, KeptMessage, query, (number, received_at, station))
    if not found:
        raise NotFoundError("there is no such message (any more); raw messages are kept for some days only")
    return found[0]
