"""Transfers in several packets on their way (SL 651, mode M3): each packet lies here once it is acknowledged.

The row of a transfer is locked by whoever adds a packet, so two receivers that share the load see each
other's packets, and exactly one of them finds the transfer whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from store.connection import rows

_COLUMNS: LiteralString = (
    "id, exercise, address, function, total, topic, started_at, heard_at, bytes, asked, whole_at"
)

_OPEN: LiteralString = f"""
insert into telemetry_transfer (exercise, address, function, total, topic, started_at, heard_at)
values (%(exercise)s, %(address)s, %(function)s, %(total)s, %(topic)s, %(at)s, %(at)s)
on conflict (exercise, address, function) do update set
    heard_at = greatest(telemetry_transfer.heard_at, excluded.heard_at), topic = excluded.topic
returning {_COLUMNS}
"""

_ADD: LiteralString = """
with added as (
    insert into telemetry_packet (transfer, number, frame) values (%(transfer)s, %(number)s, %(frame)b)
    on conflict do nothing returning octet_length(frame) as size
)
update telemetry_transfer set bytes = bytes + coalesce((select size from added), 0)
where id = %(transfer)s
returning bytes, (select count(*) from telemetry_packet where transfer = %(transfer)s)
    + (select count(*) from added)
"""

_SILENT: LiteralString = f"""
select {_COLUMNS} from telemetry_transfer
where heard_at < %(now)s - make_interval(secs => %(silence_s)s) and whole_at is null and asked < %(most)s
    and (asked_at is null or asked_at < %(now)s - make_interval(secs => %(silence_s)s))
for update skip locked
"""

_OLD: LiteralString = f"""
select {_COLUMNS} from telemetry_transfer where heard_at < %s for update skip locked
"""

_OLDEST: LiteralString = f"""
select {_COLUMNS} from telemetry_transfer where exercise is not distinct from %s and whole_at is null
order by heard_at limit %s for update skip locked
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer of a station; `asked` counts how often missing packets were asked for."""

    id: int
    exercise: str | None
    address: str
    function: int
    total: int
    topic: str
    started_at: datetime
    heard_at: datetime
    bytes: int
    asked: int
    whole_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opening:
    """Which transfer a packet belongs to."""

    exercise: str | None
    address: str
    function: int
    total: int
    topic: str
    at: datetime


def open_transfer(connection: Connection[Any], opening: Opening) -> Transfer:
    """The station's transfer of this function, begun if there is none; locked until the transaction ends."""
    values = {name: getattr(opening, name) for name in Opening.__slots__}
    return rows(connection, Transfer, _OPEN, values)[0]


def add_packet(connection: Connection[Any], transfer: int, number: int, frame: bytes) -> tuple[int, int]:
    """Keeps a packet, once; returns the bytes and the number of packets that are there now."""
    found = connection.execute(_ADD, {"transfer": transfer, "number": number, "frame": frame}).fetchone()
    assert found is not None
    return found[0], found[1]


def packets(connection: Connection[Any], transfer: int) -> dict[int, bytes]:
    """The frames of the packets that are there, by number."""
    found = connection.execute(
        "select number, frame from telemetry_packet where transfer = %s order by number", (transfer,)
    )
    return {number: bytes(frame) for number, frame in found}


def packet(connection: Connection[Any], transfer: int, number: int) -> bytes | None:
    """The frame of one packet, if it is there."""
    found = connection.execute(
        "select frame from telemetry_packet where transfer = %s and number = %s", (transfer, number)
    ).fetchone()
    return bytes(found[0]) if found else None


def count_asked(connection: Connection[Any], transfer: int, at: datetime) -> None:
    """Missing packets are asked for once more."""
    connection.execute(
        "update telemetry_transfer set asked = asked + 1, asked_at = %s where id = %s", (at, transfer)
    )


def complete(connection: Connection[Any], transfer: int, at: datetime) -> None:
    """The transfer is whole and read. Its first packet stays a while: it tells this transfer sent again from
    another, and holds the serial of its confirmation."""
    connection.execute("delete from telemetry_packet where transfer = %s and number > 1", (transfer,))
    connection.execute("update telemetry_transfer set whole_at = %s where id = %s", (at, transfer))


def close(connection: Connection[Any], transfer: int) -> None:
    """Forgets a transfer and its packets."""
    connection.execute("delete from telemetry_transfer where id = %s", (transfer,))


def silent(connection: Connection[Any], now: datetime, silence: timedelta, most_asked: int) -> list[Transfer]:
    """Transfers with holes of which nothing came for `silence`, locked."""
    values = {"now": now, "silence_s": silence.total_seconds(), "most": most_asked}
    return rows(connection, Transfer, _SILENT, values)


def older(connection: Connection[Any], than: datetime) -> list[Transfer]:
    """Transfers, whole or not, of which nothing came since, locked."""
    return rows(connection, Transfer, _OLD, (than,))


def oldest(connection: Connection[Any], exercise: str | None, count: int) -> list[Transfer]:
    """The transfers of which nothing came for longest, locked but for those that others hold."""
    return rows(connection, Transfer, _OLDEST, (exercise, count))


def on_their_way(connection: Connection[Any], exercise: str | None) -> int:
    """Transfers on their way, of the real world or an exercise."""
    found = connection.execute(
        "select count(*) from telemetry_transfer where exercise is not distinct from %s and whole_at is null",
        (exercise,),
    ).fetchone()
    return found[0] if found else 0
