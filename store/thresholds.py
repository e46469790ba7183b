"""Limits with who set them, when and why; their history; and what they judge at present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.severity import Severity
from core.thresholds import Threshold
from store.connection import rows

_SELECT: LiteralString = """
select id, station, property, name, severity, value, deadband, datum, source, season_from, season_to, version,
       period_s, on_delay_s, off_delay_s, set_at, set_by, reason, second_person, replaced_at, replaced_by,
       replaced_reason
from threshold
"""

_RULES = """
select distinct on (code) code, kind, coalesce(terms ->> 'limits', property) as property, kinds, active,
       jsonb_array_length(coalesce(terms -> 'defaults', '[]')) > 0 as brings
from rule where kind in ('rate', 'rain')
order by code, version desc
"""

_OPEN_ALARMS = """
select id from alarm
where closed_at is null and exercise is null and station = %s and property = %s and threshold_name = %s
order by id
"""


@dataclass(frozen=True, slots=True)
class SetLimit:
    """A limit as it was set; `replaced_at` None: it stands."""

    id: int
    limit: Threshold
    set_at: datetime
    set_by: str
    reason: str
    second_person: str | None
    replaced_at: datetime | None
    replaced_by: str | None
    replaced_reason: str


@dataclass(frozen=True, slots=True)
class LimitRuleRow:
    """The newest version of a rule that compares with limits of `property`; `brings`: it has some of its own."""

    code: str
    kind: str
    property: str | None
    kinds: list[str]
    active: bool
    brings: bool


def standing(
    connection: Connection[Any], *, station: str | None = None, within: str | None = None
) -> list[SetLimit]:
    """The limits that stand, of one station, of an area, or all."""
    return _limits(
        connection,
        " where replaced_at is null and (%(station)s::text is null or station = %(station)s)"
        " and (%(within)s::text is null or station in"
        " (select code from station where area_within(area, %(within)s)))"
        " order by station, property, period_s, value, season_from",
        {"station": station, "within": within},
    )


def history(
    connection: Connection[Any], station: str, property: str | None = None, name: str | None = None
) -> list[SetLimit]:
    """All limits that a station ever had, newest first; of one property, of one name."""
    return _limits(
        connection,
        " where station = %(station)s and (%(property)s::text is null or property = %(property)s)"
        " and (%(name)s::text is null or name = %(name)s) order by set_at desc, id desc limit 1000",
        {"station": station, "property": property, "name": name},
    )


def by_id(connection: Connection[Any], number: int) -> SetLimit | None:
    """One row, standing or not."""
    found = _limits(connection, " where id = %(id)s", {"id": number})
    return found[0] if found else None


def hold(connection: Connection[Any], station: str) -> None:
    """Nobody else changes limits of the station until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext('anlan.limits.' || %s))", (station,))


def limit_rules(connection: Connection[Any]) -> list[LimitRuleRow]:
    """Rules about rates and sliding rain, which want limits of their own."""
    return rows(connection, LimitRuleRow, _RULES)


def open_alarms_of(connection: Connection[Any], limit: Threshold) -> Sequence[int]:
    """Open real alarms that stand by this limit."""
    return [row[0] for row in connection.execute(_OPEN_ALARMS, (limit.station, limit.property, limit.name))]


_OWN = {field.name for field in fields(SetLimit)} - {"limit"}


def _limits(connection: Connection[Any], where: LiteralString, values: dict[str, Any]) -> list[SetLimit]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SELECT + where, values).fetchall()
    return [
        SetLimit(
            limit=Threshold(
                **{
                    **{name: value for name, value in row.items() if name not in _OWN},
                    "severity": Severity(row["severity"]),
                }
            ),
            **{name: row[name] for name in _OWN},
        )
        for row in found
    ]
