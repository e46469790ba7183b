"""Official warnings in force that touch the county or its towns, as alarms of class weather.

What is in force is for `core.warning_chains` to say, so an update, a cancellation and an end move the alarm by
themselves. One alarm for each chain of messages and area: the county where all of it is warned, else each town that
is. Its severity is the colour; a warning without one has none here either, and calls by the rule's priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.warned_places import Touched, touched
from alerts.standing.words import both, colours, sentence
from core import notices
from core.areas import Area
from core.warning_chains import Standing, Stands, colour_of, info_for, standings
from core.warnings import WarningMessage
from store import areas, exercises, warnings
from store.warnings import KeptWarning

CHAIN_LIFE = timedelta(days=15)
"""How far back the messages of a chain are read: what a chain began with tells it from others."""


def found_of(
    kept: Sequence[KeptWarning], exercise: str | None, county: Area, towns: Sequence[Area], now: datetime
) -> Iterator[Finding]:
    """A finding for each chain and area of what trusted senders have in force at `now`. Pure."""
    stand = standings((one.received for one in kept), now)
    for one in _worst_first(kept):
        stands = stand[one.received.id]
        if stands.standing is not Standing.IN_FORCE or not one.received.trusted:
            continue
        where = touched(one.received.message, county, towns)
        for area in where.areas if where else ():
            assert where is not None
            yield _finding(one, stands, exercise, area, where)


def _worst_first(kept: Iterable[KeptWarning]) -> list[KeptWarning]:
    def rank(one: KeptWarning) -> tuple[int, datetime]:
        colour = colour_of(one.received.message)
        return (colour.rank if colour else 0, one.received.message.sent)

    return sorted(kept, key=rank, reverse=True)


def _finding(one: KeptWarning, stands: Stands, exercise: str | None, area: Area, where: Touched) -> Finding:
    message = one.received.message
    colour = colour_of(message)
    return Finding(
        subject_kind="warning",
        subject=f"{stands.chain}/{area.code}",
        observed_at=max(message.sent, stands.begins),
        severity=colour,
        area=area.code,
        exercise=exercise,
        received_at=one.received_at,
        facts={
            "place": {"zh": area.name, "en": area.name_en},
            "placed": where.how.value,
            "event": _said(message, "event"),
            "headline": _said(message, "headline"),
            "said": {
                language: sentence(text)[language] for language, text in _said(message, "headline").items()
            },
            "sender_name": _said(message, "sender_name"),
            "instruction": _said(message, "instruction"),
            "colour": colours(colour) if colour else both("standing.without_colour"),
            "sender": message.sender,
            "identifier": message.identifier,
            "warning": one.received.id,
            "chain": stands.chain,
            "begins": stands.begins.isoformat(),
            "ends": stands.ends.isoformat(),
        },
    )


def _said(message: WarningMessage, what: str) -> dict[str, str]:
    return {
        language: getattr(info, what) if (info := info_for(message, language)) else ""
        for language in ("zh", "en")
    }


class WeatherFinder:
    """`terms`: none. Due at every message, and often enough that an end is seen within ten seconds."""

    kind = "weather"
    every_s = 10.0
    wakes = frozenset({notices.WARNING, notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Warnings in force, for real and in every running exercise."""
        known = areas.areas(connection)
        county = next((area for area in known if area.kind == "county"), None)
        if county is None:
            return Found()
        towns = [area for area in known if area.kind == "town"]
        running = [one.code for one in exercises.exercises(connection, running=True)]
        found: dict[Any, Finding] = {}
        for exercise in (None, *running):
            if not warnings.between(connection, exercise, look.now, look.now):
                continue
            kept = warnings.between(connection, exercise, look.now - CHAIN_LIFE, look.now)
            for finding in found_of(kept, exercise, county, towns, look.now):
                found.setdefault(finding.key, finding)
        return Found(tuple(found.values()))
