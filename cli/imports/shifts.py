"""Import of shifts (班次), from which turns of duty are made."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from alerts.duty import known, shift_faults
from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, note_faults
from cli.imports.table import Column, Row
from core.duty import Shift, days_of, rota_of
from store import duty

COLUMNS = (
    Column("code", ("编码",), True),
    Column("name", ("名称",), True),
    Column("area", ("区划",), True),
    Column("position", ("岗位",)),
    Column("starts", ("开始",), True),
    Column("ends", ("结束",), True),
    Column("days", ("星期",)),
    Column("first_day", ("起始日", "起始日期"), True),
    Column("rota", ("轮值", "轮值人员"), True),
    Column("active", ("启用",)),
)


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[Shift]:
    """Shifts; times are local, the rota names persons who exist."""
    there = known(situation.connection)
    found = []
    for cells in cells_of(rows, faults):
        days = days_of(cells.raw("days"))
        if days is None:
            cells.fault(
                "days", "{value!r} are no days of the week; write 1-5 or 6,7", value=cells.raw("days")
            )
        rota = rota_of(cells.raw("rota"))
        if not rota:
            cells.fault("rota", "{value!r} is no rota; write P1;P2 or P1+P2;P3+P4", value=cells.raw("rota"))
        shift = Shift(
            code=cells.code("code"),
            name=cells.text("name"),
            area=cells.text("area"),
            position=cells.choice("position", ("duty", "leader"), "duty"),
            starts=_time(cells, "starts"),
            ends=_time(cells, "ends"),
            days=days or (1,),
            first_day=_date(cells, "first_day"),
            rota=rota,
            active=cells.yes("active", True),
        )
        note_faults(cells, shift_faults(shift, there))
        found.append(shift)
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    return found


def _time(cells: Cells, column: str) -> time:
    try:
        return time.fromisoformat(cells.raw(column)).replace(tzinfo=None)
    except ValueError:
        cells.fault(column, "{value!r} is no time of day; write 08:30", value=cells.raw(column))
        return time(0)


def _date(cells: Cells, column: str) -> date:
    try:
        return date.fromisoformat(cells.raw(column)[:10])
    except ValueError:
        cells.fault(column, "{value!r} is no date; write 2026-07-01", value=cells.raw(column))
        return date(1970, 1, 1)


def save(entries: list[Shift], situation: Situation) -> int:
    """Creates or replaces shifts; returns how many are new or differ. Turns are made from them separately."""
    before = {one.code: one for one in duty.shifts(situation.connection)}
    changed = [one for one in entries if before.get(one.code) != one]
    for one in changed:
        duty.save_shift(situation.connection, one, by=situation.actor, at=datetime.now(UTC))
    return len(changed)


SHIFTS = Kind(COLUMNS, read, save)
