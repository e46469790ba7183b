"""One import from file to database: all rows in one transaction, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.types.json import Jsonb

from cli.imports.areas import AREAS
from cli.imports.cells import Fault, Faults
from cli.imports.chains import CHAINS
from cli.imports.curves import CURVES
from cli.imports.devices import CAMERAS, DEVICES
from cli.imports.hamlet_limits import HAMLET_LIMITS
from cli.imports.inhibitions import INHIBITIONS
from cli.imports.kind import Kind, Situation
from cli.imports.limits import LIMITS
from cli.imports.people import PEOPLE
from cli.imports.roster import ROSTER
from cli.imports.rules import RULES
from cli.imports.shifts import SHIFTS
from cli.imports.sources import SOURCES
from cli.imports.stations import STATIONS
from cli.imports.table import read_table
from cli.imports.thresholds import THRESHOLDS
from cli.imports.tides import TIDES
from cli.imports.travel_times import TRAVEL_TIMES
from core.errors import InputError
from core.language import translator

KINDS: dict[str, Kind] = {
    "areas": AREAS,
    "stations": STATIONS,
    "thresholds": THRESHOLDS,
    "curves": CURVES,
    "tides": TIDES,
    "travel-times": TRAVEL_TIMES,
    "limits": LIMITS,
    "hamlet-limits": HAMLET_LIMITS,
    "people": PEOPLE,
    "shifts": SHIFTS,
    "roster": ROSTER,
    "chains": CHAINS,
    "devices": DEVICES,
    "cameras": CAMERAS,
    "sources": SOURCES,
    "rules": RULES,
    "inhibitions": INHIBITIONS,
}
"""In the order in which they build on each other."""


MOST_SHOWN = 200
"""Faults that are told; who turned two columns around in a long list has the cause in the first."""


class ImportRefusedError(InputError):
    """Nothing was imported; `faults` names every bad cell."""

    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        super().__init__("bad_rows", message)
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows the file has, and how many of them were new or changed something."""

    rows: int
    changed: int


def import_file(
    connection: Connection[Any],
    kind: str,
    path: Path,
    *,
    actor: str,
    zone: str,
    language: str,
    origin: str | None = None,
    second: str | None = None,
) -> Imported:
    """Imports a list and writes an audit line; does not commit.

    `second` is another user who stands for limits that the list relaxes (`anlan import thresholds`). Raises InputError for a file that cannot be read, ImportRefusedError with every fault of its rows.
    """
    translate = translator("cli", language)
    faults = Faults(translate)
    rows = read_table(path, KINDS[kind].columns, translate)
    situation = Situation(connection, origin, actor, ZoneInfo(zone), second)
    records = KINDS[kind].read(rows, faults, situation)
    if faults.found:
        found = sorted(faults.found, key=lambda fault: (fault.row, fault.column))
        lines = [
            translate(
                "row {row}, column {column}: {message}", row=one.row, column=one.column, message=one.message
            )
            for one in found[:MOST_SHOWN]
        ]
        if len(found) > MOST_SHOWN:
            lines.append(translate("and {count} more", count=len(found) - MOST_SHOWN))
        head = translate("{path}: nothing was imported, {count} faults", path=path, count=len(found))
        raise ImportRefusedError("\n".join([head, *lines]), found)
    changed = KINDS[kind].save(records, situation)
    detail: dict[str, Any] = {"file": path.name, "rows": len(rows), "changed": changed, "origin": origin}
    if second is not None:
        detail["second"] = second
    connection.execute("select audit_append(%s, 'import', %s, %s)", (actor, kind, Jsonb(detail)))
    return Imported(len(rows), changed)
