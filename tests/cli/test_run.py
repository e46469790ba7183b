"""`anlan run` keeps the roles alive, and ends them all when told."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import roles
from cli.processes import Process
from cli.services.ports import free_ports

_ROLES = ("ingest", "derive", "alerts", "dispatch", "canary", "web")


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`anlan run` with real services and a database of this module."""
    env = roles.environment({**environment, "ANLAN_WEB__PORT": str(free_ports(1)[0])})
    with (tmp_path / "run.log").open("wb") as log:
        process = subprocess.Popen(roles.command("run"), env=env, cwd=tmp_path, stdout=log, stderr=log)
    _until(lambda: set(_children(process.pid)) == set(_ROLES))
    yield process
    process.kill()
    process.wait()


def test_a_killed_role_comes_back_and_sigterm_ends_all(running: "subprocess.Popen[bytes]") -> None:
    before = _children(running.pid)

    before["ingest"].send(signal.SIGKILL)
    _until(lambda: _children(running.pid).get("ingest") not in (None, before["ingest"]))
    after = _children(running.pid)
    running.terminate()

    assert running.wait(30) == 0
    assert [name for name, process in after.items() if process.is_alive()] == []


def test_killing_the_supervisor_leaves_no_role(running: "subprocess.Popen[bytes]") -> None:
    children = _children(running.pid)

    running.kill()

    _until(lambda: not any(process.is_alive() for process in children.values()))


def _children(pid: int) -> dict[str, Process]:
    """The roles which are children of a process, by the last word of their command."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            words = Path(f"/proc/{child}/cmdline").read_text().rstrip("\0").split("\0")
            found[words[-1]] = Process.of(int(child))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.05)
