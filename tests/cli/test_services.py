"""The embedded services heal, keep what they hold, and leave nothing running."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cli.services import Services
from cli.setup import state


@pytest.mark.parametrize("name", ["postgresql", "mosquitto", "bearerbox", "smsbox"])
def test_a_killed_service_is_back_within_seconds(services: Services, name: str) -> None:
    killed = services.processes()[name]

    killed.send(signal.SIGKILL)

    _until(lambda: name in services.processes() and services.processes()[name] != killed, 10)
    _until(lambda: all(services.ready().values()), 10)


def test_smsbox_falls_and_rises_with_bearerbox(services: Services) -> None:
    before = services.processes()

    before["bearerbox"].send(signal.SIGKILL)

    _until(
        lambda: (
            all(services.ready().values())
            and services.processes().get("smsbox") not in (None, before["smsbox"])
        ),
        10,
    )
    assert not before["smsbox"].is_alive()


def test_starting_what_runs_changes_nothing(services: Services) -> None:
    before = services.processes()

    begun = time.monotonic()
    Services(services.home).start()

    assert services.processes() == before
    assert time.monotonic() - begun < 2


def test_no_service_runs_as_root(services: Services) -> None:
    for name, process in services.processes().items():
        if name != "supervisor":
            status = Path(f"/proc/{process.pid}/status").read_text()
            uids = next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
            assert "0" not in uids, name


def test_a_database_is_a_fresh_copy_with_the_schema_and_durable(database: str) -> None:
    with psycopg.connect(database) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)
        found = connection.execute("SELECT extname FROM pg_extension WHERE extname = 'timescaledb'")
        assert found.fetchone()
        assert connection.execute("SELECT count(*) FROM observation").fetchone() == (0,)


def test_nothing_is_left_running_even_after_a_killed_supervisor(second_home: Path) -> None:
    others = Services(second_home)
    others.start()
    running = others.processes()
    assert set(running) == {"supervisor", "postgresql", "mosquitto", "bearerbox", "smsbox"}

    running["supervisor"].send(signal.SIGKILL)
    others.stop()

    assert [name for name, process in running.items() if process.is_alive()] == []


def test_throw_away_services_go_with_a_killed_test_run(second_home: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from cli.services import Services\n"
        "with Services(Path(sys.argv[1])):\n"
        "    print('up', flush=True); time.sleep(60)\n"
    )
    words = [sys.executable, "-c", code, str(second_home)]
    with subprocess.Popen(words, cwd=state.checkout(), stdout=subprocess.PIPE) as run:
        assert run.stdout and run.stdout.readline() == b"up\n"
        running = Services(second_home).processes()
        assert len(running) == 5
        run.kill()

    _until(lambda: not any(process.is_alive() for process in running.values()), 10)


def test_two_state_folders_run_side_by_side_with_other_ports_and_secrets(
    services: Services, second_home: Path
) -> None:
    with Services(second_home) as others:
        ours, theirs = services.env(), others.env()
        same = {name for name in ours if ours[name] == theirs[name]}
        assert same == {"ANLAN_SMS__USER"}
        _until(lambda: all(services.ready().values()) and all(others.ready().values()), 5)


def test_a_port_that_another_program_took_meanwhile_is_replaced(second_home: Path) -> None:
    services = Services(second_home)
    with services:
        port = services.broker.port

    with socket.create_server(("127.0.0.1", port)), services:
        assert services.broker.port != port
        _until(lambda: all(services.ready().values()), 5)


@pytest.fixture
def second_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="anlan-second-"))
    home.chmod(0o755)
    yield home
    Services(home).stop()
    shutil.rmtree(home)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.05)
