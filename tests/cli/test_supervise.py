"""What dies comes back; what must stop stops, in order and for good."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.processes import Process
from cli.supervise import Program, Supervisor

_SLEEP = ("sleep", "60")


def test_a_killed_program_is_started_again_at_once() -> None:
    def play(seen: "Seen") -> None:
        first = seen.wait_for("a")
        begun = time.monotonic()
        first.send(signal.SIGKILL)
        second = seen.wait_for("a", other_than=first)

        assert second != first
        assert time.monotonic() - begun < 1

    _supervise([Program("a", _SLEEP)], play)


def test_one_that_keeps_failing_is_given_rest(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    failing = Program("failing", ["sh", "-c", f"echo >>{starts}; exit 1"])

    _supervise([failing], lambda seen: time.sleep(1.5))

    assert 2 <= len(starts.read_text()) <= 5


def test_a_failing_neighbour_does_not_hold_back_another() -> None:
    def play(seen: "Seen") -> None:
        first = seen.wait_for("good")
        first.send(signal.SIGKILL)
        assert seen.wait_for("good", other_than=first)

    never_ready = Program("slow", _SLEEP, is_ready=lambda: False)
    _supervise([Program("failing", ["false"]), never_ready, Program("good", _SLEEP)], play)


def test_what_falls_with_another_waits_for_it_falls_and_rises(tmp_path: Path) -> None:
    sign = tmp_path / "ready"

    def play(seen: "Seen") -> None:
        main = seen.wait_for("main")
        time.sleep(0.3)
        assert "with" not in seen.running
        sign.touch()
        companion = seen.wait_for("with")
        main.send(signal.SIGKILL)
        assert seen.wait_for("with", other_than=companion)
        assert not companion.is_alive()

    main = Program("main", _SLEEP, is_ready=sign.exists)
    _supervise([main, Program("with", _SLEEP, falls_with="main")], play)


def test_stops_in_reverse_order_and_kills_what_does_not_listen(tmp_path: Path) -> None:
    order = tmp_path / "order"
    obedient = f"trap 'echo first >>{order}; exit' TERM; while :; do sleep 0.05; done"
    deaf = f"trap 'echo second >>{order}' TERM; while :; do sleep 0.05; done"
    last: list[Process] = []

    def play(seen: "Seen") -> None:
        last.extend([seen.wait_for("first"), seen.wait_for("second")])
        time.sleep(0.2)

    programs = [
        Program("first", ["sh", "-c", obedient]),
        Program("second", ["sh", "-c", deaf], stop_timeout_s=0.5),
    ]
    _supervise(programs, play)

    assert order.read_text().split() == ["second", "first"]
    assert not any(process.is_alive() for process in last)


def test_a_program_that_is_not_there_is_said_and_tried_again() -> None:
    said: list[str] = []
    supervisor = Supervisor([Program("gone", ["/no/such/program"])], say=said.append)
    supervisor.on_turn = lambda: supervisor.stop() if said else None

    supervisor.run()

    assert "gone cannot be started" in said[0]


def test_children_end_with_a_killed_supervisor() -> None:
    code = (
        "from cli.supervise import Program, Supervisor\n"
        "Supervisor([Program('a', ['sleep', '60'])],"
        " on_change=lambda r: print(*(p.pid for p in r.values()), flush=True)).run()"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = Process.of(int(parent.stdout.readline()))
        parent.kill()
    assert child.wait(2)


def test_a_pid_used_again_is_not_the_same_process() -> None:
    me = Process.of(os.getpid())

    assert me.is_alive()
    assert not Process(me.pid, me.started - 1).is_alive()
    with pytest.raises(ProcessLookupError):
        Process.of(2**22 + 1)


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen(["true"])
    process = Process.of(child.pid)
    with _child_waited(child):
        until = time.monotonic() + 2
        while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < until
        assert not process.is_alive()


class Seen:
    """What the supervisor told."""

    def __init__(self) -> None:
        self.running: dict[str, Process] = {}

    def told(self, running: dict[str, Process]) -> None:
        self.running = running

    def wait_for(self, name: str, other_than: Process | None = None) -> Process:
        until = time.monotonic() + 5
        while (process := self.running.get(name)) in (None, other_than):
            assert time.monotonic() < until, f"{name} did not start"
            time.sleep(0.01)
        assert process
        return process


def _supervise(programs: list[Program], play: Callable[[Seen], None]) -> None:
    """Runs the supervisor here (it needs the main thread's signals) and the play beside it."""
    seen = Seen()
    supervisor = Supervisor(programs, on_change=seen.told, say=lambda line: None, on_turn=lambda: None)
    failures: list[BaseException] = []

    def act() -> None:
        try:
            play(seen)
        except BaseException as failure:
            failures.append(failure)
        finally:
            supervisor.stop()

    actor = threading.Thread(target=act)
    actor.start()
    supervisor.run()
    actor.join()
    if failures:
        raise failures[0]


@contextmanager
def _child_waited(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    yield
    child.wait()
