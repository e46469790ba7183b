"""Each message as it came, for the stations that it speaks of. Pure but for `keep`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from psycopg import Connection

from core.topics import split
from ingest.routes import Format
from ingest.understood import Understood
from store import raw_messages
from store.raw_messages import RawMessage

HEAD_BYTES = 16_384
"""Of a longer payload the head is kept. A pack of a hundred readings or a frame of SL 651 is far shorter."""

MOST_STATIONS = 20
"""Rows of one message: a gateway that speaks for hundreds must not make hundreds of copies of itself."""

_MOST_TOPIC = 500
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*", b"GIF8")
"""How pictures begin: they are kept as pictures, if at all, and nothing in them can be read as a message."""


def keep(connection: Connection[Any], understood: Iterable[Understood], stations: Collection[str]) -> None:
    """Writes the rows of a batch; `stations` are those that are known.

    A message of which we do not know whether it was committed is not written again if it was. One that
    the broker or the station sends again came again, and has rows for every time that it came.
    """
    made: list[RawMessage] = []
    unsure: list[RawMessage] = []
    for one in understood:
        (unsure if one.message.repeated else made).extend(_rows(one, stations))
    if unsure:
        there = raw_messages.held(connection, unsure)
        made += [row for row in unsure if (row.station, row.received_at, row.topic) not in there]
    raw_messages.keep(connection, made)


def _rows(one: Understood, known: Collection[str]) -> Iterator[RawMessage]:
    message, route = one.message, one.route
    payload, topic = message.payload, message.topic
    if route is None:
        taken = split(topic)
        exercise, format_ = (taken.exercise if taken else None), None
    else:
        exercise, format_ = route.exercise, route.format.value
    kept = payload[:HEAD_BYTES] if len(payload) > HEAD_BYTES else payload
    if payload.startswith(_PICTURES):
        kept = b""
    for station in _stations(one, known):
        yield RawMessage(
            message.received_at, station, exercise, topic[:_MOST_TOPIC], format_, kept, len(payload),
            len(one.readings), len(one.faults),
        )  # fmt: skip


def _stations(one: Understood, known: Collection[str]) -> Iterable[str | None]:
    """The topic's own station, though it be unknown; else whom the message speaks of; else nobody."""
    if one.route is None:
        return (None,)
    if one.route.format is Format.OBSERVATIONS:
        return (one.route.code,)
    named = dict.fromkeys(reading.station for reading in one.readings)
    if one.gathered is not None:
        # A heartbeat or a picture has no readings, and is a station's word all the same.
        named |= dict.fromkeys(station for station in sorted(one.gathered.stations()) if station in known)
    if one.gathered is not None:
        named |= dict.fromkeys(sorted(one.gathered.stations().intersection(known)))
    if not named and one.route.code in known:
        named[one.route.code] = None
    return list(named)[:MOST_STATIONS] or (None,)


def code_of(one: Understood, known: Collection[str]) -> str | None:
    """Whose message it is, for its area: the one known station it speaks of, else whom its topic names."""
    if one.route is None:
        return None
    told = [station for station in _stations(one, known) if station is not None]
    return told[0] if len(told) == 1 else one.route.code or None
