"""Import of the duty roster (值班表)."""

from __future__ import annotations

from cli.imports.cells import Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of
from cli.imports.table import Column, Row
from core.people import RosterEntry
from store import areas, people

COLUMNS = (
    Column("area", ("区划",), True),
    Column("person", ("人员", "人员编码"), True),
    Column("position", ("岗位",)),
    Column("starts", ("开始", "开始时间"), True),
    Column("ends", ("结束", "结束时间"), True),
)


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[RosterEntry]:
    """Turns of duty; times without an offset are in the county's zone."""
    area_codes = areas.area_codes(situation.connection)
    persons = {entry.code: entry for entry in people.persons(situation.connection)}
    found = []
    for cells in cells_of(rows, faults):
        entry = RosterEntry(
            area=cells.text("area"),
            person=cells.text("person"),
            position=cells.choice("position", ("duty", "leader"), "duty"),
            starts=cells.moment("starts", situation.zone),
            ends=cells.moment("ends", situation.zone),
        )
        cells.known("area", entry.area, area_codes, "area")
        cells.known("person", entry.person, persons, "person")
        if entry.ends <= entry.starts:
            cells.fault("ends", "a turn ends after it starts")
        found.append(entry)
    columns = ("area", "person", "position", "starts")
    note_duplicates(
        ((row.number, tuple(row.cells.get(column, "") for column in columns)) for row in rows),
        "starts",
        faults,
    )
    return found


def save(entries: list[RosterEntry], situation: Situation) -> int:
    """Adds the turns that do not stand yet."""
    return sum(people.save_roster_entry(situation.connection, entry) for entry in entries)


ROSTER = Kind(COLUMNS, read, save)
