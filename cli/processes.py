"""Processes known by pid and start time, so that a pid used again is never mistaken for them."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process of this machine; `started` is in clock ticks since boot."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process which has this pid now. Raises ProcessLookupError if there is none."""
        fields = _stat(pid)
        if fields is None:
            raise ProcessLookupError(pid)
        return cls(pid, int(fields[19]))

    def is_alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        fields = _stat(self.pid)
        return fields is not None and fields[0] not in "ZX" and int(fields[19]) == self.started

    def send(self, number: int) -> None:
        """Signals it if it is alive."""
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, number: int = signal.SIGTERM, *, timeout_s: float = 10) -> None:
        """Asks it to end, and kills it when it has not ended in time."""
        self.send(number)
        if not self.wait(timeout_s):
            self.send(signal.SIGKILL)
            self.wait(timeout_s)

    def wait(self, timeout_s: float) -> bool:
        """Waits for its end; False when it still runs."""
        until = time.monotonic() + timeout_s
        while self.is_alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True


def _stat(pid: int) -> list[str] | None:
    """The fields of `/proc/PID/stat` behind the name: the state first, field 3 in proc(5)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()
