"""Rain limits: the county's defaults, those of hamlets at risk, and the state of the soil."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection

from core.rain_limits import DefaultLimit, HamletLimit, Soil, SoilSource, SoilState
from core.severity import Severity

_HAMLETS: LiteralString = """
select area, window_s, soil, prepare_mm, immediate_mm, gauges, source from hamlet_limit
where replaced_at is null order by area, window_s, soil
"""

_DEFAULTS: LiteralString = """
select terms, source from rule where code = 'station_rain' order by version desc limit 1
"""

_REPLACE: LiteralString = """
update hamlet_limit set replaced_at = now()
where area = %(area)s and window_s = %(window_s)s and soil = %(soil)s and replaced_at is null
  and (prepare_mm, immediate_mm, gauges, source)
      is distinct from (%(prepare_mm)s, %(immediate_mm)s, %(gauges)s::text[], %(source)s)
"""

_ADD: LiteralString = """
insert into hamlet_limit (area, window_s, soil, prepare_mm, immediate_mm, gauges, source, set_by)
values (%(area)s, %(window_s)s, %(soil)s, %(prepare_mm)s, %(immediate_mm)s, %(gauges)s, %(source)s, %(by)s)
on conflict (area, window_s, soil) where replaced_at is null do nothing
returning id
"""

_SAVE_SOIL: LiteralString = """
insert into soil_state (area, exercise, day, state, source, value, days, computed_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (area, exercise, day) do update set
    state = excluded.state, source = excluded.source, value = excluded.value, days = excluded.days,
    computed_at = excluded.computed_at
"""


def default_limits(connection: Connection[Any]) -> list[DefaultLimit]:
    """The county's default table, as the rule `station_rain` brings it, mildest first within a window."""
    found = connection.execute(_DEFAULTS).fetchone()
    if found is None:
        return []
    terms, source = found
    return [
        DefaultLimit(severity, window["period_s"], float(window[severity.value]), source)
        for window in terms.get("defaults", [])
        for severity in Severity
        if severity.value in window
    ]


def hamlet_limits(connection: Connection[Any]) -> list[HamletLimit]:
    """All limits of hamlets that stand now, by area, window and soil."""
    return [
        HamletLimit(area, window_s, Soil(soil), prepare, immediate, tuple(gauges), source)
        for area, window_s, soil, prepare, immediate, gauges, source in connection.execute(_HAMLETS)
    ]


def save_hamlet_limit(connection: Connection[Any], limit: HamletLimit, by: str) -> bool:
    """Sets a limit; what it replaces stays as history. False if exactly this one stands already."""
    values = {
        "area": limit.area, "window_s": limit.window_s, "soil": limit.soil, "prepare_mm": limit.prepare_mm,
        "immediate_mm": limit.immediate_mm, "gauges": list(limit.gauges), "source": limit.source, "by": by,
    }  # fmt: skip
    connection.execute(_REPLACE, values)
    return connection.execute(_ADD, values).fetchone() is not None


def soil_states(
    connection: Connection[Any], day: date, since: datetime
) -> dict[tuple[str | None, str], SoilState]:
    """The states of a day that were computed after `since`, by exercise and area."""
    return {
        (exercise, area): SoilState(area, exercise, day, Soil(state), SoilSource(source), value, days)
        for area, exercise, state, source, value, days in connection.execute(
            "select area, exercise, state, source, value, days from soil_state"
            " where day = %s and computed_at > %s",
            (day, since),
        )
    }


def save_soil(connection: Connection[Any], states: Iterable[SoilState], at: datetime) -> None:
    """Keeps states of the soil; of a day and area the newest stands."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _SAVE_SOIL,
            [
                (one.area, one.exercise, one.day, one.state, one.source, one.value, one.days, at)
                for one in states
            ],
        )
