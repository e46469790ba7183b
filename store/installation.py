"""Which installation this is: its name, place, and whether it holds invented data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from core.errors import NotFoundError
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
