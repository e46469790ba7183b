"""Import of how stations speak SL 651: addresses, the networks they may dial in from, base levels."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from cli.imports.cells import Cells, Faults, note_duplicates
from cli.imports.kind import Kind, Situation, cells_of, refuse_foreign
from cli.imports.table import Column, Row
from store import station_sources, stations
from store.station_sources import StationSource

_LEVELS = range(1, 9)
_ADDRESS = re.compile(r"[0-9A-F]{10}")
_PASSWORD = re.compile(r"[0-9A-F]{4}")
_WIDEST = {4: 8, 6: 32}
"""Prefix lengths: a wider network would let in whom nobody knows."""

COLUMNS = (
    Column("code", ("编码", "测站编码"), True),
    Column("address", ("地址", "遥测站地址")),
    Column("networks", ("网络", "来源地址")),
    Column("password", ("密码",)),
    Column("confirm", ("确认方式",)),
    Column("hour_label", ("小时标注",)),
    Column("set_clock", ("校时",)),
    Column("ask_gaps", ("补报",)),
    *(
        Column(f"base_{level}_m", (f"水位{level}基值", *(("水位基值",) if level == 1 else ())))
        for level in _LEVELS
    ),
)


def read_sources(rows: list[Row], faults: Faults, situation: Situation) -> list[StationSource]:
    """Sources; the address of a hydrological station is 00 and its code of eight digits, if none is given."""
    known = {entry.code: entry.origin for entry in stations.stations(situation.connection)}
    listed = {row.cells["code"] for row in rows}
    taken = {
        source.address: source.station
        for source in station_sources.sources(situation.connection)
        if source.station not in listed
    }
    found = []
    for cells in cells_of(rows, faults):
        code = cells.code("code")
        cells.known("code", code, known, "station")
        refuse_foreign(cells, code, known, situation.origin)
        address = _address(cells, code)
        if address in taken:
            cells.fault(
                "address", "{value} is the address of station {code}", value=address, code=taken[address]
            )
        found.append(
            StationSource(
                station=code,
                address=address,
                networks=_networks(cells),
                password=_password(cells),
                confirm=cells.choice("confirm", ("eot", "esc"), "eot"),
                hour_label=cells.choice("hour_label", ("auto", "first", "end"), "auto"),
                set_clock=cells.yes("set_clock", True),
                ask_gaps=cells.yes("ask_gaps", True),
                bases_m={
                    level: base
                    for level in _LEVELS
                    if (base := cells.optional_number(f"base_{level}_m", -100.0, 9000.0)) is not None
                },
            )
        )
    note_duplicates(((row.number, (row.cells["code"],)) for row in rows), "code", faults)
    note_duplicates(
        ((row.number, (source.address,)) for row, source in zip(rows, found, strict=True)), "address", faults
    )
    return found


def save_sources(entries: list[StationSource], situation: Situation) -> int:
    """Creates or replaces sources; base levels that a file leaves empty stay as they are."""
    before = {source.station: source for source in station_sources.sources(situation.connection)}
    changed = 0
    for entry in entries:
        old = before.get(entry.station)
        if old is None or replace(entry, bases_m={**old.bases_m, **entry.bases_m}) != old:
            station_sources.save_source(situation.connection, entry)
            changed += 1
    return changed


def _address(cells: Cells, code: str) -> str:
    address = cells.raw("address").upper()
    if not address and len(code) == 8 and _ADDRESS.fullmatch(f"00{code.upper()}"):
        return f"00{code.upper()}"
    if not _ADDRESS.fullmatch(address):
        cells.fault("address", "{value!r} is no station address; write ten hexadecimal digits", value=address)
    return address


def _networks(cells: Cells) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks or single addresses, separated by blanks, semicolons or commas."""
    found = []
    for text in filter(None, re.split(r"[\s;,；，、]+", cells.raw("networks"))):
        try:
            network = ip_network(text)
        except ValueError:
            cells.fault("networks", "{value!r} is no network; write 10.8.0.0/24 or 10.8.0.7", value=text)
            continue
        if network.prefixlen < _WIDEST[network.version]:
            cells.fault(
                "networks", "{value} is too wide; name the networks that stations dial in from", value=text
            )
        found.append(network)
    return tuple(found)


def _password(cells: Cells) -> str | None:
    password = cells.raw("password").upper()
    if password and not _PASSWORD.fullmatch(password):
        cells.fault(
            "password", "is no password of a station; write four hexadecimal digits, or leave it empty"
        )
    return password or None


SOURCES = Kind(COLUMNS, read_sources, save_sources)
