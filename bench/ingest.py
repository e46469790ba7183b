"""How fast ingest is, against what the machine can do at all.

- single: messages of one reading, judged and committed before they are acknowledged, against a bare paho
  client that only acknowledges; both drain the same preloaded queue with the same window.
- packed: packs of a hundred readings against a raw binary COPY of the very same rows into the same hypertable.
- commit: from publishing to the commit at 200 messages a second, by the NOTIFY that the commit sends.
- fresh: the same for new readings while a backlog of a million is drained.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import bare, traffic
from bench.fresh import Delays
from bench.place import Place, place, say, wait
from bench.wire import Publisher

RECEIVE_MAXIMUM = 1000
_WINDOW_S = 900
_BARE = "bench-bare"
_STORED = """
select exists (select from observation where time = %s and series = (select id from series where station = %s))
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; `backlog` 0: it is left out."""

    queue: int
    packs: int
    probe_s: float
    backlog: int


FULL = Size(queue=200_000, packs=6_000, probe_s=60.0, backlog=1_000_000)
QUICK = Size(queue=30_000, packs=600, probe_s=6.0, backlog=0)


def measure(*, quick: bool) -> dict[str, float | str | None]:
    """The figures of the contract, those that were not measured None, with a note."""
    size = QUICK if quick else FULL
    figures: dict[str, float | str | None] = {}
    with place() as here:
        bare_per_s, single_per_s = _single(here, size.queue)
        copy_per_s, packed_per_s = _packed(here, size.packs)
        commit_p99_ms = _commit(here, size.probe_s)
        fresh_p99_ms = _fresh(here, size.backlog) if size.backlog else None
        figures = {
            "bare_per_s": round(bare_per_s),
            "copy_rows_per_s": round(copy_per_s),
            "single_ratio": round(single_per_s / bare_per_s, 3),
            "packed_ratio": round(packed_per_s / copy_per_s, 3),
            "commit_p99_ms": round(commit_p99_ms, 1),
            "fresh_p99_ms": None if fresh_p99_ms is None else round(fresh_p99_ms, 1),
            "rss_mb": round(here.rss_mb, 1),
        }
    if quick:
        figures["note"] = f"quick: a queue of {size.queue}; fresh_p99_ms needs a million and is left out"
    return figures


def _single(here: Place, count: int) -> tuple[float, float]:
    """Messages a second of the bare client, and of ingest: the bare one before and after, for a fair machine."""
    start = _now() - (count // len(here.codes) + 10) * traffic.STEP
    before = _bare(here, start, count)
    here.start()
    here.stop()
    _load(here, traffic.singles(here.codes, start, count))
    single_per_s = _drain(here, start, count)
    after = _bare(here, start, count)
    say(f"single: bare {before:,.0f} and {after:,.0f} a second, ingest {single_per_s:,.0f}")
    return (before + after) / 2, single_per_s


def _bare(here: Place, start: datetime, count: int) -> float:
    here.forget_sessions()
    url = here.services.broker.url("ingest")
    bare.keep_session(url, _BARE, expiry_s=3600)
    _load(here, traffic.singles(here.codes, start, count))
    words = [sys.executable, "-m", "bench.bare", url, _BARE, str(count), str(RECEIVE_MAXIMUM)]
    seconds = float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    bare.keep_session(url, _BARE, expiry_s=0)
    return count / seconds


def _load(here: Place, messages: Iterable[tuple[str, bytes]]) -> None:
    with Publisher(here.services.broker.url("gateway"), "bench-publisher") as publisher:
        publisher.publish(messages)


def _drain(here: Place, start: datetime, count: int, each: int = 1) -> float:
    """Starts ingest and lets it store so many messages of `each` readings; readings a second, commit to commit."""
    rows = count * each
    last = traffic.last_time(start, len(here.codes), count, each)
    final = here.codes[(count - 1) % len(here.codes)]
    here.start()
    began = wait(lambda: here.one("select exists (select from observation)"), _WINDOW_S, 0.002)
    first = here.one("select count(*) from observation")
    ended = wait(lambda: here.one(_STORED, last, final), _WINDOW_S, 0.02)
    here.look()
    found = here.one("select count(*) from observation")
    if found != rows:
        raise RuntimeError(f"{found} rows were stored of {rows}")
    wait(lambda: here.one("select count(*) from ingest_session") == 1, 60)
    here.stop()
    return float((rows - first) / (ended - began))


def _packed(here: Place, count: int) -> tuple[float, float]:
    """Rows a second of a raw COPY, and of ingest with packs."""
    here.empty()
    rows = count * traffic.PACK
    per_station = (count // len(here.codes) + 1) * traffic.PACK
    start = _now() - per_station * traffic.STEP
    here.start()
    here.stop()
    _load(here, traffic.packs(here.codes, start, count))
    packed_per_s = _drain(here, start, count, traffic.PACK)
    copy_per_s = _copy(here, rows)
    say(f"packed: COPY {copy_per_s:,.0f} rows a second, ingest {packed_per_s:,.0f}")
    return copy_per_s, packed_per_s


def _copy(here: Place, rows: int) -> float:
    with here.connection.cursor() as cursor:
        with cursor.copy("copy (select * from observation) to stdout (format binary)") as copy:
            pieces = [bytes(piece) for piece in copy]
        best = 0.0
        for _ in range(2):
            here.empty()
            began = time.monotonic()
            with cursor.copy("copy observation from stdin (format binary)") as copy:
                for piece in pieces:
                    copy.write(piece)
            best = max(best, rows / (time.monotonic() - began))
    if here.one("select count(*) from observation") != rows:
        raise RuntimeError("COPY did not bring the same rows back")
    return best


def _commit(here: Place, seconds: float) -> float:
    """p99 in ms at 200 messages a second."""
    here.empty()
    here.start()
    with Delays(here, here.codes, per_s=200) as delays:
        time.sleep(seconds)
    here.stop()
    say(f"commit: {delays.told()}")
    return delays.p99_ms()


def _fresh(here: Place, count: int) -> float:
    """p99 in ms of new readings while so many wait."""
    here.empty()
    ours, others = here.codes[:270], here.codes[270:]
    start = _now() - timedelta(days=1) - (count // len(ours) + 10) * traffic.STEP
    _load(here, traffic.singles(ours, start, count))
    last = traffic.last_time(start, len(ours), count)
    final = ours[(count - 1) % len(ours)]
    arrived = threading.Event()
    here.start()
    began = time.monotonic()
    with Delays(here, others, per_s=20) as delays:
        while not arrived.is_set():
            time.sleep(0.2)
            here.look()
            if here.one(_STORED, last, final):
                arrived.set()
            elif time.monotonic() - began > _WINDOW_S:
                raise TimeoutError("the backlog was not drained")
    took = time.monotonic() - began
    stored = here.one("select count(*) from observation where time < %s", last + traffic.STEP)
    here.stop()
    say(f"fresh beside {count:,} in {took:.0f} s ({count / took:,.0f} a second): {delays.told()}")
    if stored < count:
        raise RuntimeError(f"{stored} of {count} readings of the backlog were stored")
    return delays.p99_ms()


def _now() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)
