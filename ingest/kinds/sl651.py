"""Frames of SL 651 stations: readings, pictures, texts, clocks and base levels, and what is said back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from core.faults import Fault, FaultReason
from core.observations import Reading
from formats import camera
from formats.sl651 import Function, Link, clock_settings, query_bases, set_clock
from formats.sl651.readings import RELATIVE_LEVEL
from ingest import networks
from ingest.judging import judge_readings
from ingest.sl651 import gaps
from ingest.sl651.gathered import Gathered, Whole
from ingest.sl651.stations import is_single
from ingest.sl651.talk import Confirmation, Talk
from ingest.understood import Keeping, Known, Limits, Understood
from store import camera_reports, station_sources, station_talk

_LIVE = frozenset(
    {
        Function.KEEP_ALIVE, Function.SET_CLOCK, Function.QUERY_CLOCK, Function.QUERY_NOW,
        Function.QUERY_ELEMENTS, Function.STATUS, Function.VERSION,
    }
)  # fmt: skip
"""What a station says at this moment. A report may have lain in its memory, or with the broker, for hours."""
_CLOCK_PAUSE = timedelta(hours=1)
_CLOCK_WITHIN = timedelta(minutes=10)
_BASES_PAUSE = timedelta(hours=6)
_LONGEST_TEXT = 4_000


def read(understood: Understood, known: Known, limits: Limits) -> None:
    """Judges what was gathered; only for a message that was."""
    gathered: Gathered | None = understood.gathered
    if gathered is None:
        # Its exercise does not run: the message goes to the quarantine whole.
        return
    route = understood.to
    understood.faults = list(gathered.faults)
    readings: list[Reading] = []
    for whole in gathered.wholes:
        understood.faults += whole.decoded.faults
        if not whole.decoded.test:
            readings += whole.decoded.readings
    if gathered.relays is not None:
        readings = _of_those_listed(readings, gathered, understood)
    readings, strangers = networks.admitted(
        readings, known.stations, only=route.code if is_single(route, known) else None
    )
    understood.faults += strangers
    understood.faults += _unknown_senders(gathered, known, {fault.detail for fault in strangers})
    judge_readings(understood, _over_a_base(readings, understood), limits)
    understood.report = [
        whole for whole in gathered.wholes if whole.decoded.station in known.stations
    ] or None
    understood.kept_payload = gathered.payload
    understood.talk = _talk(gathered)


def _of_those_listed(readings: list[Reading], gathered: Gathered, understood: Understood) -> list[Reading]:
    """By a connection only values of stations that may dial in from there."""
    assert gathered.relays is not None
    allowed = {station: gathered.relays(station) for station in {reading.station for reading in readings}}
    understood.faults += [
        Fault(
            FaultReason.FOREIGN_STATION,
            f"values of station {station} came from {understood.to.address}, which is not listed for it;"
            " they were left out.",
        )
        for station, may in sorted(allowed.items())
        if not may
    ]
    return [reading for reading in readings if allowed[reading.station]]


def _unknown_senders(gathered: Gathered, known: Known, told: set[str]) -> list[Fault]:
    """Stations that sent no readings (a picture, a text) and are not known either."""
    unknown = dict.fromkeys(
        whole.decoded.station for whole in gathered.wholes if whole.decoded.station not in known.stations
    )
    faults = [networks.unknown(station) for station in unknown]
    return [fault for fault in faults if fault.detail not in told]


def _over_a_base(readings: list[Reading], understood: Understood) -> list[Reading]:
    """Without levels of which nobody knows the base level; one fault for each such station."""
    lacking = {
        (reading.station, reading.sensor): None for reading in readings if reading.property == RELATIVE_LEVEL
    }
    understood.faults += [
        Fault(
            FaultReason.BASE_UNKNOWN,
            f"the base level of level {level} of station {station} is not known; import it (anlan import sources),"
            " then: anlan quarantine retry.",
        )
        for station, level in lacking
    ]
    return [reading for reading in readings if reading.property != RELATIVE_LEVEL]


def _talk(gathered: Gathered) -> Talk:
    confirmations = [
        Confirmation(whole.frame, whole.decoded.serial, _stays(whole.source))
        for whole in gathered.wholes
        if whole.decoded.needs_confirmation and whole.decoded.serial is not None
    ]
    confirmations += [Confirmation(frame, serial, _stays(source)) for frame, serial, source in gathered.again]
    return Talk(confirmations, list(gathered.denials), list(gathered.speakers), gathered.refusal)


def _stays(source: station_sources.StationSource | None) -> bool:
    return source is not None and source.confirm == "esc"


def save(connection: Connection[Any], understood: Understood, keeping: Keeping) -> None:
    """Keeps what is no reading, and decides what the station is asked."""
    wholes: list[Whole] = understood.report
    received_at = understood.message.received_at
    exercise = understood.to.exercise
    asked: set[str] = set()
    for whole in wholes:
        station = whole.decoded.station
        station_talk.heard(connection, _contact(whole, understood))
        _save_clock(connection, whole, understood, keeping)
        if exercise is None:
            _learn_bases(connection, whole)
        if whole.decoded.picture is not None:
            _save_picture(connection, whole, understood, keeping)
        if whole.decoded.text:
            time = _kept_time(whole.decoded.sent, received_at)
            text = whole.decoded.text.replace("\x00", "")[:_LONGEST_TEXT]
            station_talk.save_text(connection, station, exercise, time, received_at, text)
        if station not in asked and understood.live and not understood.message.backlog:
            asked.add(station)
            _ask(connection, whole, understood, keeping)


def _learn_bases(connection: Connection[Any], whole: Whole) -> None:
    """What the station was asked for holds; what its levels give away is proposed. Never from an exercise."""
    station = whole.decoded.station
    for level, base_m in whole.decoded.base_levels_m.items():
        station_sources.save_base(connection, station, level, base_m, source="station")
    for level, base_m in whole.decoded.implied_bases_m.items():
        station_sources.propose_base(connection, station, level, base_m)


def _contact(whole: Whole, understood: Understood) -> station_talk.Contact:
    frame = whole.frame
    return station_talk.Contact(
        whole.decoded.station,
        understood.to.exercise,
        understood.message.topic,
        frame.address,
        frame.centre,
        frame.password,
        frame.coding.value,
        understood.message.received_at,
    )


def _save_clock(connection: Connection[Any], whole: Whole, understood: Understood, keeping: Keeping) -> None:
    """Keeps the clock's error where it is sure.

    A clock that is ahead is wrong. One that seems behind may be a report that waited: by the broker only
    what a station says at this moment counts for that.
    """
    error = whole.decoded.clock_error
    if error is None:
        return
    message = understood.message
    now = whole.decoded.function in _LIVE or (understood.to.address and not message.repeated)
    waited = -error > keeping.clock_error and (message.backlog or not now)
    if not waited:
        station_talk.save_clock(
            connection,
            whole.decoded.station,
            understood.to.exercise,
            error,
            understood.message.received_at,
        )


def _save_picture(
    connection: Connection[Any], whole: Whole, understood: Understood, keeping: Keeping
) -> None:
    assert whole.decoded.picture is not None
    snapshot, faults = camera.decode_snapshot(whole.decoded.picture)
    understood.faults += faults
    if snapshot is None:
        return
    station, exercise = whole.decoded.station, understood.to.exercise
    received_at = understood.message.received_at
    size = snapshot.width, snapshot.height
    if camera_reports.is_camera(connection, station):
        if not camera_reports.is_held(connection, station, exercise, snapshot.jpeg):
            camera_reports.save_snapshot(
                connection, station, exercise, received_at, size, snapshot.jpeg, keep=keeping.snapshots
            )
        return
    time = _kept_time(whole.decoded.picture_time or whole.decoded.sent, received_at)
    station_talk.save_picture(
        connection, station, exercise, time, received_at, size, snapshot.jpeg, keep=keeping.snapshots
    )


def _kept_time(time: datetime | None, received_at: datetime) -> datetime:
    """The station's time, or that of the receipt where its clock cannot be believed."""
    if time is None or not timedelta(days=-400) < time - received_at < timedelta(hours=1):
        return received_at
    return time


