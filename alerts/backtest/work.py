"""Does what is asked for in the queue of back-tests, one at a time, in a process of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from psycopg import Connection

from alerts.alarms.limits import Delays
from alerts.backtest.reading import run
from alerts.backtest.result import StoppedError
from alerts.backtest.spec import Spec
from core.clock import Clock
from core.errors import AnlanError
from store import backtests
from store.connection import connect

log = structlog.get_logger("anlan.backtest")

_TELL_S = 0.5


@dataclass
class _Teller:
    """Says how far a back-test is, on a connection of its own; hears there that it was cancelled."""

    connection: Connection[Any]
    number: int
    clock: Clock
    _told: float = 0.0

    def __call__(self, part: float, readings: int) -> bool:
        if time.monotonic() - self._told < _TELL_S:
            return True
        self._told = time.monotonic()
        return backtests.go_on(
            self.connection, self.number, progress=part, readings=readings, now=self.clock()
        )


def work(database_url: str, number: int, zone: ZoneInfo, clock: Clock, delays: Delays) -> None:
    """Runs one claimed back-test and keeps its result, or why there is none."""
    with (
        connect(database_url, name="anlan-backtest", autocommit=True) as telling,
        connect(database_url, name="anlan-backtest-read") as reading,
    ):
        asked = backtests.get(telling, number)
        try:
            found = run(
                reading,
                Spec.of_json(asked.spec),
                zone,
                _Teller(telling, number, clock),
                delays=delays,
                within=asked.area,
            )
        except StoppedError:
            return
        except AnlanError as error:
            backtests.finish(telling, number, clock(), fault=str(error))
            return
        except Exception as error:
            log.exception("backtest.failed", id=number)
            backtests.finish(telling, number, clock(), fault=f"{type(error).__name__}: {error}"[:300])
            return
        backtests.go_on(telling, number, progress=1.0, readings=found.readings, now=clock())
        backtests.finish(telling, number, clock(), result=found.result)
