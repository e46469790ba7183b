"""Stations that speak SL 651: their addresses, where they may speak from, and their base levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

_SOURCES: LiteralString = """
select source.station, address, networks, password, confirm, hour_label, set_clock, ask_gaps,
    coalesce((select jsonb_object_agg(level, base_m) from station_base
              where station_base.station = source.station and base_m is not null), '{}') as bases_m
from station_source as source order by source.station
"""

_SAVE: LiteralString = """
insert into station_source (station, address, networks, password, confirm, hour_label, set_clock, ask_gaps)
values (%s, %s, %s::cidr[], %s, %s, %s, %s, %s)
on conflict (station) do update set
    address = excluded.address, networks = excluded.networks, password = excluded.password,
    confirm = excluded.confirm, hour_label = excluded.hour_label, set_clock = excluded.set_clock,
    ask_gaps = excluded.ask_gaps
"""

_SAVE_BASE: LiteralString = """
insert into station_base (station, level, base_m, source) values (%(station)s, %(level)s, %(base_m)s, %(source)s)
on conflict (station, level) do update set
    base_m = excluded.base_m, source = excluded.source, changed_at = now()
where station_base.source is distinct from 'import' or excluded.source = 'import'
"""
"""A person's base level is never overwritten by a machine."""

_PROPOSE: LiteralString = """
insert into station_base (station, level, proposed_m) values (%s, %s, %s)
on conflict (station, level) do update set proposed_m = excluded.proposed_m
where station_base.proposed_m is distinct from excluded.proposed_m
"""

_PROPOSALS: LiteralString = """
select station, level, base_m, proposed_m from station_base
where proposed_m is not null and (base_m is null or abs(base_m - proposed_m) > 0.015)
order by station, level
"""


@dataclass(frozen=True, slots=True)
class StationSource:
    """How the station `station` speaks: `address` is its own in frames, ten hexadecimal digits.

    `networks` are those from which it may dial in; none: only by the broker. `password` None is any.
    `confirm` ends an exchange: `eot` lets the station go off line, `esc` keeps it there. `hour_label`
    is what the time of twelve slots means (`auto`, `first`, `end`). `bases_m` are base levels by level number.
    """

    station: str
    address: str
    networks: Sequence[IPv4Network | IPv6Network] = ()
    password: str | None = None
    confirm: str = "eot"
    hour_label: str = "auto"
    set_clock: bool = True
    ask_gaps: bool = True
    bases_m: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BaseProposal:
    """A base level that a station's own levels give away, and the one that holds (None: none is set)."""

    station: str
    level: int
    base_m: float | None
    proposed_m: float


def sources(connection: Connection[Any]) -> list[StationSource]:
    """All of them, by station."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SOURCES).fetchall()
    return [
        StationSource(
            **{
                **row,
                "networks": tuple(row["networks"]),
                "bases_m": {int(level): base for level, base in row["bases_m"].items()},
            }
        )
        for row in found
    ]


def save_source(connection: Connection[Any], source: StationSource) -> None:
    """Creates or replaces a source; its base levels count as a person's. Those it does not name stay."""
    connection.execute(
        _SAVE,
        (
            source.station,
            source.address,
            [str(network) for network in source.networks],
            source.password,
            source.confirm,
            source.hour_label,
            source.set_clock,
            source.ask_gaps,
        ),
    )
    for level, base_m in source.bases_m.items():
        save_base(connection, source.station, level, base_m, source="import")


def save_base(connection: Connection[Any], station: str, level: int, base_m: float, *, source: str) -> None:
    """Sets a base level; what the station says (`station`) never replaces what a person set (`import`)."""
    connection.execute(_SAVE_BASE, {"station": station, "level": level, "base_m": base_m, "source": source})


def propose_base(connection: Connection[Any], station: str, level: int, base_m: float) -> None:
    """Notes a base level that the station's levels give away; it holds only when a person sets it."""
    connection.execute(_PROPOSE, (station, level, base_m))


def proposals(connection: Connection[Any]) -> list[BaseProposal]:
    """Base levels that are given away and not set, or that differ by more than 1 cm from the set one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [BaseProposal(**row) for row in cursor.execute(_PROPOSALS)]
