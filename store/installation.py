"""Which installation this is: its name, place, and whether it holds invented data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.errors import ConflictError, NotFoundError
from store.connection import rows


@dataclass(frozen=True, slots=True)
class Installation:
    """`purpose` is operational or demo; a demo installation says 演示 on every page."""

    purpose: str
    name: str
    name_en: str
    lon: float | None
    lat: float | None

    @property
    def demo(self) -> bool:
        return self.purpose == "demo"


_READ = "select purpose, name, name_en, lon, lat from installation"

_MARK_DEMO = """
update installation set purpose = 'demo', name = %s, name_en = %s, lon = %s, lat = %s, changed_at = now()
"""


def installation(connection: Connection[Any]) -> Installation:
    """The one installation row. Raises NotFoundError if the schema is empty."""
    found = rows(connection, Installation, _READ)
    if not found:
        raise NotFoundError("the database has no installation row; run ./anlan migrate on it")
    return found[0]


def mark_demo(connection: Connection[Any], name: str, name_en: str, lon: float, lat: float) -> None:
    """Marks the database as one of invented data, with the invented county's name and centre."""
    connection.execute(_MARK_DEMO, (name, name_en, lon, lat))


_FORGET = (
    """
    delete from observation using series, station
    where series.id = observation.series and station.code = series.station and station.origin = %(origin)s
        and series.exercise is null and observation.time > %(since)s
    """,
    """
    delete from latest using series, station
    where series.id = latest.series and station.code = series.station and station.origin = %(origin)s
        and series.exercise is null
    """,
    "delete from typhoon_fix where typhoon = %(typhoon)s and exercise is null",
    "delete from weather_warning where sender = any(%(senders)s) and exercise is null",
    "delete from weather_image where time > %(since)s and exercise is null",
)


def forget_story(
    connection: Connection[Any], origin: str, typhoon: str, senders: Sequence[str], since: datetime
) -> None:
    """Takes out what an earlier run of a demo's story reported since `since`, so that two do not mix.

    Only invented stations of that origin, the story's typhoon and senders of warnings, and only in a database that is marked as a demo: raises
    ConflictError in any other, where nothing received is ever destroyed.
    """
    if not installation(connection).demo:
        raise ConflictError("this database is no demo: what it has received is never destroyed")
    for statement in _FORGET:
        connection.execute(
            statement, {"origin": origin, "since": since, "typhoon": typhoon, "senders": list(senders)}
        )
