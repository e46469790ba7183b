"""Limits of judgement that somebody set, with their history."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection

from core.judgement_limits import JudgementLimit
from store.connection import rows

_STANDING: LiteralString = """
select station, property, sensor, name, month, value, neighbour, source, version
from judgement_limit
where replaced_at is null and (%(station)s::text is null or station = %(station)s)
order by station, property, sensor nulls first, name, month nulls first
"""

_REPLACE: LiteralString = """
update judgement_limit set replaced_at = now()
where station = %s and property = %s and sensor is not distinct from %s and name = %s
    and month is not distinct from %s and replaced_at is null
returning version
"""

_INSERT: LiteralString = """
insert into judgement_limit
    (station, property, sensor, name, month, value, neighbour, source, version, set_by)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def standing(connection: Connection[Any], station: str | None = None) -> list[JudgementLimit]:
    """The limits that stand, of one station or of all; those for every sensor and month come first."""
    return rows(connection, JudgementLimit, _STANDING, {"station": station})


def save_limit(connection: Connection[Any], entry: JudgementLimit, set_by: str) -> bool:
    """Sets a limit; the one it replaces is kept as history. False if nothing would change."""
    key = (entry.station, entry.property, entry.sensor, entry.name, entry.month)
    for known in standing(connection, entry.station):
        if (known.station, known.property, known.sensor, known.name, known.month) == key:
            if (known.value, known.neighbour, known.source) == (entry.value, entry.neighbour, entry.source):
                return False
            break
    replaced = connection.execute(_REPLACE, key).fetchone()
    version = replaced[0] + 1 if replaced else 1
    connection.execute(_INSERT, (*key, entry.value, entry.neighbour, entry.source, version, set_by))
    return True
