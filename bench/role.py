"""A role of ours as a process of its own, as it runs in earnest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class Role:
    """`anlan NAME …` with the settings of a benchmark's services; its log is read by who waits for it."""

    def __init__(self, words: Sequence[str], settings: Mapping[str, str], log: Path) -> None:
        self._words = list(words)
        self._settings = settings
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the running process. Raises RuntimeError if it does not run: then nothing is measured."""
        if self._process is None or not self.is_running:
            raise RuntimeError(f"anlan {self._words[0]} does not run: {self._tail()}")
        return self._process.pid

    def start(self) -> None:
        """Returns at once."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
        words = [
            sys.executable,
            "-c",
            f"import sys; from cli.main import main; sys.exit(main({self._words!r}))",
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                words, env={**kept, **self._settings}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def stop(self) -> None:
        """Ends it in order, if it runs."""
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
        self._process = None

    def resident_mb(self) -> float:
        """What it has in memory now."""
        return self._memory("VmRSS")

    def peak_mb(self) -> float:
        """The most that it has had in memory."""
        return self._memory("VmHWM")

    def cpu_s(self) -> float:
        """Seconds that it has kept a core busy."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name)) / 1024

    def _tail(self) -> str:
        return self.log.read_text()[-500:] if self.log.exists() else "it was never started"
