"""`anlan replay`: every reading of a past flood through broker and ingest into the database, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cli.main import main
from cli.replaying import Playing
from core.errors import ConflictError
from core.stations import Station, StationKind
from drill.replay import Replay, load
from drill.scenario import Scenario
from store import stations
from tests.integration.ingesting import Ingest, running_ingest

SPEED = 1e9


@pytest.fixture
def here(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process has the settings of the test's services and database."""
    for name, value in environment.items():
        if name.startswith("ANLAN_"):
            monkeypatch.setenv(name, value)
    return environment


@pytest.fixture(scope="module")
def ingest(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with running_ingest(environment, tmp_path_factory.mktemp("ingest"), session_expiry_s=60) as running:
        yield running


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the flood's first 500 readings, where the count does not matter."""

    def begin(chosen: Scenario) -> Replay:
        whole = load(chosen)
        return replace(whole, readings=whole.readings[:500])

    monkeypatch.setattr("cli.replaying.load", begin)


def play(said: list[str], **options: object) -> int:
    settings = {"scenario": "ditwah-2025", "speed": SPEED, "patience_s": 60.0, **options}
    return Playing(say=said.append, **settings).play()  # type: ignore[arg-type]


def count(database: str, query: str, *values: object) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return int(row[0])


ROWS = "select count(*) from public_v1.observation where exercise is not distinct from %s"


# This test comes first: no ingest has subscribed to the broker yet.
@pytest.mark.usefixtures("here", "short")
def test_with_nobody_at_the_other_end_it_gives_up_and_fails(
    another_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    said: list[str] = []
    assert play(said, patience_s=3.0) == 1
    assert any(line.startswith("gave up") for line in said)
    assert any("rows found 0, missing 500" in line for line in said)


@pytest.mark.usefixtures("here", "ingest")
def test_every_reading_arrives_once_and_twice_is_still_once(database: str) -> None:
    said: list[str] = []
    assert play(said) == 0
    assert "acknowledged by the centre 6760" in "\n".join(said)
    assert count(database, ROWS, None) == 6760
    assert count(database, "select count(*) from threshold where replaced_at is null") == 117
    assert count(database, "select count(*) from station where origin = 'scenario:ditwah-2025'") == 40
    assert play(said) == 0
    assert count(database, ROWS, None) == 6760
    assert count(database, "select count(*) from observation_revision") == 0
    assert count(database, "select count(*) from threshold") == 117


@pytest.mark.usefixtures("here", "ingest", "short")
def test_without_seq_what_arrived_is_counted_from_the_database(database: str) -> None:
    said: list[str] = []
    assert play(said, numbered=False, exercise="no-seq") == 0
    assert "rows found 500, missing 0, doubled 0, with another value 0" in said
    assert count(database, ROWS, "no-seq") == 500


@pytest.mark.usefixtures("here", "short")
def test_a_reading_that_is_missing_makes_the_replay_fail(
    database: str, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is taken out between the last acknowledgement and the count."""
    said: list[str] = []
    playing = Playing(scenario="ditwah-2025", speed=SPEED, exercise="holes", say=said.append)
    show = playing._show

    def lose(*args: object, final: bool = False) -> None:
        show(*args, final=final)  # type: ignore[arg-type]
        if final:
            with psycopg.connect(database) as connection:
                connection.execute(
                    "delete from observation using series where series.id = observation.series"
                    " and series.exercise = 'holes' and series.station = 'hanwella'"
                )

    monkeypatch.setattr(playing, "_show", lose)
    assert playing.play() == 1
    assert any("missing" in line and "missing 0" not in line for line in said)


@pytest.mark.usefixtures("here", "ingest", "short")
def test_on_a_database_with_real_stations_it_is_an_exercise(database: str) -> None:
    before = count(database, ROWS, None)
    with psycopg.connect(database) as connection:
        real = Station("real-1", "真实站", "Real", StationKind.RIVER_LEVEL, None, 121.9, 29.5)
        stations.save_station(connection, real)
    try:
        said: list[str] = []
        assert play(said, end=True) == 0
        with psycopg.connect(database) as connection:
            found = connection.execute(
                "select code, ended_at is not null from exercise where code like 'ditwah-2025-%'"
            ).fetchall()
        assert len(found) == 1
        code, has_ended = found[0]
        assert has_ended
        assert count(database, ROWS, code) == 500
        assert count(database, ROWS, None) == before
    finally:
        with psycopg.connect(database) as connection:
            connection.execute("delete from station where code = 'real-1'")


@pytest.mark.usefixtures("here", "ingest", "short")
def test_what_ingest_put_into_quarantine_counts_as_missing(
    another_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exercise exists in another database only: ingest keeps the messages aside and acknowledges."""
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    said: list[str] = []
    assert play(said, exercise="unheard") == 1
    assert any("rows found 0, missing 500" in line for line in said)


@pytest.mark.usefixtures("here")
def test_a_gauge_whose_code_belongs_to_another_station_is_refused(
    another_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_DATABASE_URL", another_database)
    with psycopg.connect(another_database) as connection:
        theirs = Station("magura", "马古拉", "Magura", StationKind.RIVER, None, 80.2, 6.5)
        stations.save_station(connection, theirs)
    with pytest.raises(ConflictError, match="magura"):
        play([])
    assert count(another_database, "select count(*) from station") == 1


@pytest.mark.usefixtures("here")
def test_the_command_refuses_an_unknown_scenario_and_a_speed_of_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["replay", "nosuch"]) == 2
    assert "ditwah-2025" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["replay", "ditwah-2025", "--speed", "0"])
