"""Import of limits of judgement (判读限值): what a series is expected to read."""

from __future__ import annotations

import re

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.judgement_limits import BY_MONTH, LIMIT_NAMES, JudgementLimit
from core.properties import PROPERTIES
from core.topics import CODE
from store import stations
from store.judgement_limits import save_limit

COLUMNS = (
    Column("station", ("测站", "测站编码", "站码"), True),
    Column("property", ("要素",), True),
    Column("sensor", ("传感器",)),
    Column("name", ("名称", "限值名称"), True),
    Column("month", ("月份",)),
    Column("value", ("数值", "限值"), True),
    Column("neighbour", ("邻站",)),
    Column("source", ("来源", "依据"), True),
)
OFF = ("off", "关")
"""A value that switches the test off."""

_RANGES = ("low", "high", "soft_low", "soft_high", "sensor_top")
_LONGEST_S = 30 * 86_400.0
_PAIRS = (("low", "high"), ("soft_low", "soft_high"))
_NEIGHBOUR = re.compile(rf"{CODE.pattern}(:[1-9][0-9]?)?")


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[JudgementLimit]:
    """Limits of stations that exist."""
    known = {entry.code: entry.origin for entry in stations.stations(situation.connection)}
    cells_by_row = cells_of(rows, faults)
    found = []
    for cells in cells_by_row:
        entry = _limit(cells)
        cells.known("station", entry.station, known, "station")
        refuse_foreign(cells, entry.station, known, situation.origin, "station")
        if entry.neighbour:
            cells.known("neighbour", entry.neighbour.partition(":")[0], known, "station")
        found.append(entry)
    note_duplicates(
        ((cells.row.number, _key(entry)) for cells, entry in zip(cells_by_row, found, strict=True)),
        "name",
        faults,
    )
    _note_crossed(cells_by_row, found)
    return found


def _limit(cells: Cells) -> JudgementLimit:
    measured = PROPERTIES[cells.choice("property", PROPERTIES)]
    name = cells.choice("name", LIMIT_NAMES)
    low, high = (measured.low, measured.high) if name in _RANGES else (0.0, measured.high - measured.low)
    if name.endswith("_s"):
        low, high = 60.0, _LONGEST_S
    value = None if cells.raw("value").lower() in OFF else cells.number("value", low, high)
    month = cells.optional_count("month", 1, 12)
    if month is not None and name not in BY_MONTH:
        cells.fault("month", "only {names} may differ by month; leave it empty", names=", ".join(BY_MONTH))
    neighbour = cells.raw("neighbour") or None
    if neighbour and name != "neighbour_difference":
        cells.fault("neighbour", "only neighbour_difference has a neighbour; leave it empty")
    elif neighbour and not _NEIGHBOUR.fullmatch(neighbour):
        cells.fault("neighbour", "{value!r} is no STATION or STATION:SENSOR", value=neighbour)
    return JudgementLimit(
        station=cells.code("station"),
        property=measured.name,
        sensor=cells.optional_count("sensor", 1, 99),
        name=name,
        month=month,
        value=value,
        neighbour=neighbour,
        source=cells.text("source"),
    )


def _key(entry: JudgementLimit) -> tuple[str, ...]:
    return (entry.station, entry.property, str(entry.sensor or "-"), entry.name, str(entry.month or "-"))


def _note_crossed(cells_by_row: list[Cells], found: list[JudgementLimit]) -> None:
    """A lower limit above the upper one would make every value doubtful."""
    values = {_key(entry): entry.value for entry in found}
    for cells, entry in zip(cells_by_row, found, strict=True):
        for low, high in _PAIRS:
            other = values.get((*_key(entry)[:3], high, _key(entry)[4]))
            if entry.name == low and entry.value is not None and other is not None and entry.value >= other:
                cells.fault(
                    "value", "{low} {value:g} is not below {high} {other:g}; correct one of them",
                    low=low, value=entry.value, high=high, other=other,
                )  # fmt: skip


def save(entries: list[JudgementLimit], situation: Situation) -> int:
    """Sets the limits; those they replace are kept as history."""
    return sum(save_limit(situation.connection, entry, situation.actor) for entry in entries)


LIMITS = Kind(COLUMNS, read, save)
