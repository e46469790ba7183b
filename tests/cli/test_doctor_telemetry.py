"""What the doctor says of stations that speak SL 651."""

import socket
from pathlib import Path

import psycopg
import pytest

from cli.doctor.telemetry import examine_telemetry
from core.settings import Settings
from store.station_sources import propose_base
from tests.integration.ingesting import seed
from tests.integration.sl651_stations import bind


@pytest.fixture
def settings(another_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    seed(another_database)
    return Settings()


def told(settings: Settings) -> list[tuple[str, str]]:
    return [(finding.state.value, finding.text) for finding in examine_telemetry(settings)]


def test_nothing_is_said_where_nobody_speaks_it(settings: Settings) -> None:
    assert told(settings) == []


def test_a_port_without_stations_and_stations_without_a_port_are_told(
    settings: Settings, another_database: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.ingest.sl651_host, settings.ingest.sl651_port = server.getsockname()[:2]
        assert [state for state, _ in told(settings)] == ["warning", "good"]
        bind(another_database, tmp_path)
        assert [state for state, _ in told(settings)] == ["good", "good"]
    assert told(settings)[1][0] == "bad"
    settings.ingest.sl651_port = None
    assert told(settings) == [("warning", "10 stations are listed to dial in, and no port is set")]


def test_a_base_level_that_differs_from_the_one_set_is_named(
    settings: Settings, another_database: str, tmp_path: Path
) -> None:
    bind(another_database, tmp_path, "code,address,base_1_m", "RIVER1,0060412301,20.00")
    with psycopg.connect(another_database) as connection:
        propose_base(connection, "RIVER1", 1, 20.01)
    assert [state for state, _ in told(settings)] == ["good"]
    with psycopg.connect(another_database) as connection:
        propose_base(connection, "RIVER1", 1, 20.5)
    assert "RIVER1 level 1: 20.50 m (set: 20.00 m)" in told(settings)[1][1]
