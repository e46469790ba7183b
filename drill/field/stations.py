"""The stations' gateway: the history in packs, then live reports, and the weather service's bulletin."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from drill.field.bulletin import bulletin
from drill.field.part import Part, until_told_to_end
from drill.field.reports import Reporter, history, reading, reporters, schedule
from drill.publisher import Publisher
from drill.storm.simulation import STEP_S
from formats import typhoon

_HISTORY_ONLY_WITHIN = timedelta(minutes=2)
"""A process that comes back later does not tell the past again."""
_BULLETIN_EVERY_S = (60.0, 600.0)
_LATEST_DELAY = timedelta(seconds=5)
"""A report that is due longer ago (the machine slept) is left out: a station does not catch up either."""


def run(part: Part) -> None:
    """Reports until SIGTERM."""
    stopping = until_told_to_end()
    listed = reporters(part.model, part.behaviour)
    publisher = Publisher(part.settings.need_mqtt(part.settings.field.mqtt_url), "anlan-field-stations")
    with publisher:
        begin = datetime.now(UTC)
        if begin - part.story.origin < _HISTORY_ONLY_WITHIN:
            _bulletin(part, publisher, begin)
            _tell_history(part, publisher, listed)
            begin = part.story.origin
        by_gateway = [reporter for reporter in listed if not reporter.dials]
        _live(part, publisher, by_gateway, begin, stopping)


def _tell_history(part: Part, publisher: Publisher, listed: list[Reporter]) -> None:
    """Levels first: they colour the map."""
    for reporter in sorted(listed, key=lambda one: one.rain):
        told = history(reporter, part.storm.history_h, part.story, part.simulation)
        if told:
            publisher.send(reporter.station, told, STEP_S if reporter.rain else None)


def _live(
    part: Part, publisher: Publisher, listed: list[Reporter], begin: datetime, stopping: threading.Event
) -> None:
    shortest, longest = _BULLETIN_EVERY_S
    bulletin_every = timedelta(seconds=min(max(3600 / part.story.speed, shortest), longest))
    next_bulletin = begin + bulletin_every
    for moment, reporter in schedule(listed, begin):
        wait = (moment - datetime.now(UTC)).total_seconds()
        if (wait > 0 and stopping.wait(wait)) or stopping.is_set():
            return
        now = datetime.now(UTC)
        if now - moment <= _LATEST_DELAY:
            told = reading(reporter, moment, part.story, part.simulation)
            publisher.send(reporter.station, [told], STEP_S if reporter.rain else None)
        if now >= next_bulletin:
            _bulletin(part, publisher, now)
            next_bulletin = now + bulletin_every


def _bulletin(part: Part, publisher: Publisher, now: datetime) -> None:
    publisher.publish(("weather", "typhoon"), typhoon.encode(bulletin(part.storm, part.story, now)))
