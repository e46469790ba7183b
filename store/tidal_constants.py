"""Harmonic constants of tide stations; those that were replaced stay as history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_STANDING: LiteralString = """
select station, constituent, amplitude_m, lag_deg, datum, source from tidal_constant
where replaced_at is null and (%(stations)s::text[] is null or station = any(%(stations)s))
order by station, constituent
"""


@dataclass(frozen=True, slots=True)
class TidalConstant:
    """One constituent; `lag_deg` is the Greenwich phase lag. `Z0` is the mean level over `datum`."""

    station: str
    constituent: str
    amplitude_m: float
    lag_deg: float
    datum: str | None
    source: str


def constants(connection: Connection[Any], stations: Sequence[str] | None = None) -> list[TidalConstant]:
    """Constants that stand, of these stations (None: all)."""
    wanted = None if stations is None else list(stations)
    return rows(connection, TidalConstant, _STANDING, {"stations": wanted})


def save(connection: Connection[Any], station: str, entries: Sequence[TidalConstant], by: str) -> bool:
    """Replaces all constants of a station (an analysis belongs together); False if nothing would change."""
    held = constants(connection, [station])
    if held == sorted(entries, key=lambda one: one.constituent):
        return False
    connection.execute(
        "update tidal_constant set replaced_at = now() where station = %s and replaced_at is null", (station,)
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into tidal_constant (station, constituent, amplitude_m, lag_deg, datum, source, set_by)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (station, one.constituent, one.amplitude_m, one.lag_deg, one.datum, one.source, by)
                for one in entries
            ],
        )
    return True
