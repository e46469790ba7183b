"""Import of rain limits of hamlets at risk (分析评价): a row for each hamlet, window and state of the soil."""

from __future__ import annotations

import re
from itertools import pairwise

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.rain_limits import HamletLimit, Soil
from hydrology.rain_windows import WINDOWS_S
from store import areas, rain_limits, stations

COLUMNS = (
    Column("area", ("风险点", "区划", "adcd"), True),
    Column("duration_h", ("时段", "历时"), True),
    Column("soil", ("土壤", "土壤含水量")),
    Column("prepare_mm", ("准备转移", "准备转移雨量"), True),
    Column("immediate_mm", ("立即转移", "立即转移雨量"), True),
    Column("gauges", ("雨量站", "代表站"), True),
    Column("source", ("来源", "依据"), True),
)
SOILS = {"较干": "dry", "干旱": "dry", "一般": "normal", "较湿": "wet", "湿润": "wet", "不分": "any"}
HOURS = {seconds: f"{seconds / 3600:.4g}" for seconds in WINDOWS_S}
_BETWEEN = re.compile(r"[;；、\s]+")
_WETTER = (Soil.DRY, Soil.NORMAL, Soil.WET)


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[HamletLimit]:
    """Limits of hamlets and villages that exist, by gauges that do."""
    known_areas = {entry.code: entry for entry in areas.areas(situation.connection)}
    known_stations = {entry.code: entry.origin for entry in stations.stations(situation.connection)}
    cells_by_row = cells_of(rows, faults)
    found = []
    for cells in cells_by_row:
        entry = _limit(cells)
        cells.known("area", entry.area, known_areas, "area")
        area = known_areas.get(entry.area)
        if area is not None:
            refuse_foreign(cells, entry.area, {entry.area: area.origin}, situation.origin, "area")
            if area.kind not in ("hamlet", "village"):
                cells.fault("area", "{code} is no hamlet or village", code=entry.area)
        for gauge in entry.gauges:
            cells.known("gauges", gauge, known_stations, "station")
            refuse_foreign(cells, gauge, known_stations, situation.origin, "gauges")
        found.append(entry)
    note_duplicates(
        (
            (cells.row.number, (entry.area, HOURS[entry.window_s], entry.soil.value))
            for cells, entry in zip(cells_by_row, found, strict=True)
        ),
        "soil",
        faults,
    )
    _note_wetter_is_higher(cells_by_row, found)
    return found


def _limit(cells: Cells) -> HamletLimit:
    hours = cells.number("duration_h", 0.1, 24)
    window_s = min(WINDOWS_S, key=lambda seconds: abs(seconds - hours * 3600))
    if abs(window_s - hours * 3600) > 60:
        cells.fault("duration_h", "there are sums of {hours} h only", hours=", ".join(HOURS.values()))
    soil = cells.raw("soil")
    prepare = cells.number("prepare_mm", 0.1, 2000)
    immediate = cells.number("immediate_mm", 0.1, 2000)
    if immediate < prepare:
        cells.fault("immediate_mm", "is less than prepare_mm: people would move before they prepare")
    gauges = tuple(dict.fromkeys(one for one in _BETWEEN.split(cells.text("gauges")) if one))
    return HamletLimit(
        area=cells.text("area"),
        window_s=window_s,
        soil=Soil(SOILS[soil])
        if soil in SOILS
        else Soil(cells.choice("soil", [one.value for one in Soil], "any")),
        prepare_mm=prepare,
        immediate_mm=max(prepare, immediate),
        gauges=gauges,
        source=cells.text("source"),
    )


def _note_wetter_is_higher(cells_by_row: list[Cells], found: list[HamletLimit]) -> None:
    """On wetter soil less rain is dangerous: a table the other way round has its columns mixed up."""
    table = {
        (one.area, one.window_s, one.soil): (cells, one)
        for cells, one in zip(cells_by_row, found, strict=True)
    }
    for area, window_s in sorted({(one.area, one.window_s) for one in found}):
        listed = [table[area, window_s, soil] for soil in _WETTER if (area, window_s, soil) in table]
        for (_, drier), (cells, wetter) in pairwise(listed):
            for name in ("prepare_mm", "immediate_mm"):
                if getattr(wetter, name) > getattr(drier, name):
                    cells.fault(
                        name, "is more than on {soil} soil: on wetter soil less rain is dangerous", soil=drier.soil
                    )  # fmt: skip


def save(entries: list[HamletLimit], situation: Situation) -> int:
    """Sets the limits; what they replace stays as history."""
    return sum(
        rain_limits.save_hamlet_limit(situation.connection, entry, situation.actor) for entry in entries
    )


HAMLET_LIMITS = Kind(COLUMNS, read, save)
