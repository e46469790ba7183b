"""Import of limits (阈值)."""

from __future__ import annotations

import re

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.datum import comparable
from core.properties import PROPERTIES
from core.severity import Severity
from core.thresholds import DEFAULT_DEADBAND_M, THRESHOLD_SEVERITY, Threshold
from store import stations

COLUMNS = (
    Column("station", ("测站", "测站编码", "站码"), True),
    Column("property", ("要素",), True),
    Column("name", ("名称", "阈值名称"), True),
    Column("severity", ("级别", "颜色")),
    Column("value", ("数值", "阈值"), True),
    Column("deadband", ("回差",)),
    Column("datum", ("基面",)),
    Column("season_from", ("起", "起始月日", "bgmd")),
    Column("season_to", ("止", "终止月日", "edmd")),
    Column("source", ("来源", "依据"), True),
)
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Threshold]:
    """Limits of stations that exist, over the datum of their station."""
    known = {entry.code: entry for entry in stations.stations(situation.connection)}
    origins = {code: station.origin for code, station in known.items()}
    found = []
    for cells in cells_of(rows, faults):
        entry = _threshold(cells)
        cells.known("station", entry.station, known, "station")
        station = known.get(entry.station)
        refuse_foreign(cells, entry.station, origins, situation.origin, "station")
        if station and not comparable(entry.property, station.datum, entry.datum):
            cells.fault(
                "datum",
                "the limit is over {datum}, station {station} over {other};"
                " convert the limit to the station's datum",
                datum=entry.datum or "-",
                station=entry.station,
                other=station.datum or "-",
            )
        found.append(entry)
    keys = (
        (cells.row.number, _key(entry)) for cells, entry in zip(cells_of(rows, faults), found, strict=True)
    )
    note_duplicates(keys, "name", faults)
    return found


def _key(entry: Threshold) -> tuple[str, ...]:
    return (entry.station, entry.property, entry.name, *([entry.season_from] if entry.season_from else []))


def _threshold(cells: Cells) -> Threshold:
    name = cells.text("name")
    measured = PROPERTIES[cells.choice("property", PROPERTIES)]
    default = THRESHOLD_SEVERITY.get(name)
    value = cells.number("value", measured.low, measured.high)
    if cells.raw("value") and value == 0:
        cells.fault("value", "0 means that no limit is set (未设); leave the row out")
    begin, end = cells.optional("season_from"), cells.optional("season_to")
    if (begin is None) != (end is None):
        cells.fault("season_to", "a season needs both its first and its last day (MMDD)")
    for column, day in (("season_from", begin), ("season_to", end)):
        if day and not _MONTH_DAY.fullmatch(day):
            cells.fault(column, "{value!r} is no day of the year; write month and day as 0715", value=day)
    return Threshold(
        station=cells.code("station"),
        property=measured.name,
        name=name,
        severity=Severity(cells.choice("severity", [one.value for one in Severity], default)),
        value=value,
        deadband=cells.number("deadband", 0, 1000, DEFAULT_DEADBAND_M),
        datum=cells.optional("datum"),
        source=cells.text("source"),
        season_from=begin,
        season_to=end,
    )


def save(entries: list[Threshold], situation: Situation) -> int:
    """Sets the limits; those they replace are kept as history."""
    return sum(stations.save_threshold(situation.connection, entry, situation.actor) for entry in entries)


THRESHOLDS = Kind(COLUMNS, read, save)
