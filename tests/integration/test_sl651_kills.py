"""Nothing is lost and nothing doubled when ingest is killed between a frame and its confirmation."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.services.ports import free_ports
from drill.rtu.unit import Unit
from formats.sl651 import Function
from formats.sl651.encode import Group, Value
from tests.integration.ingesting import number, running_ingest, seed, until
from tests.integration.sl651_stations import bind, dialling, jpeg, link_of, now, values

STATIONS = ("RIVER1", "RIVER2", "RIVER3")


def play(database: str, environment: dict[str, str], folder: Path, *, reports: int, kills: int) -> None:
    """RTUs report without pause while ingest is killed and started again; all of it must be there once."""
    seed(database)
    bind(database, folder)
    [port] = free_ports(1)
    units = [Unit(link_of(station), "H", wait=timedelta(seconds=1)) for station in STATIONS]
    picture = jpeg(320, 240)
    first = now().replace(second=0) - timedelta(days=2)
    told: dict[str, list[tuple[datetime, float]]] = {station: [] for station in STATIONS}
    with (
        running_ingest(environment, folder, sl651_port=port, sl651_host="127.0.0.1") as ingest,
        dialling(units[0], port) as one,
        dialling(units[1], port) as two,
        dialling(units[2], port) as three,
    ):
        runners = (one, two, three)
        kill_at = [reports * (turn + 1) // (kills + 1) for turn in range(kills)]
        for count in range(reports):
            for station, runner in zip(STATIONS, runners, strict=True):
                moment, level = first + count * timedelta(minutes=1), round(1 + count / 1000, 3)
                told[station].append((moment, level))
                with runner.lock:
                    group = Group(moment, [Value("39", level)])
                    runner.unit.report(now(), Function.TIMED, [group])
                    if count == reports // 2:
                        runner.unit.send_picture(now(), picture)
            if count in kill_at:
                dialled = [runner.dialled for runner in runners]
                ingest.kill()
                ingest.start()
                until(
                    lambda dialled=dialled: all(  # type: ignore[misc]
                        runner.dialled > before for runner, before in zip(runners, dialled, strict=True)
                    ),
                    30,
                )
            until(lambda: all(runner.unit.waiting < 50 for runner in runners), 60, 0.01)
        until(lambda: not any(runner.unit.waiting for runner in runners), 60)
        assert [runner.unit.unconfirmed for runner in runners] == [[], [], []]
    with psycopg.connect(database, autocommit=True) as view:
        for station in STATIONS:
            assert values(view, station, "water_level") == told[station]
        assert number(view, "select count(*) from station_picture") == len(STATIONS)
        revised = "select count(*) from observation_revision"
        assert number(view, revised) == 0
        assert number(view, "select count(*) from quarantine") == 0


def test_killed_twice(another_database: str, environment: dict[str, str], tmp_path: Path) -> None:
    own = {**environment, "ANLAN_DATABASE_URL": another_database}
    play(another_database, own, tmp_path, reports=60, kills=2)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_killed_twenty_times(another_database: str, environment: dict[str, str], tmp_path: Path) -> None:
    own = {**environment, "ANLAN_DATABASE_URL": another_database}
    play(another_database, own, tmp_path, reports=600, kills=20)


def test_a_frame_is_committed_but_its_confirmation_never_left(
    another_database: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """The database holds the commit back; ingest dies in it; the RTU sends again."""
    own = {**environment, "ANLAN_DATABASE_URL": another_database}
    seed(another_database)
    bind(another_database, tmp_path)
    [port] = free_ports(1)
    unit = Unit(link_of("RIVER1"), "H", wait=timedelta(seconds=1))
    with (
        running_ingest(own, tmp_path, sl651_port=port, sl651_host="127.0.0.1") as ingest,
        psycopg.connect(another_database) as holder,
        psycopg.connect(another_database, autocommit=True) as view,
        dialling(unit, port) as runner,
    ):
        holder.execute("lock table observation in access exclusive mode")
        with runner.lock:
            unit.measure(now().replace(second=0), {"39": 2.5})
        waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        until(lambda: number(view, waits) > 0)
        assert unit.confirmed == []
        ingest.kill()
        holder.rollback()
        time.sleep(0.2)
        ingest.start()
        until(lambda: len(unit.confirmed) == 1)
        assert [value for _, value in values(view, "RIVER1", "water_level")] == [2.5]
        rows: list[Any] = view.execute("select 1 from observation").fetchall()
        assert len(rows) == 1
