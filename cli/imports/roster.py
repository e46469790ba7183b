"""Import of the duty roster (值班表): turns, and who stands in on them (代班)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cli.imports.cells import Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of
from cli.imports.table import Column, Row
from core.people import RosterEntry
from store import areas, duty, people

COLUMNS = (
    Column("area", ("区划",), True),
    Column("person", ("人员", "人员编码"), True),
    Column("position", ("岗位",)),
    Column("starts", ("开始", "开始时间"), True),
    Column("ends", ("结束", "结束时间"), True),
    Column("substitute", ("代班", "代班人")),
    Column("reason", ("原因", "代班原因")),
)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A turn, and who stands in for its person until it ends."""

    turn: RosterEntry
    substitute: str | None
    reason: str


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[_Listed]:
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
        substitute = cells.optional("substitute")
        cells.known("substitute", substitute or "", persons, "person")
        if substitute == entry.person:
            cells.fault("substitute", "is the person of the turn; name somebody else")
        reason = cells.text("reason", "")
        if substitute and not reason:
            cells.fault("reason", "say why somebody stands in")
        found.append(_Listed(entry, substitute, reason))
    columns = ("area", "person", "position", "starts")
    note_duplicates(
        ((row.number, tuple(row.cells.get(column, "") for column in columns)) for row in rows),
        "starts",
        faults,
    )
    return found


def save(entries: list[_Listed], situation: Situation) -> int:
    """Adds the turns and substitutes that do not stand yet; returns how many rows changed something."""
    return sum(
        int(people.save_roster_entry(situation.connection, one.turn) | _stands_in(one, situation))
        for one in entries
    )


def _stands_in(one: _Listed, situation: Situation) -> bool:
    if one.substitute is None:
        return False
    turn = one.turn
    for known in duty.absences(situation.connection, turn.starts, turn.ends):
        if (known.person, known.starts, known.ends) == (turn.person, turn.starts, turn.ends):
            if known.substitute == one.substitute:
                return False
            duty.end_absence(situation.connection, known.id, by=situation.actor, at=turn.starts)
    duty.add_absence(
        situation.connection, turn.person, one.substitute, turn.starts, turn.ends, reason=one.reason,
        by=situation.actor, at=datetime.now(UTC),
    )  # fmt: skip
    return True


ROSTER = Kind(COLUMNS, read, save)
