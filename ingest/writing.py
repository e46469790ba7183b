"""Writes a batch of messages inside one transaction, which the caller owns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason
from core.stations import SeriesKey
from core.topics import split
from ingest import raw
from ingest.directory import Directory
from ingest.judging import Judging, judging
from ingest.kinds import KINDS
from ingest.messages import Inbound
from ingest.routes import Format, Route, route
from ingest.sl651.gathered import Gathered
from ingest.sl651.gathering import Gatherer
from ingest.understanding import named_stations, understand
from ingest.understood import Keeping, Known, Limits, Understood
from store import marks, observations, quarantine
from store.stations import MOST_SERIES

_MOST_DETAIL = 4_000
"""Characters of all faults of one message together."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch; `understood` holds the messages that were ours, in order."""

    understood: list[Understood]
    readings: int
    quarantined: int


def write(
    connection: Connection[Any],
    batch: Sequence[Inbound],
    directory: Directory,
    limits: Limits,
    *,
    keeping: Keeping,
    keep_faults: bool = True,
) -> Written:
    """Decodes, judges and stores a batch; announces what changed when the transaction commits.

    Without `keep_faults` neither the raw message nor its faults are kept (a retry: both are there already).
    """
    routed = [(message, found) for message in batch if (found := route(message.topic)) is not None]
    routes = [(message, found) for message, found in routed if isinstance(found, Route)]
    named = set().union(*(named_stations(message, found, limits) for message, found in routes))
    known = directory.known(connection, (found for _, found in routes), named)
    gathered = _gathered(connection, routes, directory, known, limits, live=keep_faults)
    if gathered:
        named = set().union(*(one.stations() for one in gathered.values()))
        known = directory.known(connection, (found for _, found in routes), named)
    understood = [
        understand(message, found, known, limits, gathered.get(id(message)), live=keep_faults)
        for message, found in routed
    ]
    judged = _judging(connection, understood, directory, limits)
    likely_new = directory.expects_new and not any(message.repeated for message in batch)
    stored = observations.store_parts(connection, judged.parts(), likely_new=likely_new)
    directory.met(all_new=stored.all_new)
    doubted = observations.reflag(connection, judged.doubts)
    fresh = not any(message.backlog for message in batch)
    marks.changed(connection, [*stored.applied, *doubted], fresh=fresh)
    # Nothing holds anew, but hours count of how many readings another value is kept.
    marks.changed(connection, stored.refused, (marks.ROLLUP,), fresh=fresh)
    for one in understood:
        _store_reports(connection, one, keeping)
    if not keep_faults:
        return Written(understood, len(stored.applied), 0)
    worth = [one for one in understood if one.gathered is None or one.gathered.kept]
    raw.keep(connection, worth, known.stations)
    kept = quarantine.keep(connection, _faulty(worth, known.stations))
    return Written(understood, len(stored.applied), kept)


def _gathered(
    connection: Connection[Any],
    routes: Sequence[tuple[Inbound, Route]],
    directory: Directory,
    known: Known,
    limits: Limits,
    *,
    live: bool,
) -> dict[int, Gathered]:
    """The frames of SL 651 messages that may be read, by the identity of the message."""
    frames = [
        (message, found)
        for message, found in routes
        if found.format is Format.SL651
        and len(message.payload) <= limits.payload_bytes
        and (found.exercise is None or found.exercise in known.exercises)
    ]
    if not frames:
        return {}
    directory.telemetry.begin(connection)
    gatherer = Gatherer(connection, directory, directory.telemetry, known, limits, live)
    return {id(message): gatherer.gather(message, found) for message, found in frames}


def describe(faults: Sequence[Fault]) -> str:
    """All faults of a message as one text: the reason of each and its sentence."""
    text = " ".join(f"[{fault.reason}] {fault.detail}" for fault in faults)
    return text if len(text) <= _MOST_DETAIL else text[: _MOST_DETAIL - 1] + "…"


def _judging(
    connection: Connection[Any], understood: Sequence[Understood], directory: Directory, limits: Limits
) -> Judging:
    keys: dict[tuple[str, str, int, int, str | None], SeriesKey] = {}
    placed = []
    for one in understood:
        if one.route is not None:
            exercise = one.route.exercise
            for reading in one.readings:
                place = (reading.station, reading.property, reading.sensor, reading.period_s, exercise)
                if place not in keys:
                    keys[place] = SeriesKey(*place)
                placed.append((place, reading, one))
    found = directory.series(connection, keys.values())
    numbers = {place: (found[key], key) for place, key in keys.items() if key in found}
    if len(numbers) < len(keys):
        _tell_left_out((keys[place], one) for place, _, one in placed if place not in numbers)
    entries = [(*numbers[place], reading, one) for place, reading, one in placed if place in numbers]
    return judging(connection, directory.memory, entries, limits.time)


def _tell_left_out(left_out: Iterable[tuple[SeriesKey, Understood]]) -> None:
    """One fault in each message that named a series for which its station has no room."""
    for key, one in {id(one): (key, one) for key, one in left_out}.values():
        one.faults.append(
            Fault(
                FaultReason.CANNOT_BE_STORED,
                f"station {key.station} has {MOST_SERIES} series (properties, sensors, periods of totals) already;"
                f" values for others, as {key.property} over {key.period_s} s, were not stored. Let it keep to"
                " one period_s, then: anlan quarantine retry.",
            )
        )


def _store_reports(connection: Connection[Any], one: Understood, keeping: Keeping) -> None:
    if (
        one.route is not None
        and one.report is not None
        and (save := KINDS[one.route.format].save) is not None
    ):
        save(connection, one, keeping)


def _faulty(understood: Sequence[Understood], stations: Collection[str]) -> Iterator[quarantine.Quarantined]:
    for one in understood:
        if one.faults:
            message = one.message
            if one.kept_payload is not None:
                message = replace(message, payload=one.kept_payload)
            repeated = bool(one.sequences) or one.repeats or one.talk is not None
            kept = quarantined(message, one.route, one.faults, repeated=repeated)
            yield replace(kept, code=raw.code_of(one, stations))


def quarantined(
    message: Inbound, found: Route | None, faults: Sequence[Fault], *, repeated: bool = False
) -> quarantine.Quarantined:
    """The message as the quarantine keeps it.

    `repeated`: its sender sends it again until it hears from us, so it may be there already.
    """
    taken = split(message.topic)
    return quarantine.Quarantined(
        message.received_at,
        message.topic,
        taken.exercise if taken else None,
        (found.code or None) if found else None,
        str(found.format) if found else None,
        message.payload,
        str(faults[0].reason),
        describe(faults),
        repeated or message.repeated or message.backlog,
    )
