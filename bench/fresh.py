"""From publishing to the commit, at a steady rate: by the NOTIFY that the commit itself sends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psycopg

from bench.place import Place
from bench.wire import Publisher
from core.notices import CHANGES
from formats.observations import encode

_REST_S = 3.0
"""How long the last ones are waited for."""


class Delays:
    """Publishes one reading after the other of `codes` in turn, and hears when each is committed.

    A station sends again only after its last reading was heard of, so that a notice belongs to one message.
    """

    def __init__(self, here: Place, codes: Sequence[str], *, per_s: float) -> None:
        self._here = here
        self._codes = codes
        self._per_s = per_s
        self._series = _ensure_series(here, codes)
        self._open: dict[int, float] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._hearer = threading.Thread(target=self._hear, daemon=True)
        self._listening = threading.Event()
        self.seconds: list[float] = []
        self.late = 0
        """Messages not sent because their station's last one was still not committed."""

    def __enter__(self) -> Self:
        self._hearer.start()
        self._listening.wait(10)
        self._sender.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._sender.join()
        self._hearer.join()

    def p99_ms(self) -> float:
        """In milliseconds; what was never heard of counts as the whole wait."""
        found = sorted(self.seconds + [time.monotonic() - sent for sent in self._open.values()])
        if not found:
            raise RuntimeError("no reading was heard of")
        return found[min(len(found) - 1, int(len(found) * 0.99))] * 1000

    def told(self) -> str:
        """In words."""
        found = sorted(self.seconds)
        half = found[len(found) // 2] * 1000 if found else float("nan")
        return (
            f"{len(found)} readings, median {half:.0f} ms, p99 {self.p99_ms():.0f} ms,"
            f" {len(self._open)} not heard of, {self.late} held back"
        )

    def _send(self) -> None:
        began = time.monotonic()
        number = 0
        with Publisher(self._here.services.broker.url("gateway"), "bench-probe") as publisher:
            while not self._ending.is_set():
                code = self._codes[number % len(self._codes)]
                series = self._series[code]
                with self._lock:
                    busy = series in self._open
                    if not busy:
                        self._open[series] = time.monotonic()
                if busy:
                    self.late += 1
                else:
                    payload = encode(datetime.now(UTC), {"water_level": 3.0})
                    publisher.publish([(f"anlan/obs/{code}", payload)])
                number += 1
                time.sleep(max(0.0, began + number / self._per_s - time.monotonic()))

    def _hear(self) -> None:
        with psycopg.connect(self._here.database, autocommit=True) as connection:
            connection.execute(f"listen {CHANGES}".encode())
            self._listening.set()
            until = None
            while until is None or (time.monotonic() < until and self._open):
                for notice in connection.notifies(timeout=0.1):
                    self._note(json.loads(notice.payload), time.monotonic())
                if until is None and self._ending.is_set():
                    until = time.monotonic() + _REST_S

    def _note(self, notice: dict[str, object], heard: float) -> None:
        keys = notice.get("keys")
        if not isinstance(keys, list):
            return
        with self._lock:
            for key in keys:
                sent = self._open.pop(key, None)
                if sent is not None:
                    self.seconds.append(heard - sent)


def _ensure_series(here: Place, codes: Sequence[str]) -> dict[str, int]:
    here.connection.execute(
        "insert into series (station, property) select code, 'water_level' from unnest(%s::text[]) as code"
        " on conflict do nothing",
        (list(codes),),
    )
    return dict(
        here.connection.execute(
            "select station, id from series where property = 'water_level' and station = any(%s)",
            (list(codes),),
        ).fetchall()
    )