def _ask(connection: Connection[Any], whole: Whole, understood: Understood, keeping: Keeping) -> None:
    """A clock that is to be set, base levels that are not known, hours that are missing."""
    talk: Talk | None = understood.talk
    source, frame, decoded = whole.source, whole.frame, whole.decoded
    if talk is None or source is None or decoded.test:
        return
    link = Link.of(frame)
    station, exercise, now = decoded.station, understood.to.exercise, understood.message.received_at
    if decoded.function == Function.SET_CLOCK:
        if station_talk.ask_more(connection, station, exercise, "clock", now, _CLOCK_WITHIN):
            talk.asks.append(lambda at: set_clock(link, at))
        return
    if source.set_clock and decoded.clock_error is not None:
        times = clock_settings(decoded.clock_error, keeping.clock_error)
        if times and station_talk.may_ask(connection, station, exercise, "clock", now, _CLOCK_PAUSE, times):
            talk.asks.append(lambda at: set_clock(link, at))
            return
    lacking = sorted(
        {one.sensor for one in decoded.readings if one.property == RELATIVE_LEVEL and one.station == station}
    )
    lacking = [level for level in lacking if 1 <= level <= 8]
    if lacking and station_talk.may_ask(connection, station, exercise, "bases", now, _BASES_PAUSE):
        talk.asks.append(lambda at: query_bases(link, at, lacking))
        return
    if source.ask_gaps and keeping.gap_days:
        question = gaps.next_question(connection, station, exercise, now)
        if question is not None:
            talk.asks.append(lambda at: question.frame(link, at))
