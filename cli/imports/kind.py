"""What every kind of import is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.duty import Fault
from cli.imports.cells import Cells, Faults
from cli.imports.table import Column, Row


@dataclass(frozen=True, slots=True)
class Situation:
    """What an import knows beside its file.

    `origin` marks invented rows (None is real), `actor` is who imports, `second` another user who stands
    for what relaxes a limit.
    """

    connection: Connection[Any]
    origin: str | None
    actor: str
    zone: ZoneInfo
    second: str | None = None


Read = Callable[[list[Row], Faults, Situation], list[Any]]
"""Rows to records; faults are noted, nothing is written."""

Save = Callable[[list[Any], Situation], int]
"""Writes the records of a faultless file; returns how many were new or changed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of list."""

    columns: tuple[Column, ...]
    read: Read
    save: Save


def cells_of(rows: list[Row], faults: Faults) -> list[Cells]:
    """Each row, ready to be read."""
    return [Cells(row, faults) for row in rows]


def note_faults(cells: Cells, found: Iterable[Fault]) -> None:
    """Notes what a check of the whole record found, but nothing more of a cell that could not even be read."""
    unread = {one.column for one in cells.faults.found if one.row == cells.row.number}
    for fault in found:
        if fault.column not in unread:
            cells.fault(fault.column, fault.text, **fault.facts)


def refuse_foreign(
    cells: Cells, code: str, known: Mapping[str, str | None], origin: str | None, column: str = "code"
) -> None:
    """Notes a fault where the code belongs to something of another origin.

    Otherwise an invented station could replace a real one, or the other way round.
    """
    if code in known and known[code] != origin:
        cells.fault(
            column,
            "{code} exists already and is {origin}; choose another code",
            code=code,
            origin=known[code] or "real",
        )
