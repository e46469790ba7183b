"""Import of stage–storage and stage–discharge curves, a row for each point (SL 323 ST_ZVARL_B, ST_ZQRL_B)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.datum import comparable
from core.properties import PROPERTIES
from hydrology import curves as arithmetic
from store import curves, stations
from store.curves import StandingCurve
from store.derived_marks import mark_again

COLUMNS = (
    Column("station", ("测站", "测站编码", "站码", "stcd"), True),
    Column("level", ("水位", "库水位", "z", "rz"), True),
    Column("storage", ("库容", "蓄水量", "w")),
    Column("flow", ("流量", "q")),
    Column("point", ("点序号", "ptno")),
    Column("valid_from", ("启用时间", "施测时间", "bgtm", "mstm")),
    Column("datum", ("基面",)),
    Column("source", ("来源", "依据", "曲线名称", "lnnm"), True),
    Column("area_km2", ("水面面积", "wsfa")),
    Column("comments", ("备注", "附注")),
    Column("modified", ("修改时间", "moditime")),
)
"""The last three stand in the tables of the field and are not needed here."""
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""A curve without a date is in force from the beginning."""

Key = tuple[str, str, datetime]
"""Station, kind, and when the curve comes into force."""


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[StandingCurve]:
    """Curves of stations that exist, over their datum; points may stand in any order if they are numbered."""
    known = {entry.code: entry for entry in stations.stations(situation.connection)}
    origins = {code: station.origin for code, station in known.items()}
    points: dict[Key, list[tuple[int, Cells, float, float]]] = defaultdict(list)
    for number, cells in enumerate(cells_of(rows, faults)):
        code = cells.code("station")
        cells.known("station", code, known, "station")
        station = known.get(code)
        refuse_foreign(cells, code, origins, situation.origin, "station")
        if station and not comparable("water_level", station.datum, cells.optional("datum")):
            cells.fault(
                "datum",
                "the curve is over {datum}, station {station} over {other};"
                " convert the curve to the station's datum",
                datum=cells.optional("datum") or "-",
                station=code,
                other=station.datum or "-",
            )
        kind, amount = _amount(cells)
        level = PROPERTIES["water_level"]
        start = cells.moment("valid_from", situation.zone) if cells.raw("valid_from") else ALWAYS
        place = cells.count("point", 0, 100_000, number)
        points[code, kind, start].append((place, cells, cells.number("level", level.low, level.high), amount))
        cells.text("source")
    return [_curve(key, sorted(found, key=lambda one: one[0]), faults) for key, found in points.items()]


def _amount(cells: Cells) -> tuple[str, float]:
    """What the row gives: exactly one of storage and flow."""
    given = [kind for kind in curves.KINDS if cells.raw(kind)]
    if len(given) != 1:
        cells.fault("storage", "a point has either a storage or a flow; fill in one of the two")
        return curves.KINDS[0], 0.0
    kind = given[0]
    return kind, cells.number(kind, 0.0, PROPERTIES[kind].high)


def _curve(key: Key, points: list[tuple[int, Cells, float, float]], faults: Faults) -> StandingCurve:
    station, kind, start = key
    levels, amounts = [one[2] for one in points], [one[3] for one in points]
    first = points[0][1]
    for place, reason in arithmetic.faults(levels, amounts):
        cells = points[place][1]
        if reason == "few":
            cells.fault("level", "a curve needs at least two points; {station} has one", station=station)
        elif reason == "level":
            cells.fault(
                "level",
                "{value:g} does not rise above {before:g} of row {row}; put the points in order of level",
                value=levels[place],
                before=levels[place - 1],
                row=points[place - 1][1].row.number,
            )
        else:
            cells.fault(
                kind,
                "{value:g} is less than {before:g} of row {row} at a lower level; correct one of them",
                value=amounts[place],
                before=amounts[place - 1],
                row=points[place - 1][1].row.number,
            )
    for _, cells, _, _ in points[1:]:
        for column in ("datum", "source"):
            if cells.raw(column) != first.raw(column):
                cells.fault(
                    column,
                    "differs from row {row} of the same curve; all its points have one datum and one source",
                    row=first.row.number,
                )
    numbered = [
        (one[1].row.number, (station, kind, one[1].raw("point"))) for one in points if one[1].raw("point")
    ]
    note_duplicates(numbered, "point", faults)
    return StandingCurve(station, kind, start, first.optional("datum"), levels, amounts, first.text("source"))


def save(entries: list[StandingCurve], situation: Situation) -> int:
    """Sets the curves and has what was computed by those they replace computed again."""
    changed = [entry for entry in entries if curves.save(situation.connection, entry, situation.actor)]
    for entry in changed:
        mark_again(situation.connection, entry.station, ("water_level",), entry.valid_from)
    return len(changed)


CURVES = Kind(COLUMNS, read, save)
