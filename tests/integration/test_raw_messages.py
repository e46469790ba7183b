"""What stations really said is kept as it came, in the transaction of its batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from core.settings import Ingest
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.raw import HEAD_BYTES, MOST_STATIONS
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store import raw_messages
from tests.integration.ingesting import seed

AT = datetime.now(UTC).replace(microsecond=0)
LIMITS, KEEPING = Limits.of(Ingest()), Keeping.of(Ingest())


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    """A transaction in which stations are known; nothing of it stays."""
    seed(database)
    with psycopg.connect(database, options="-c timezone=UTC") as opened:
        yield opened
        opened.rollback()


def receive(connection: Connection[Any], *messages: Inbound, **more: Any) -> None:
    write(connection, messages, Directory(), LIMITS, keeping=KEEPING, **more)


def kept(connection: Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select station, exercise, topic, format, payload, size, readings, faults from raw_message"
        " order by received_at, topic, station"
    ).fetchall()


def said(
    code: str, payload: bytes = b"", *, seconds: int = 0, topic: str = "", repeated: bool = False
) -> Inbound:
    return Inbound(topic or f"anlan/obs/{code}", payload, AT + timedelta(seconds=seconds), repeated=repeated)


def reading(level: float = 3.4) -> bytes:
    return b'{"time": "%s", "values": {"water_level": %g}}' % (AT.isoformat().encode(), level)


def test_a_message_is_kept_as_it_came_with_what_was_made_of_it(connection: Connection[Any]) -> None:
    receive(connection, said("RIVER1", reading()), said("RIVER2", b"{broken", seconds=1))
    assert kept(connection) == [
        ("RIVER1", None, "anlan/obs/RIVER1", "obs", reading(), len(reading()), 1, 0),
        ("RIVER2", None, "anlan/obs/RIVER2", "obs", b"{broken", 7, 0, 1),
    ]


def test_a_message_that_comes_twice_stands_twice(connection: Connection[Any]) -> None:
    receive(connection, said("RIVER1", reading()))
    receive(connection, said("RIVER1", reading(), seconds=5))
    assert len(kept(connection)) == 2


def test_a_batch_whose_commit_nobody_heard_of_stands_once(connection: Connection[Any]) -> None:
    batch = [said("RIVER1", reading()), said("RIVER2", reading(), seconds=1)]
    receive(connection, batch[0])
    receive(connection, *(said(f"RIVER{n + 1}", reading(), seconds=n, repeated=True) for n in range(2)))
    assert [row[0] for row in kept(connection)] == ["RIVER1", "RIVER2"]


def test_a_drill_keeps_its_exercise_even_where_no_format_reads_it(connection: Connection[Any]) -> None:
    receive(
        connection,
        said("", reading(), topic="anlan/drill/EX1/obs/RIVER1"),
        said("", b"?", topic="anlan/drill/EX1/nonsense/1", seconds=1),
    )
    assert [(row[0], row[1]) for row in kept(connection)] == [("RIVER1", "EX1"), (None, "EX1")]


def test_an_unknown_station_is_found_under_its_name_once_it_is_imported(connection: Connection[Any]) -> None:
    receive(connection, said("LATER9", reading()))
    (line,) = raw_messages.page(connection, "LATER9", None, since=AT - timedelta(days=1))
    assert (line.faults, line.readings) == (1, 0)
    one = raw_messages.message(connection, "LATER9", line.received_at, line.id)
    assert one.payload == reading()


def test_a_network_message_is_under_every_station_it_speaks_of(connection: Connection[Any]) -> None:
    pack = b'{"RIVER1": [{"water_level": 1.5}], "RIVER2": [{"water_level": 2.5}], "NOBODY": [{"water_level": 1}]}'
    receive(connection, said("", pack, topic="anlan/thingsboard/gateway-7"))
    assert [row[0] for row in kept(connection)] == ["RIVER1", "RIVER2"]


def test_a_gateway_with_hundreds_of_stations_makes_few_copies(connection: Connection[Any]) -> None:
    connection.execute(
        "insert into station (code, name, name_en, kind, lon, lat)"
        " select 'MANY' || n, 'n', 'n', 'ZZ', 121, 29 from generate_series(1, 60) n"
    )
    pack = "{" + ", ".join(f'"MANY{n}": [{{"water_level": 1.5}}]' for n in range(1, 61)) + "}"
    receive(connection, said("", pack.encode(), topic="anlan/thingsboard/gateway-7"))
    assert len(kept(connection)) == MOST_STATIONS


def test_a_frame_is_under_the_station_that_its_address_means(connection: Connection[Any]) -> None:
    connection.execute("insert into station_source (station, address) values ('RIVER1', '0060412301')")
    keep_alive = bytes.fromhex("7E7E0100604123011A2B2F0008020007260715080040031137")
    receive(
        connection,
        said("", keep_alive, topic="anlan/sl651/dtu-9"),
        said("", keep_alive[:-1] + b"?", topic="anlan/sl651/dtu-9", seconds=1),
    )
    assert [(row[0], row[3], row[6]) for row in kept(connection)] == [
        ("RIVER1", "sl651", 0),
        (None, "sl651", 0),
    ]


def test_of_a_long_message_the_head_is_kept_and_of_a_picture_nothing(connection: Connection[Any]) -> None:
    long = b"[" + b" " * 50_000
    picture = b"\xff\xd8\xff\xe0" + b"x" * 900
    receive(
        connection, said("RIVER1", long), said("", picture, topic="anlan/camera/CAM1/snapshot", seconds=1)
    )
    assert [(len(row[4]), row[5]) for row in kept(connection)] == [(HEAD_BYTES, 50_001), (0, 904)]


def test_a_retry_adds_no_row(connection: Connection[Any]) -> None:
    receive(connection, said("RIVER1", reading()), keep_faults=False)
    assert kept(connection) == []


def test_pages_go_on_where_the_last_ended(connection: Connection[Any]) -> None:
    receive(connection, *(said("RIVER1", reading(), seconds=n // 3) for n in range(10)))
    since, seen, before = AT - timedelta(days=1), [], None
    while lines := raw_messages.page(connection, "RIVER1", None, since=since, before=before, limit=4):
        seen += [line.id for line in lines]
        before = (lines[-1].received_at, lines[-1].id)
    assert len(seen) == len(set(seen)) == 10


def test_keeping_costs_little_beside_storing(connection: Connection[Any], full: bool) -> None:
    """15 µs a message is the target, measured with batches of 500; the bound here forgives a busy machine."""
    batch = [said("RIVER1", reading(n / 100), seconds=n) for n in range(500)]
    rows = [
        raw_messages.RawMessage(one.received_at, "RIVER1", None, one.topic, "obs", one.payload, 64, 1, 0)
        for one in batch
    ]
    costs = []
    for _ in range(100 if full else 12):
        begin = time.perf_counter()
        raw_messages.keep(connection, rows)
        costs.append((time.perf_counter() - begin) / len(rows) * 1e6)
    print(f"raw messages: best {min(costs):.1f} µs, median {sorted(costs)[len(costs) // 2]:.1f} µs a message")
    assert min(costs) < 60
