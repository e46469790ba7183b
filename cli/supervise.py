"""Keeps a set of child processes running: restarts what dies, stops all in order.

One thread, direct children: only a parent learns of a child's death at once, and a database whose
zombie keeps its pid cannot be started again (recipe: up again in 0.2 s this way, in up to 15 s
by any other).
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cli.processes import Process

_BACK_OFF_S = (0.1, 0.5, 1, 2, 5, 10)
_LASTING_S = 20
"""A child that ran this long starts again at the shortest delay."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A child to keep running.

    `falls_with` names a program that must be ready first and whose death ends this one too:
    Kannel's smsbox, left alone, forks away from its parent after ten seconds and then holds the
    port against its successor.
    """

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str] | None = None
    user: str | None = None
    log: Path | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10
    falls_with: str | None = None
    is_ready: Callable[[], bool] = lambda: True


@dataclass
class _Child:
    program: Program
    popen: "subprocess.Popen[bytes] | None" = None
    process: Process | None = None
    started_at: float = 0
    failures: int = 0
    due: float = 0
    was_ready: bool = False

    def is_ready(self) -> bool:
        """Asks the program until it first says yes: being asked is work for it too."""
        if self.popen is not None and not self.was_ready:
            self.was_ready = self.program.is_ready()
        return self.popen is not None and self.was_ready


@dataclass
class Supervisor:
    """Runs programs in the given order until it is told to stop by SIGTERM or SIGINT.

    They are stopped in the reverse order.
    `on_change` is told of every start and end: name → process. `on_turn` is called at least twice
    a second; without it the loop sleeps for seconds when all is well.
    """

    programs: Sequence[Program]
    on_change: Callable[[dict[str, Process]], None] = lambda running: None
    on_turn: Callable[[], None] | None = None
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)
    _children: list[_Child] = field(init=False)
    _stopping: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._children = [_Child(program) for program in self.programs]

    def run(self) -> None:
        """Returns when everything has ended."""
        with self._wake_on_signals() as wake:
            while not self._stopping:
                self._reap()
                self._start_due()
                if self.on_turn:
                    self.on_turn()
                wake(self._pause())
            self._stop_all()

    def stop(self) -> None:
        """Ends `run` soon; what a signal handler calls."""
        self._stopping = True

    @contextlib.contextmanager
    def _wake_on_signals(self) -> Iterator[Callable[[float], None]]:
        """Gives a sleep that a signal cuts short: a child's end is seen at once."""
        ours, signals = socket.socketpair()
        for end in (ours, signals):
            end.setblocking(False)
        before = signal.set_wakeup_fd(signals.fileno(), warn_on_full_buffer=False)
        handlers = {
            number: signal.signal(number, handler)
            for number, handler in (
                (signal.SIGCHLD, lambda *_: None),
                (signal.SIGTERM, lambda *_: self.stop()),
                (signal.SIGINT, lambda *_: self.stop()),
            )
        }
        selector = selectors.DefaultSelector()
        selector.register(ours, selectors.EVENT_READ)

        def wake(seconds: float) -> None:
            if selector.select(seconds):
                with contextlib.suppress(BlockingIOError):
                    ours.recv(4096)

        try:
            yield wake
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            selector.close()
            ours.close()
            signals.close()

    def _pause(self) -> float:
        """Sleeps long when all run; often while something waits to be ready or due."""
        if not all(child.is_ready() for child in self._children):
            return 0.05
        return 0.3 if self.on_turn else 5.0

    def _reap(self) -> None:
        now = time.monotonic()
        changed = False
        for child in self._children:
            if child.popen is None or child.popen.poll() is None:
                continue
            changed = True
            lasted = now - child.started_at
            child.failures = 0 if lasted > _LASTING_S else child.failures + 1
            delay = _BACK_OFF_S[min(child.failures, len(_BACK_OFF_S) - 1)] if child.failures else 0
            child.due = now + (delay if child.failures > 1 else 0)
            self.say(
                f"{child.program.name} ended ({_how(child.popen.returncode)}) after {lasted:.0f} s,"
                f" starting again in {child.due - now:.1f} s"
            )
            child.popen = child.process = None
            for other in self._children:
                if other.program.falls_with == child.program.name and other.popen:
                    other.popen.kill()
                    other.popen.wait()
                    other.popen = other.process = None
                    other.due = now
        if changed:
            self._tell()

    def _start_due(self) -> None:
        for child in self._children:
            if child.popen is None and child.due <= time.monotonic() and self._may_start(child):
                self._start(child)

    def _may_start(self, child: _Child) -> bool:
        """What falls with another waits for it; nothing else waits for a slow neighbour."""
        return all(
            other.is_ready() for other in self._children if other.program.name == child.program.falls_with
        )

    def _start(self, child: _Child) -> None:
        program = child.program
        output = _private_log(program.log) if program.log else None
        try:
            child.popen = subprocess.Popen(
                [str(word) for word in program.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                env=program.env,
                cwd=program.cwd,
                start_new_session=True,
                preexec_fn=lambda: _die_with_parent(program.stop_signal),
                user=program.user,
                group=program.user,
                extra_groups=[] if program.user else None,
            )
        except OSError as error:
            child.failures += 1
            child.due = time.monotonic() + _BACK_OFF_S[-1]
            self.say(f"{program.name} cannot be started: {error}")
            return
        finally:
            if output:
                output.close()
        child.started_at = time.monotonic()
        child.was_ready = False
        child.process = Process.of(child.popen.pid)
        self._tell()

    def _stop_all(self) -> None:
        for child in reversed(self._children):
            if child.popen is None:
                continue
            child.popen.send_signal(child.program.stop_signal)
            try:
                child.popen.wait(child.program.stop_timeout_s)
            except subprocess.TimeoutExpired:
                self.say(f"{child.program.name} did not end in time and was killed")
                child.popen.kill()
                child.popen.wait()
            child.popen = child.process = None
            self._tell()

    def _tell(self) -> None:
        self.on_change({child.program.name: child.process for child in self._children if child.process})


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


_LIBC = ctypes.CDLL(None)


def _private_log(path: Path) -> IO[bytes]:
    """Opened to append, for its owner's eyes: Kannel writes numbers, texts and its call-back's secret."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "ab")


def _die_with_parent(number: int) -> None:
    """In the child: ends it when its supervisor is killed, so that nothing is left running."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, number)
