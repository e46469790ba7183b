"""Areas (county, towns, villages, hamlets at risk) and shelters."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from core.areas import Area, Shelter
from core.errors import NotFoundError
from store.connection import rows

_COLUMNS = "code, name, name_en, kind, parent, population, people_at_risk, lon, lat, outline, origin"

_SAVE = """
insert into area (code, name, name_en, kind, parent, population, people_at_risk, lon, lat, outline, origin)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set
    name = excluded.name, name_en = excluded.name_en, kind = excluded.kind, parent = excluded.parent,
    population = excluded.population, people_at_risk = excluded.people_at_risk,
    lon = excluded.lon, lat = excluded.lat, outline = coalesce(excluded.outline, area.outline),
    origin = excluded.origin
"""

_SAVE_SHELTER = """
insert into shelter (code, name, name_en, area, capacity, lon, lat, origin)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set
    name = excluded.name, name_en = excluded.name_en, area = excluded.area, capacity = excluded.capacity,
    lon = excluded.lon, lat = excluded.lat, origin = excluded.origin
"""

_ABOVE = """
with recursive up (code, parent, step) as (
    select code, parent, 0 from area where code = %s
    union all
    select area.code, area.parent, up.step + 1 from area join up on area.code = up.parent where up.step < 16
)
select code from up order by step
"""


def areas(connection: Connection[Any], *, within: str | None = None) -> list[Area]:
    """Areas by kind (county first) and code; with `within` that area and all below it."""
    return rows(
        connection,
        Area,
        f"select {_COLUMNS} from area where %s::text is null or area_within(code, %s)"
        " order by array_position(array['county', 'town', 'village', 'hamlet'], kind), code",
        (within, within),
    )


def area(connection: Connection[Any], code: str) -> Area:
    """One area. Raises NotFoundError."""
    found = rows(connection, Area, f"select {_COLUMNS} from area where code = %s", (code,))
    if not found:
        raise NotFoundError(f"there is no area {code!r}")
    return found[0]


def area_codes(connection: Connection[Any]) -> set[str]:
    """Codes of all areas."""
    return {row[0] for row in connection.execute("select code from area")}


def parents(connection: Connection[Any]) -> dict[str, str | None]:
    """The area above each area; None above the county."""
    return dict(connection.execute("select code, parent from area").fetchall())


def areas_above(connection: Connection[Any], code: str) -> list[str]:
    """The area itself, then its parent, and so on up to the county."""
    return [row[0] for row in connection.execute(_ABOVE, (code,))]


def all_above(connection: Connection[Any]) -> dict[str, list[str]]:
    """Of every area itself and those above it, up to the county."""
    parents: dict[str, str | None] = dict(connection.execute("select code, parent from area").fetchall())
    found: dict[str, list[str]] = {}
    for code in parents:
        chain: list[str] = []
        at: str | None = code
        while at is not None and at not in chain:
            chain.append(at)
            at = parents.get(at)
        found[code] = chain
    return found


def save_area(connection: Connection[Any], entry: Area) -> None:
    """Creates or replaces an area; its parent must exist. A known outline is kept if none is given."""
    outline = Jsonb(entry.outline) if entry.outline is not None else None
    connection.execute(
        _SAVE,
        (
            entry.code, entry.name, entry.name_en, entry.kind, entry.parent, entry.population,
            entry.people_at_risk, entry.lon, entry.lat, outline, entry.origin,
        ),
    )  # fmt: skip


def shelters(connection: Connection[Any], *, within: str | None = None) -> list[Shelter]:
    """Shelters by code; with `within` those of that area and all below it."""
    return rows(
        connection,
        Shelter,
        "select code, name, name_en, area, capacity, lon, lat, origin from shelter"
        " where %s::text is null or area_within(area, %s) order by code",
        (within, within),
    )


def save_shelter(connection: Connection[Any], entry: Shelter) -> None:
    """Creates or replaces a shelter."""
    connection.execute(
        _SAVE_SHELTER,
        (
            entry.code, entry.name, entry.name_en, entry.area, entry.capacity, entry.lon, entry.lat,
            entry.origin,
        ),
    )  # fmt: skip


def top_area(connection: Connection[Any]) -> str | None:
    """The county: where what has no area of its own belongs. None before any area is known."""
    found = connection.execute("select code from area where parent is null order by code limit 1").fetchone()
    return found[0] if found else None
