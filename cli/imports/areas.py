"""Import of areas and shelters."""

from __future__ import annotations

import json

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.areas import Area, Shelter
from core.geometry import polygons_of
from store import areas

COLUMNS = (
    Column("code", ("编码", "区划编码"), True),
    Column("name", ("名称",), True),
    Column("name_en", ("英文名",)),
    Column("kind", ("类型",), True),
    Column("parent", ("上级", "上级区划")),
    Column("population", ("人口",)),
    Column("people_at_risk", ("受威胁人数", "需转移人数")),
    Column("capacity", ("容纳人数",)),
    Column("lon", ("经度",)),
    Column("lat", ("纬度",)),
    Column("outline", ("边界", "geojson")),
)
_ORDER = ("county", "town", "village", "hamlet", "shelter")


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Area | Shelter]:
    """Areas whose parent stands above them, and shelters (kind `shelter`, parent = their area)."""
    standing = {entry.code: entry for entry in areas.areas(situation.connection)}
    known = {entry.code: entry.origin for entry in standing.values()}
    known |= {entry.code: entry.origin for entry in areas.shelters(situation.connection)}
    kinds = {code: entry.kind for code, entry in standing.items()}
    kinds |= {row.cells["code"]: row.cells["kind"] for row in rows}
    found: list[Area | Shelter] = []
    for cells in cells_of(rows, faults):
        kind = cells.choice("kind", _ORDER)
        entry = _shelter(cells, situation) if kind == "shelter" else _area(cells, kind, situation)
        parent = cells.raw("parent")
        if kind != "county" and not parent:
            cells.fault("parent", "is empty; fill it in")
        cells.known("parent", parent, kinds, "area")
        above = kinds.get(parent)
        if above in _ORDER and _ORDER.index(above) >= _ORDER.index(kind):
            cells.fault("parent", "a {kind} cannot lie below a {above}", kind=kind, above=above)
        refuse_foreign(cells, entry.code, known, situation.origin)
        found.append(entry)
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    return found


def _area(cells: Cells, kind: str, situation: Situation) -> Area:
    return Area(
        code=cells.code("code"),
        name=cells.text("name"),
        name_en=cells.text("name_en", cells.raw("name")),
        kind=kind,
        parent=cells.optional("parent"),
        population=cells.optional_count("population", 0, 100_000_000),
        people_at_risk=cells.optional_count("people_at_risk", 0, 10_000_000),
        lon=cells.optional_number("lon", -180, 180),
        lat=cells.optional_number("lat", -90, 90),
        outline=_outline(cells),
        origin=situation.origin,
    )


def _shelter(cells: Cells, situation: Situation) -> Shelter:
    return Shelter(
        code=cells.code("code"),
        name=cells.text("name"),
        name_en=cells.text("name_en", cells.raw("name")),
        area=cells.text("parent", ""),
        capacity=cells.count("capacity", 1, 1_000_000),
        lon=cells.optional_number("lon", -180, 180),
        lat=cells.optional_number("lat", -90, 90),
        origin=situation.origin,
    )


def _outline(cells: Cells) -> dict[str, object] | None:
    text = cells.raw("outline")
    if not text:
        return None
    try:
        outline = json.loads(text)
        found = {"type": outline["type"], "coordinates": outline["coordinates"]}
        places = [place for polygon in polygons_of(found) for ring in polygon for place in ring]
        well = places and all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in places)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        well = False
    if not well:
        cells.fault("outline", "is no GeoJSON geometry; leave it empty if none is known")
        return None
    return found


def save(entries: list[Area | Shelter], situation: Situation) -> int:
    """Creates or replaces areas from the county downwards, then shelters; returns how many differ."""
    before: dict[str, Area | Shelter] = {one.code: one for one in areas.areas(situation.connection)}
    before |= {one.code: one for one in areas.shelters(situation.connection)}
    changed = [entry for entry in entries if before.get(entry.code) != entry]
    listed = [entry for entry in changed if isinstance(entry, Area)]
    for area in sorted(listed, key=lambda entry: _ORDER.index(entry.kind)):
        areas.save_area(situation.connection, area)
    for entry in changed:
        if isinstance(entry, Shelter):
            areas.save_shelter(situation.connection, entry)
    return len(changed)


AREAS = Kind(COLUMNS, read, save)
