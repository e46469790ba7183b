"""Import of stations."""

from __future__ import annotations

from cli.imports.cells import Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.datum import comparable
from core.stations import Station, StationKind
from store import areas, stations

COLUMNS = (
    Column("code", ("编码", "测站编码", "站码"), True),
    Column("name", ("名称", "站名", "测站名称"), True),
    Column("name_en", ("英文名",)),
    Column("kind", ("类型", "站类", "sttp"), True),
    Column("area", ("区划", "行政区划")),
    Column("river", ("河流", "河流名称")),
    Column("basin", ("流域", "流域名称", "bsnm")),
    Column("lon", ("经度",), True),
    Column("lat", ("纬度",), True),
    Column("datum", ("基面", "基面名称")),
    Column("period_s", ("周期", "上报周期")),
    Column("out_of_service", ("停用",)),
)


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Station]:
    """Stations; a datum that differs from that of standing limits, curves or tidal constants is refused."""
    known = {entry.code: entry.origin for entry in stations.stations(situation.connection)}
    area_codes = areas.area_codes(situation.connection)
    limits = stations.thresholds(situation.connection)
    references = stations.computed_over(situation.connection)
    found = []
    for cells in cells_of(rows, faults):
        entry = Station(
            code=cells.code("code"),
            name=cells.text("name"),
            name_en=cells.text("name_en", cells.raw("name")),
            kind=StationKind(cells.choice("kind", [kind.value for kind in StationKind])),
            area=cells.optional("area"),
            lon=cells.number("lon", -180, 180),
            lat=cells.number("lat", -90, 90),
            period_s=cells.count("period_s", 1, 86400, 300),
            datum=cells.optional("datum"),
            river=cells.optional("river"),
            basin=cells.optional("basin"),
            origin=situation.origin,
            out_of_service=cells.yes("out_of_service", False),
        )
        cells.known("area", entry.area or "", area_codes, "area")
        refuse_foreign(cells, entry.code, known, situation.origin)
        for limit in limits:
            if limit.station == entry.code and not comparable(limit.property, entry.datum, limit.datum):
                cells.fault(
                    "datum",
                    "{datum} differs from that of the standing limit {name} ({other}); convert that first",
                    datum=entry.datum or "-",
                    name=limit.name,
                    other=limit.datum or "-",
                )
        for other in references.get(entry.code, ()):
            if other != entry.datum:
                cells.fault(
                    "datum",
                    "{datum} differs from {other}, the datum of its curves or tidal constants and of the levels"
                    " that are stored; keep the datum, or give the station over the new one a code of its own",
                    datum=entry.datum or "-",
                    other=other or "-",
                )
        found.append(entry)
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    return found


def save(entries: list[Station], situation: Situation) -> int:
    """Creates or replaces stations; returns how many are new or differ."""
    before = {entry.code: entry for entry in stations.stations(situation.connection)}
    changed = [entry for entry in entries if before.get(entry.code) != entry]
    for entry in changed:
        stations.save_station(situation.connection, entry)
    return len(changed)


STATIONS = Kind(COLUMNS, read, save)
