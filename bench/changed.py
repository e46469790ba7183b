"""How many changed series a second the evaluator takes, with everything else kept off its core.

A changed series is counted strictly: a station of which a new level *and* a new sliding sum of rain are to be judged,
two marks and two observations. A writer fills the queue by COPY and never lets it hold the same series twice: the
evaluator could read those in one go, and would do less for each.

    python -m bench.changed URL STATIONS

writes until it is killed, and prints a line for each round over all stations.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from bench.crossings import CALM_M, CROSSED_M
from bench.place import Place, say, wait
from core.notices import MARKS
from store.marks import EVALUATOR

STATIONS = 5_000
CROSSES = 997
"""One changed station in so many crosses a limit, and is back with its next reading (a prime: others each round)."""
_CHUNK = 500
_STEP = timedelta(minutes=1)
_HISTORY = timedelta(hours=1)
_SUM_S = 3_600
_POURED_MM = 36.0
"""In an hour: over the lowest of the four limits that the rule of sliding rain brings along."""
_RULES = ("river_level", "water_rise", "station_rain")
_MARKS_EACH = 2
_WARM = 2
"""Rounds before anything is measured."""
_WAITING = "select count(*) from mark where consumer = %s"


@dataclass(frozen=True, slots=True)
class Rate:
    """Changed stations a second; memory of the evaluator; its share of its core."""

    per_s: float
    start_mb: float
    end_mb: float
    busy: float


def measure(here: Place, seconds: float) -> Rate:
    """Fills the queue for so long. Raises RuntimeError if an alarm is missing or doubled."""
    _prepare(here)
    alerts = here.role("alerts")
    alerts.start()
    writer = None
    try:
        wait(lambda: "alerts.leading" in alerts.log.read_text(), 30)
        with _alone(here, alerts.pid), (here.home / "writer.log").open("wb") as log:
            words = [sys.executable, "-m", "bench.changed", here.database, str(len(here.codes))]
            writer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            _keep_off(writer.pid)
            wait(lambda: (here.home / "writer.log").read_text().count("\n") >= _WARM, 60, 0.05)
            if writer.poll() is not None:
                raise RuntimeError((here.home / "writer.log").read_text()[-800:])
            start_mb, cpu, began, done = (
                alerts.resident_mb(),
                alerts.cpu_s(),
                time.monotonic(),
                _done(here),
            )
            time.sleep(seconds)
            took, per_s = time.monotonic() - began, (_done(here) - done)
            busy = (alerts.cpu_s() - cpu) / took
            writer.kill()
            writer.wait()
            wait(lambda: here.one(_WAITING, EVALUATOR) == 0, 60, 0.05)
            end_mb = alerts.resident_mb()
    finally:
        if writer is not None:
            writer.kill()
            writer.wait()
        alerts.stop()
    _check(here)
    found = Rate(per_s / took, start_mb, end_mb, busy)
    say(
        f"changed: {found.per_s:,.0f} stations a second, each with a level and a sum of rain, in {took:.0f} s;"
        f" {found.busy:.0%} of a core; {found.start_mb:.0f} MB at the start, {found.end_mb:.0f} MB at the end"
    )
    return found


def _prepare(here: Place) -> None:
    """Series of every station, the hour before (windows of rates are full), and only these rules to follow."""
    connection = here.connection
    connection.execute("update rule set active = false where class not in ('water', 'tide', 'rain')")
    connection.execute(
        "insert into series (station, property, period_s)"
        " select code, property, period_s from unnest(%s::text[]) as code,"
        " (values ('water_level', 0), ('rainfall_sliding', %s)) as kinds (property, period_s)",
        (here.codes, _SUM_S),
    )
    series = _series(connection)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for step in range(int(_HISTORY / _STEP), 0, -1):
            copy.write(_rows(series, _first_round() - step * _STEP, -1))
    connection.execute(_TRACKS, (_first_round() - _STEP, list(_RULES)))
    connection.execute("analyze observation")


_TRACKS = """
insert into alarm_track (series, rule, observed_at)
select series.id, rule.code, %s from series join rule on rule.property = series.property where rule.code = any(%s)
"""
"""The evaluator has followed them until then."""
_COPY = "copy observation (series, time, value, quality, received_at, source) from stdin"


def _write(url: str, stations: int) -> None:
    """The writer: rounds over all stations, a transaction for each few hundred."""
    with psycopg.connect(url) as connection:
        series = _series(connection)
        room = _MARKS_EACH * (stations - _CHUNK)
        turn = newest = 0
        while True:
            time_of = _first_round() + turn * _STEP
            for start in range(0, stations, _CHUNK):
                while _waiting(connection, newest) > room:
                    time.sleep(0.01)
                chunk = series[start : start + _CHUNK]
                with connection.cursor() as cursor:
                    with cursor.copy(_COPY) as copy:
                        copy.write(_rows(chunk, time_of, turn * stations + start))
                    with cursor.copy("copy mark (consumer, series, from_time, to_time) from stdin") as copy:
                        copy.write(_marks(chunk, time_of))
                newest = _number(connection, "select last_value from mark_id_seq")
                connection.execute("select pg_notify(%s, '')", (MARKS,))
                connection.commit()
            turn += 1
            print(turn, flush=True)


_OLDEST = "select id from mark where consumer = %s and fresh order by id limit 1"


def _waiting(connection: Connection[Any], newest: int) -> int:
    """How many marks are in the queue at most: counting them would cost the database more than the writing."""
    oldest = _number(connection, _OLDEST, EVALUATOR)
    connection.rollback()
    return newest - oldest + 1 if oldest else 0


def _number(connection: Connection[Any], query: LiteralString, *values: object) -> int:
    found = connection.execute(query, values).fetchone()
    return int(found[0]) if found else 0


def _rows(series: Sequence[tuple[int, int]], time_of: datetime, number: int) -> str:
    """A level and a sum for each; every 997th station, counted from `number`, has
    crossed, and another one has poured (-1: none)."""
    at, received = time_of.isoformat(), (time_of + timedelta(seconds=5)).isoformat()
    lines = []
    for offset, (level, rain) in enumerate(series):
        crosses = number >= 0 and (number + offset) % CROSSES == CROSSES - 1
        metres = CROSSED_M if crosses else CALM_M + (level + time_of.minute) % 7 / 200
        lines.append(f"{level}\t{at}\t{metres}\t1\t{received}\tbench\n")
        pours = number >= 0 and (number + offset) % CROSSES == CROSSES // 2
        millimetres = _POURED_MM if pours else (rain + time_of.minute) % 9
        lines.append(f"{rain}\t{at}\t{millimetres}\t1\t{received}\tderived\n")
    return "".join(lines)


def _marks(series: Sequence[tuple[int, int]], time_of: datetime) -> str:
    at = time_of.isoformat()
    return "".join(f"{EVALUATOR}\t{number}\t{at}\t{at}\n" for pair in series for number in pair)


def _series(connection: Connection[Any]) -> list[tuple[int, int]]:
    """Of each station its level and its sum."""
    return connection.execute(
        "select level.id, rain.id from series level join series rain using (station)"
        " where level.property = 'water_level' and rain.property = 'rainfall_sliding' order by station"
    ).fetchall()


def _first_round() -> datetime:
    """The same for both processes: a whole day ago, so that nothing lies in the future."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def _done(here: Place) -> float:
    """Stations that are judged, in one look of the database."""
    found = here.one(
        "select (select count(*) from observation where time >= %s)"
        " - (select count(*) from mark where consumer = %s)",
        _first_round(),
        EVALUATOR,
    )
    return float(found) / _MARKS_EACH


