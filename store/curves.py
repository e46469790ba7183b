"""Stage–storage and stage–discharge curves; those that were replaced stay as history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_STANDING: LiteralString = """
select station, kind, valid_from, datum, levels, amounts, source, version from curve
where replaced_at is null and (%(stations)s::text[] is null or station = any(%(stations)s))
order by station, kind, valid_from
"""

_REPLACE: LiteralString = """
update curve set replaced_at = now()
where station = %s and kind = %s and valid_from = %s and replaced_at is null
"""

_INSERT: LiteralString = """
insert into curve (station, kind, version, valid_from, datum, levels, amounts, source, set_by)
values (%(station)s, %(kind)s,
        1 + (select coalesce(max(version), 0) from curve where station = %(station)s and kind = %(kind)s),
        %(valid_from)s, %(datum)s, %(levels)s, %(amounts)s, %(source)s, %(by)s)
"""

KINDS = ("storage", "flow")
"""What a curve gives, by the property that it makes of a water level."""


@dataclass(frozen=True, slots=True)
class StandingCurve:
    """A curve in force from `valid_from` until the next of its kind; `version` counts by station and kind."""

    station: str
    kind: str
    valid_from: datetime
    datum: str | None
    levels: list[float]
    amounts: list[float]
    source: str
    version: int = 0


def curves(connection: Connection[Any], stations: Sequence[str] | None = None) -> list[StandingCurve]:
    """Curves that stand, of these stations (None: all), in order of their validity."""
    wanted = None if stations is None else list(stations)
    return rows(connection, StandingCurve, _STANDING, {"stations": wanted})


def save(connection: Connection[Any], entry: StandingCurve, by: str) -> bool:
    """Sets a curve in place of one from the same moment; False if nothing would change."""
    held = [
        one
        for one in curves(connection, [entry.station])
        if (one.kind, one.valid_from) == (entry.kind, entry.valid_from)
    ]
    if held and _same(held[0], entry):
        return False
    connection.execute(_REPLACE, (entry.station, entry.kind, entry.valid_from))
    values = {
        "station": entry.station, "kind": entry.kind, "valid_from": entry.valid_from, "datum": entry.datum,
        "levels": entry.levels, "amounts": entry.amounts, "source": entry.source, "by": by,
    }  # fmt: skip
    connection.execute(_INSERT, values)
    return True


def _same(one: StandingCurve, other: StandingCurve) -> bool:
    return (one.datum, one.levels, one.amounts, one.source) == (
        other.datum, other.levels, other.amounts, other.source,
    )  # fmt: skip
