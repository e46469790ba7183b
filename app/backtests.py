"""Has back-tests done beside the web process: one at a time, each in a process of its own, so that pages never wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import structlog
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from core.clock import Clock
from core.settings import Settings
from store import backtests

log = structlog.get_logger("anlan.web")

_LOOK_S = 15.0
"""How often a web process looks for what another one left behind."""
_LONGEST_S = 1800.0


@dataclass
class BacktestRunner:
    """Started and stopped with the web process; `wake` when one was asked for."""

    settings: Settings
    clock: Clock
    pool: ConnectionPool[Connection[tuple[object, ...]]]
    _asked: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to look."""
        self._thread = threading.Thread(target=self._run, name="anlan-backtests", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends; a back-test in hand is begun anew by another web process, or at the next start."""
        self._stopping.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(5)

    def wake(self) -> None:
        """Looks at once."""
        self._asked.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._asked.clear()
            try:
                with self.pool.connection() as connection:
                    number = backtests.claim(connection, self.clock())
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("backtests.database", error=str(error).strip())
                number = None
            if number is None:
                self._asked.wait(_LOOK_S)
                continue
            self._work(number)

    def _work(self, number: int) -> None:
        # Only what the worker needs: its settings are ours, and it may be on another database in a test.
        own = {
            "ANLAN_DATABASE_URL": self.settings.need_database(),
            "ANLAN_TIME_ZONE": self.settings.time_zone,
            "ANLAN_HOME": str(self.settings.home),
            "ANLAN_ALERTS__DELAYS": str(self.settings.alerts.delays),
            "ANLAN_ALERTS__OFF_DELAY_S": str(self.settings.alerts.off_delay_s),
        }
        worker = subprocess.Popen(
            [sys.executable, "-m", "alerts.backtest", str(number)],
            cwd=Path(__file__).parents[1],
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
        )
        until = time.monotonic() + _LONGEST_S
        while worker.poll() is None and not self._stopping.wait(0.05):
            if time.monotonic() > until:
                worker.kill()
        if worker.poll() is None:
            worker.terminate()
            with suppress(subprocess.TimeoutExpired):
                worker.wait(5)
            return
        if worker.returncode:
            with suppress(psycopg.Error, PoolTimeout), self.pool.connection() as connection:
                backtests.finish(
                    connection, number, self.clock(),
                    fault=f"the back-test ended by itself (code {worker.returncode}); try a shorter range",
                )  # fmt: skip
