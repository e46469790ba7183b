"""Chains of whom to call, and everything else that decides it at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.alarms import AlarmClass
from core.call_chains import CallChain, QuietHours, member_of
from core.devices import Device
from core.duty import Turn, away_at
from core.orders import Channel
from core.people import Person, Responsibility
from core.severity import Severity
from store.areas import areas_above
from store.connection import rows
from store.devices import internal_devices
from store.duty import Stamp, absences
from store.orders import commanders
from store.people import persons_of

_CHAIN: LiteralString = """
select code, name, area, hazard, least, members, channels, quiet_from, quiet_to, active, source from call_chain
"""

_SAVE = """
insert into call_chain (code, name, area, hazard, least, members, channels, quiet_from, quiet_to, active, source,
                        set_by, set_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (code) do update set name = excluded.name, area = excluded.area, hazard = excluded.hazard,
    least = excluded.least, members = excluded.members, channels = excluded.channels,
    quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, active = excluded.active,
    source = excluded.source, set_by = excluded.set_by, set_at = excluded.set_at
"""

_TURNS = """
select area, position, person, starts, ends, shift, id from roster
where area = any(%(areas)s) and starts <= %(at)s and ends > %(at)s
order by starts desc, id
"""

_HOLDERS = """
select person, area, post, turn from responsibility where area = any(%(areas)s)
union all
select code, area, post, 'A' from person
where area = any(%(areas)s) and not exists (
    select from responsibility where responsibility.person = person.code
      and (responsibility.area, responsibility.post) = (person.area, person.post))
order by area, post, turn, person
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What decides who is called, at one moment.

    `areas` are those of the alarm and above it, nearest first. `away` maps who is away to who stands in.
    `persons` are those in use, by code. `devices` stand in duty rooms. `commanders` command here by their account: the
    last resort.
    """

    areas: tuple[str, ...]
    turns: tuple[Turn, ...]
    away: dict[str, str | None]
    persons: dict[str, Person]
    holders: tuple[Responsibility, ...]
    chains: tuple[CallChain, ...]
    devices: tuple[Device, ...]
    commanders: tuple[str, ...] = ()


def scene(connection: Connection[Any], area: str, at: datetime, *, trial: CallChain | None = None) -> Scene:
    """The scene for an area at `at`: a handful of small queries, whatever the size of the county.

    `trial` takes the place of the chain of its code: what would be if it were kept.
    """
    areas = tuple(areas_above(connection, area))
    chains = tuple(_chains(connection, " where active and area = any(%s) order by code", (list(areas),)))
    if trial is not None:
        chains = (*(one for one in chains if one.code != trial.code), trial)
    named = {member.area for chain in chains for member in chain.members if member.area}
    wanted = {"areas": [*areas, *sorted(named - set(areas))], "at": at}
    turns = tuple(rows(connection, Turn, _TURNS, wanted))
    away = away_at(absences(connection, at, at + timedelta(microseconds=1)), at)
    holders = tuple(rows(connection, Responsibility, _HOLDERS, wanted)) if chains else ()
    codes = {
        *(turn.person for turn in turns),
        *(holder.person for holder in holders),
        *(member.name for chain in chains for member in chain.members),
        *(code for code in away.values() if code),
        *(command := commanders(connection, area)),
    }
    return Scene(
        areas, turns, away,
        {one.code: one for one in persons_of(connection, codes) if one.active},
        holders, chains, tuple(internal_devices(connection, list(areas))), tuple(command),
    )  # fmt: skip


def call_chains(connection: Connection[Any], *, within: str | None = None) -> list[CallChain]:
    """All chains by code; with `within` those that decide for that area or one below it: its own and those above."""
    return _chains(
        connection,
        " where %(within)s::text is null or area_within(area, %(within)s) or area_within(%(within)s, area)"
        " order by code",
        {"within": within},
    )


def stamps(connection: Connection[Any]) -> dict[str, Stamp]:
    """The stamp of every chain."""
    found = rows(connection, Stamp, 'select code, set_by as "by", set_at as at from call_chain')
    return {one.code: one for one in found}


def _chains(connection: Connection[Any], where: LiteralString, values: Any) -> list[CallChain]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_CHAIN + where, values).fetchall()
    return [_chain(row) for row in found]


def save_call_chain(connection: Connection[Any], entry: CallChain, *, by: str, at: datetime) -> None:
    """Creates or replaces a chain."""
    quiet = entry.quiet
    connection.execute(
        _SAVE,
        (
            entry.code, entry.name, entry.area, entry.hazard, entry.least, [str(one) for one in entry.members],
            list(entry.channels) if entry.channels is not None else None,
            quiet.start if quiet else None, quiet.to if quiet else None, entry.active, entry.source, by, at,
        ),
    )  # fmt: skip


def _chain(row: dict[str, Any]) -> CallChain:
    quiet = (row.pop("quiet_from"), row.pop("quiet_to"))
    return CallChain(
        **row
        | {
            "hazard": AlarmClass(row["hazard"]) if row["hazard"] else None,
            "least": Severity(row["least"]) if row["least"] else None,
            "members": tuple(member_of(text) for text in row["members"]),
            "channels": tuple(Channel(one) for one in row["channels"])
            if row["channels"] is not None
            else None,
            "quiet": QuietHours(*quiet) if quiet[0] is not None else None,
        }
    )
