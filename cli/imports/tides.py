"""Import of harmonic constants (潮汐调和常数), a row for each constituent of a tide station."""

from __future__ import annotations

from collections import defaultdict

from cli.imports.cells import Faults, note_duplicates
from cli.imports.curves import ALWAYS
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.datum import comparable
from hydrology.tide import CONSTITUENTS, MEAN_LEVEL, greenwich_lag
from store import stations, tidal_constants
from store.derived_marks import mark_again
from store.tidal_constants import TidalConstant

COLUMNS = (
    Column("station", ("测站", "测站编码", "站码", "stcd"), True),
    Column("constituent", ("分潮",), True),
    Column("amplitude_m", ("振幅",), True),
    Column("lag_deg", ("迟角",), True),
    Column("zone_h", ("时区",), True),
    Column("datum", ("基面",)),
    Column("source", ("来源", "依据"), True),
)


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[TidalConstant]:
    """Constants of stations that exist; each needs its mean level (Z0) over the station's datum."""
    known = {entry.code: entry for entry in stations.stations(situation.connection)}
    origins = {code: station.origin for code, station in known.items()}
    found: list[TidalConstant] = []
    first: dict[str, int] = {}
    for cells in cells_of(rows, faults):
        code = cells.code("station")
        first.setdefault(code, cells.row.number)
        cells.known("station", code, known, "station")
        station = known.get(code)
        refuse_foreign(cells, code, origins, situation.origin, "station")
        if station and not comparable("tide_level", station.datum, cells.optional("datum")):
            cells.fault(
                "datum",
                "the constants are over {datum}, station {station} over {other};"
                " convert the mean level (Z0) to the station's datum",
                datum=cells.optional("datum") or "-",
                station=code,
                other=station.datum or "-",
            )
        name = cells.raw("constituent").upper()
        if name not in CONSTITUENTS:
            cells.fault(
                "constituent", "{value!r} is no constituent; write names as M2, S2, K1, O1, MS4", value=name
            )
            name = MEAN_LEVEL
        mean = name == MEAN_LEVEL
        amplitude = cells.number("amplitude_m", -20.0 if mean else 0.0, 20.0)
        lag = cells.number("lag_deg", -360.0, 360.0)
        zone = cells.number("zone_h", -12.0, 14.0)
        found.append(
            TidalConstant(
                code,
                name,
                amplitude,
                0.0 if mean else round(greenwich_lag(name, lag, zone), 4),
                cells.optional("datum"),
                cells.text("source"),
            )
        )
    keys = ((row.number, (one.station, one.constituent)) for row, one in zip(rows, found, strict=True))
    note_duplicates(keys, "constituent", faults)
    for code, number in first.items():
        if not any((one.station, one.constituent) == (code, MEAN_LEVEL) for one in found):
            faults.add(
                number, "constituent", "{station} lacks Z0, its mean level over the datum", station=code
            )
    return found


def save(entries: list[TidalConstant], situation: Situation) -> int:
    """Replaces the constants of each station in the file; returns how many stations changed."""
    of_station: dict[str, list[TidalConstant]] = defaultdict(list)
    for entry in entries:
        of_station[entry.station].append(entry)
    changed = [
        code
        for code, constants in of_station.items()
        if tidal_constants.save(situation.connection, code, constants, situation.actor)
    ]
    for code in changed:
        mark_again(situation.connection, code, ("tide_level",), ALWAYS)
    return len(changed)


TIDES = Kind(COLUMNS, read, save)
