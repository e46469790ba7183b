"""An evaluator that lives through days in seconds, in a process of its own.

    python -m tests.integration.simulated_week STATIONS HOURS

prints one JSON line when it has settled, and one an hour of simulated time after that: readings so far, blocks that
Python holds, memory in MB. The evaluator is the one that `anlan alerts` runs; only its clock is ours.
"""

from __future__ import annotations

import gc
import json
import math
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import structlog
from psycopg import Connection

from alerts.acknowledge import acknowledge
from alerts.evaluator import Evaluator
from core.errors import ConflictError
from core.observations import Observation
from core.quality import Quality
from core.settings import load_settings
from core.stations import SeriesKey
from store import alarms, marks, observations
from store.connection import connect
from store.stations import ensure_series

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
STEP = timedelta(minutes=5)
_SUM_S = 3600
_SETTLES_H = 8
_SETTLES_S = 12.0
"""Until then windows of rates fill, a day ends in the county, every rule, limit and subject is met once, and all that
goes by the real clock has had its turn."""


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def level_m(station: int, step: int) -> float:
    """A tide of a river, twice a day above 4 m, and every station at another time."""
    return round(3.6 + 0.8 * math.sin(step / 23 + station), 3)


def rain_mm(station: int, step: int) -> float:
    """A sliding sum that passes its limits every eight hours."""
    return round(max(0.0, 50 * math.sin(step / 15 + 2 * station)), 1)


def send(connection: Connection[Any], series: Sequence[tuple[int, int]], step: int) -> int:
    """A level and a sum of every station, as ingest and derive store them; how many."""
    at = START + step * STEP
    received = at + timedelta(seconds=20)
    batch = []
    for station, (level, rain) in enumerate(series):
        batch.append(Observation(level, at, level_m(station, step), Quality.GOOD, "", received, "week"))
        batch.append(Observation(rain, at, rain_mm(station, step), Quality.GOOD, "", received, "derived"))
    with connection.transaction():
        applied = observations.store(connection, batch).applied
        marks.changed(connection, applied, (marks.EVALUATOR,))
    return len(batch)


def hear_all(connection: Connection[Any], at: datetime) -> None:
    """Somebody acknowledges everything that is open, so that alarms end and others begin."""
    for line in alarms.list_alarms(connection, exercise=None):
        try:
            with connection.transaction():
                acknowledge(connection, line.alarm.id, actor="王值班", at=at)
        except ConflictError:
            continue


def live(stations: int, hours: int) -> None:
    """Runs until it has settled, and then so many hours."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    settings, clock = load_settings(), Clock()
    evaluator = Evaluator(settings, clock)
    thread = Thread(target=evaluator.run, daemon=True)
    with connect(settings.need_database(), name="test-week", autocommit=True) as connection:
        codes = [
            row[0]
            for row in connection.execute("select code from station order by code limit %s", (stations,))
        ]
        keys = [
            (SeriesKey(c, "water_level"), SeriesKey(c, "rainfall_sliding", period_s=_SUM_S)) for c in codes
        ]
        with connection.transaction():
            known = ensure_series(connection, [key for pair in keys for key in pair])
        series = [(known[level].id, known[rain].id) for level, rain in keys]
        thread.start()
        began = time.monotonic()
        hour = sent = settled = 0
        while not settled or hour < settled + hours:
            for step in range(12 * hour, 12 * hour + 12):
                clock.now = START + step * STEP + timedelta(seconds=30)
                sent += send(connection, series, step)
                until_judged(connection)
            hear_all(connection, clock.now)
            hour += 1
            if not settled and hour >= _SETTLES_H and time.monotonic() - began > _SETTLES_S:
                settled = hour
            if settled:
                gc.collect()
                print(json.dumps([sent, sys.getallocatedblocks(), resident_mb()]), flush=True)
    evaluator.stop()
    thread.join(10)


def until_judged(connection: Connection[Any]) -> None:
    """Waits until no mark waits for the evaluator."""
    until = time.monotonic() + 30
    while marks.waiting(connection, marks.EVALUATOR):
        if time.monotonic() > until:
            raise TimeoutError("the evaluator does not take its marks")
        time.sleep(0.001)


def resident_mb() -> float:
    """What this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


if __name__ == "__main__":
    live(int(sys.argv[1]), int(sys.argv[2]))