_CROSSED = """
select property, count(*) from observation join series on series.id = series
where time >= %s and (property = 'water_level' and value = %s or property = 'rainfall_sliding' and value = %s)
group by 1
"""
_RAISED = """
select case when alarm.property = 'rainfall_sliding' then alarm.property else 'water_level' end, count(*)
from alarm_event join alarm on alarm.id = alarm where kind = 'raised' group by 1
"""
_JUDGED = "select rule, count(*) from alarm_track group by 1"


def _check(here: Place) -> None:
    """Every crossing has made its alarm, nothing else has, and each station stands under each of the rules."""
    connection = here.connection
    values = (_first_round(), CROSSED_M, _POURED_MM)
    crossed, raised = dict(connection.execute(_CROSSED, values)), dict(connection.execute(_RAISED))
    faults = here.one("select count(*) from mark_fault")
    if crossed != raised or len(crossed) < len(("level", "rain")) or faults:
        raise RuntimeError(f"{raised} alarms of {crossed} crossings, {faults} faults: the rate means nothing")
    judged = dict(connection.execute(_JUDGED))
    if any(judged.get(rule) != len(here.codes) for rule in _RULES):
        raise RuntimeError(f"not every station is judged by {_RULES}: {judged}")


@contextmanager
def _alone(here: Place, pid: int) -> Iterator[None]:
    """The evaluator on one core, the database on the others; all as before at the end."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        _pin(pid, {cores[0]})
        for process in _database(here):
            _pin(process, set(cores[1:]))
    yield
    for process in _database(here):
        _pin(process, set(cores))


def _keep_off(pid: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    _pin(pid, set(cores[1:] or cores))


def _pin(pid: int, cores: set[int]) -> None:
    try:
        os.sched_setaffinity(pid, cores)
    except ProcessLookupError:
        return


def _database(here: Place) -> list[int]:
    """The postmaster, which hands its cores on to new connections, and all its children."""
    master = here.services.processes()["postgresql"].pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [master, *map(int, children)]


if __name__ == "__main__":
    _write(sys.argv[1], int(sys.argv[2]))
