"""Import of travel times of floods (洪水传播时间) between stations, as SL 323 keeps them (ST_FSDR_B)."""

from __future__ import annotations

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from core.stations import Station, StationKind
from store import stations, travel_times
from store.travel_times import TravelTime

COLUMNS = (
    Column("upstream", ("上游站", "上游站码", "upstcd"), True),
    Column("downstream", ("下游站", "下游站码", "dwstcd"), True),
    Column("flow", ("流量级", "qmgn")),
    Column("length_km", ("河段长", "河长", "rchlen")),
    Column("least_h", ("最小传播时间", "mntrtm"), True),
    Column("usual_h", ("平均传播时间", "avtrtm"), True),
    Column("longest_h", ("最大传播时间", "mxtrtm"), True),
    Column("source", ("来源", "依据"), True),
    Column("comments", ("备注", "附注")),
    Column("modified", ("修改时间", "moditime")),
)
"""The last two stand in the table of the field and are not needed here."""
_LONGEST_H = 240.0
_LEAST_H = 0.01
_WITH_LEVEL = (StationKind.RIVER_LEVEL, StationKind.RIVER, StationKind.RESERVOIR, StationKind.SLUICE)


def read(rows: list[Row], faults: Faults, situation: Situation) -> list[TravelTime]:
    """Pairs of stations that exist and have levels; shortest ≤ usual ≤ longest; no pair runs both ways."""
    known = {entry.code: entry for entry in stations.stations(situation.connection)}
    origins = {code: station.origin for code, station in known.items()}
    found: list[TravelTime] = []
    listed = cells_of(rows, faults)
    for cells in listed:
        ends = [_end(cells, column, known, origins, situation) for column in ("upstream", "downstream")]
        if ends[0] and ends[0] == ends[1]:
            cells.fault("downstream", "{code} is its own upstream; name the station below it", code=ends[0])
        least, usual, longest = (
            cells.number(column, _LEAST_H, _LONGEST_H) for column in ("least_h", "usual_h", "longest_h")
        )
        if not least <= usual <= longest:
            cells.fault(
                "usual_h",
                "{least:g}, {usual:g}, {longest:g} h are not in order; write shortest, usual, longest",
                least=least,
                usual=usual,
                longest=longest,
            )
        found.append(
            TravelTime(
                ends[0],
                ends[1],
                cells.optional_number("flow", 0.0, 200_000.0),
                cells.optional_number("length_km", 0.01, 10_000.0),
                least,
                usual,
                longest,
                cells.text("source"),
            )
        )
    keys = (
        (cells.row.number, (one.upstream, one.downstream, "" if one.flow is None else f"{one.flow:g}"))
        for cells, one in zip(listed, found, strict=True)
    )
    note_duplicates(keys, "downstream", faults)
    _refuse_both_ways(listed, found, faults, situation)
    return found


def _end(
    cells: Cells,
    column: str,
    known: dict[str, Station],
    origins: dict[str, str | None],
    situation: Situation,
) -> str:
    code = cells.code(column)
    cells.known(column, code, known, "station")
    refuse_foreign(cells, code, origins, situation.origin, column)
    if code in known and known[code].kind not in _WITH_LEVEL:
        cells.fault(
            column,
            "{code} is no station on a river, reservoir or sluice; floods travel between those",
            code=code,
        )
    return code


def _refuse_both_ways(
    listed: list[Cells], found: list[TravelTime], faults: Faults, situation: Situation
) -> None:
    """A pair that stands already the other way round is one typed in the wrong order."""
    standing = {(one.upstream, one.downstream) for one in travel_times.travel_times(situation.connection)}
    ways = standing | {(one.upstream, one.downstream) for one in found}
    for cells, one in zip(listed, found, strict=True):
        if one.upstream != one.downstream and (one.downstream, one.upstream) in ways:
            faults.add(
                cells.row.number,
                "downstream",
                "{below} stands upstream of {above} too; water runs one way, correct one of the two",
                below=one.downstream,
                above=one.upstream,
            )


def save(entries: list[TravelTime], situation: Situation) -> int:
    """Sets them; returns how many were new or changed."""
    return sum(travel_times.save(situation.connection, one, situation.actor) for one in entries)


TRAVEL_TIMES = Kind(COLUMNS, read, save)
