"""Lets a simulated RTU live on a line: it sends what is due, hears, stays on line, and dials again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from drill.rtu.lines import Line
from drill.rtu.unit import Unit

_DIAL_AGAIN_S = (0.5, 1.0, 2.0, 5.0)
_LISTEN_S = 0.2


class Runner:
    """One thread for one unit; `lock` guards the unit, which others may give reports meanwhile."""

    def __init__(self, unit: Unit, dial: Callable[[], Line], *, keep_alive_s: float = 40.0) -> None:
        self.unit = unit
        self.lock = threading.Lock()
        self.dialled = 0
        self._dial = dial
        self._keep_alive_s = keep_alive_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Dials, now or as soon as the centre answers."""
        self._thread.start()

    def stop(self) -> None:
        """Hangs up."""
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                line = self._dial()
                self.dialled += 1
                failures = 0
                try:
                    self._live(line)
                finally:
                    line.close()
            except OSError:
                with self.lock:
                    self.unit.line_lost()
                self._stopping.wait(_DIAL_AGAIN_S[min(failures, len(_DIAL_AGAIN_S) - 1)])
                failures += 1

    def _live(self, line: Line) -> None:
        keep_alive_due = 0.0
        while not self._stopping.is_set():
            with self.lock:
                frames = self.unit.due(_now())
                if not frames and time.monotonic() >= keep_alive_due:
                    frames = [self.unit.keep_alive(_now())]
            for frame in frames:
                line.send(frame)
            if frames:
                keep_alive_due = time.monotonic() + self._keep_alive_s
            data = line.receive(_LISTEN_S)
            if data:
                with self.lock:
                    answers = self.unit.hear(data, _now())
                for frame in answers:
                    line.send(frame)


def _now() -> datetime:
    return datetime.now(UTC)
