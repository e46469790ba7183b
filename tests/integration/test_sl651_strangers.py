"""Who means harm at the port of SL 651: lines that are only held, noise without end. Stations are heard all the same."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from formats.sl651 import Function
from formats.sl651.encode import Group, Station, Value, encode_report
from ingest.sl651.strangers import MOST_OF_ADDRESS
from tests.integration.ingesting import Ingest, number, running_ingest, seed, until
from tests.integration.sl651_stations import ADDRESS, Plain, bind, link_of, now, port_of, values


@pytest.fixture(scope="module")
def ingest(
    environment: dict[str, str], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    folder = tmp_path_factory.mktemp("ingest")
    bind(database, folder, networks="127.0.0.1")
    secret = f"RIVER3,{ADDRESS['RIVER3']},127.0.0.1,9999"
    bind(database, folder, "code,address,networks,password", secret)
    bounds = {"sl651_connections": 30, "sl651_connections_per_address": 20}
    with running_ingest(environment, folder, sl651_port=0, sl651_host="127.0.0.1", **bounds) as running:
        yield running


def report(station: str, level: float) -> bytes:
    link = link_of(station)
    group = Group(now().replace(second=0), (Value("39", level),))
    return encode_report(link, Function.TIMED, 1, now(), (Station(link.address, "H", (group,)),))


def is_heard(port: int, database: str, level: float) -> bool:
    """Whether a station that dials in now is confirmed and stored."""
    line = Plain(port)
    line.send(report("RIVER1", level))
    answered = len(line.frames()) == 1
    line.close()
    with psycopg.connect(database) as view:
        return answered and level in [value for _, value in values(view, "RIVER1", "water_level")]


def test_lines_that_are_only_held_keep_no_station_out(ingest: Ingest, database: str) -> None:
    port = port_of(ingest)
    held = [Plain(port, f"127.0.0.{2 + count // 15}") for count in range(45)]
    for line in held[-30:]:
        line.send(b"\x00" * 10)
    try:
        assert is_heard(port, database, 3.5)
    finally:
        for line in held:
            line.close()


def test_noise_without_end_fills_no_disk(ingest: Ingest, database: str) -> None:
    port, source = port_of(ingest), "127.0.0.9"
    with psycopg.connect(database, autocommit=True) as view:
        count = "select count(*) from {} where topic = 'tcp:sl651:127.0.0.9'"
        calls = 0

        def call() -> bool:
            nonlocal calls
            for _ in range(25):
                calls += 1
                line = Plain(port, source)
                # Each another piece, or it would be kept but once.
                line.send(b"GET /%d HTTP/1.1\r\n" % calls)
                line.close()
            return bool(number(view, count.format("quarantine")) >= MOST_OF_ADDRESS)

        until(call)
        call()
        assert is_heard(port, database, 4.5)
        assert number(view, count.format("quarantine")) == MOST_OF_ADDRESS
        assert number(view, count.format("raw_message")) == MOST_OF_ADDRESS
    until(lambda: "no more of what strangers say" in ingest.log.read_text())


def test_who_guesses_at_passwords_from_elsewhere_is_held_off(ingest: Ingest, database: str) -> None:
    port, source = port_of(ingest), "127.0.0.30"
    line = Plain(port, source)
    line.send(report("RIVER3", 9.9) * 3)
    assert line.is_closed()
    again = Plain(port, source)
    assert again.is_closed()
    assert is_heard(port, database, 5.5)
    with psycopg.connect(database) as view:
        assert values(view, "RIVER3", "water_level") == []
