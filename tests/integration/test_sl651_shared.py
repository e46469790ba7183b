"""Two receivers at once: packets of one transfer may come to both, and only one of them has the port."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import psycopg
import pytest

from cli import roles
from cli.services.ports import free_ports, is_open
from core.settings import Ingest as IngestSettings
from drill.rtu.unit import Unit
from formats.sl651.encode import encode_picture
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import Written, write
from tests.integration.ingesting import number, running_ingest, seed, until
from tests.integration.sl651_stations import bind, dialling, jpeg, link_of, now

SETTINGS = IngestSettings()


def written(connection: psycopg.Connection[tuple[object, ...]], payload: bytes) -> Written:
    message = Inbound("anlan/sl651/gw", payload, now())
    limits, keeping = Limits.of(SETTINGS), Keeping.of(SETTINGS)
    return write(connection, [message], Directory(), limits, keeping=keeping)


def test_a_transfer_whose_packets_go_to_two_receivers_is_whole_for_exactly_one(
    another_database: str, tmp_path: Path
) -> None:
    seed(another_database)
    bind(another_database, tmp_path, networks="")
    packets = encode_picture(link_of("RIVER1"), 9, now(), "H", now(), jpeg())
    half = len(packets) // 2
    with (
        psycopg.connect(another_database) as one,
        psycopg.connect(another_database) as other,
        psycopg.connect(another_database, autocommit=True) as view,
    ):
        first = written(one, b"".join(packets[:half]))
        results: list[Written] = []

        def second() -> None:
            results.append(written(other, b"".join(packets[half:])))
            other.commit()

        thread = threading.Thread(target=second)
        thread.start()
        waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        until(lambda: number(view, waits) == 1)
        one.commit()
        thread.join(10)
        [late] = results[0].understood
        assert late.talk is not None
        assert [len(late.talk.confirmations), len(late.talk.asks)] == [1, 0]
        [early] = first.understood
        assert early.talk is not None
        assert early.talk.confirmations == []
        assert number(view, "select count(*) from station_picture") == 1


def test_a_batch_that_fails_leaves_no_packet_behind(another_database: str, tmp_path: Path) -> None:
    seed(another_database)
    bind(another_database, tmp_path, networks="")
    packets = encode_picture(link_of("RIVER1"), 9, now(), "H", now(), jpeg())
    with psycopg.connect(another_database) as connection:
        written(connection, packets[0])
        connection.rollback()
        assert number(connection, "select count(*) from telemetry_packet") == 0
        written(connection, b"".join(packets[1:]))
        [again] = written(connection, packets[0]).understood
        assert again.talk is not None
        assert len(again.talk.confirmations) == 1


def test_who_finds_the_port_taken_goes_on_and_takes_it_when_it_is_free(
    another_database: str, environment: dict[str, str], tmp_path: Path
) -> None:
    own = {**environment, "ANLAN_DATABASE_URL": another_database}
    seed(another_database)
    bind(another_database, tmp_path)
    [port] = free_ports(1)
    (tmp_path / "other").mkdir()
    listening = {"sl651_port": port, "sl651_host": "127.0.0.1"}
    unit = Unit(link_of("RIVER2"), "H")
    with (
        running_ingest(own, tmp_path, **listening) as one,
        running_ingest(own, tmp_path / "other", **listening) as other,
        dialling(unit, port) as runner,
    ):
        until(lambda: "no station can dial in" in other.log.read_text())
        with runner.lock:
            unit.measure(now().replace(second=0), {"39": 2.5})
        until(lambda: len(unit.confirmed) == 1)
        one.kill()
        with runner.lock:
            unit.measure(now().replace(second=0), {"39": 2.75})
        until(lambda: len(unit.confirmed) == 2)
        assert "stations can dial in" in other.log.read_text()


def test_a_decoder_that_fails_loses_no_packet(
    another_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(another_database)
    bind(another_database, tmp_path, networks="")
    packets = encode_picture(link_of("RIVER1"), 9, now(), "H", now(), jpeg())

    def fails(*_: object) -> None:
        raise ValueError("a fault of our own")

    with psycopg.connect(another_database) as connection:
        for packet in packets[:-1]:
            written(connection, packet)
        with monkeypatch.context() as patched:
            patched.setattr("ingest.kinds.sl651.judge_readings", fails)
            written(connection, packets[-1])
        reason, payload = connection.execute("select reason, payload from quarantine").fetchall()[0]
        assert reason == "decoder_failed"
        assert all(packet in bytes(payload) for packet in packets)


def test_the_port_of_the_command_line_is_listened_on(
    another_database: str, environment: dict[str, str], tmp_path: Path
) -> None:
    [port] = free_ports(1)
    own = {**environment, "ANLAN_DATABASE_URL": another_database, "ANLAN_INGEST__INSTANCE": f"cli{port}"}
    process = subprocess.Popen(
        roles.command("ingest", "--sl651-port", str(port)),
        env=roles.environment({**own, "ANLAN_INGEST__SL651_HOST": "127.0.0.1"}),
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: is_open(port))
    finally:
        process.terminate()
        assert process.wait(20) == 0
