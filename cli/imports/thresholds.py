"""Import of limits (阈值)."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from alerts.limits.relaxing import relaxations
from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.datum import comparable
from core.properties import KNOWN_PROPERTIES
from core.roles import Act, allows
from core.severity import Severity
from core.thresholds import DEFAULT_DEADBAND_M, SEASON_DAY, THRESHOLD_SEVERITY, Threshold
from store import stations
from store.users import users

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
    Column("period_s", ("时段", "窗口")),
    Column("on_delay_s", ("触发延时",)),
    Column("off_delay_s", ("恢复延时",)),
    Column("source", ("来源", "依据"), True),
)
_LONGEST_DELAY_S = 86_400
_LONGEST_WINDOW_S = 30 * 86_400


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Threshold]:
    """Limits of stations that exist, over the datum of their station."""
    known = {entry.code: entry for entry in stations.stations(situation.connection)}
    origins = {code: station.origin for code, station in known.items()}
    found = []
    cells_by_row = cells_of(rows, faults)
    for cells in cells_by_row:
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
    keys = ((cells.row.number, _key(entry)) for cells, entry in zip(cells_by_row, found, strict=True))
    note_duplicates(keys, "name", faults)
    if not faults.found:
        _note_relaxed(cells_by_row, found, situation)
    return found


def _key(entry: Threshold) -> tuple[str, ...]:
    window = [str(entry.period_s)] if entry.period_s else []
    return (
        entry.station, entry.property, entry.name, *([entry.season_from] if entry.season_from else []), *window
    )  # fmt: skip


def _note_relaxed(cells_by_row: list[Cells], found: list[Threshold], situation: Situation) -> None:
    """Limits that the list would relax need another user who stands for them; a first setting relaxes nothing."""
    standing = {one.key: one for one in stations.thresholds(situation.connection)}
    relaxed = [
        (cells, standing[entry.key], relaxations(standing[entry.key], entry))
        for cells, entry in zip(cells_by_row, found, strict=True)
        if entry.key in standing
    ]
    relaxed = [one for one in relaxed if one[2]]
    if not relaxed:
        return
    if situation.second is not None:
        _note_second(relaxed[0][0], situation.second, situation)
        return
    for cells, old, how in relaxed:
        cells.fault(
            "value",
            "this relaxes {name} ({how}), which stands at {old:g}: it needs a second person, --second USER",
            name=old.name, old=old.value, how=", ".join(cells.faults.translate(one.value) for one in how),
        )  # fmt: skip


def _note_second(cells: Cells, second: str, situation: Situation) -> None:
    fault = second_fault(situation.connection, second, situation.actor)
    if fault:
        cells.fault("value", fault, name=second)


def second_fault(connection: Connection[Any], name: str, actor: str) -> str | None:
    """Why this user cannot stand for an import beside the one who makes it (a text of the catalogue); None: can."""
    found = next((one for one in users(connection) if one.name == name), None)
    if found is None or found.disabled_at is not None:
        return "--second {name!r}: there is no such user who is active"
    if not allows(found.role, Act.CHECK_ORDER) or found.area is not None:
        return "--second {name!r}: a leader or commander of the whole county must stand for it"
    if actor.removeprefix("cli:") == name:
        return "--second {name!r}: that is who imports; it must be another person"
    return None


def _threshold(cells: Cells) -> Threshold:
    name = cells.text("name")
    measured = KNOWN_PROPERTIES[cells.choice("property", KNOWN_PROPERTIES)]
    default = THRESHOLD_SEVERITY.get(name)
    value = cells.number("value", measured.low, measured.high)
    if cells.raw("value") and value == 0:
        cells.fault("value", "0 means that no limit is set (未设); leave the row out")
    begin, end = cells.optional("season_from"), cells.optional("season_to")
    if (begin is None) != (end is None):
        cells.fault("season_to", "a season needs both its first and its last day (MMDD)")
    for column, day in (("season_from", begin), ("season_to", end)):
        if day and not SEASON_DAY.fullmatch(day):
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
        period_s=cells.count("period_s", 0, _LONGEST_WINDOW_S, 0),
        on_delay_s=cells.optional_count("on_delay_s", 0, _LONGEST_DELAY_S),
        off_delay_s=cells.optional_count("off_delay_s", 0, _LONGEST_DELAY_S),
    )


def save(entries: list[Threshold], situation: Situation) -> int:
    """Sets the limits; those they replace are kept as history."""
    standing = {one.key: one for one in stations.thresholds(situation.connection)}
    return sum(
        stations.save_threshold(
            situation.connection,
            entry,
            situation.actor,
            second_person=situation.second if relaxations(standing.get(entry.key), entry) else None,
        )
        for entry in entries
    )


THRESHOLDS = Kind(COLUMNS, read, save)
