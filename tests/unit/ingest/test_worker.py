"""A batch comes to its end whatever single messages or the database do."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SteppingClock
from core.settings import Ingest
from ingest import worker
from ingest.counts import Counts
from ingest.messages import Inbound
from ingest.worker import DatabaseLost, Worker
from ingest.writing import Written
from store import quarantine
from store.quarantine import Quarantined

NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Database:
    """Stands for connection, `write` and `quarantine.keep`: fails as told, forgets what is rolled back."""

    def __init__(self) -> None:
        self.closed = self.broken = False
        self.stored: list[int] = []
        self.aside: list[int] = []
        self.poison: set[int] = set()
        self.troubles: list[Exception] = []
        self.lose_at: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = (list(self.stored), list(self.aside))
        try:
            yield
        except Exception:
            self.stored, self.aside = before
            raise

    def write(self, connection: Any, batch: Sequence[Inbound], *args: Any, **more: Any) -> Written:
        if self.troubles:
            raise self.troubles.pop(0)
        for message in batch:
            if message.mid == self.lose_at:
                self.broken = True
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            if message.mid in self.poison:
                raise psycopg.DataError("this one")
            self.stored.append(message.mid)
        return Written([], len(batch), 0)

    def keep(self, connection: Any, messages: Sequence[Quarantined]) -> int:
        self.aside += [int(message.payload) for message in messages]
        return len(messages)


class Bench:
    """A worker on such a database; `acknowledged` in order."""

    def __init__(self) -> None:
        self.database = Database()
        self.acknowledged: list[int] = []
        self.counts = Counts()
        self.worker = Worker(
            Ingest(),
            self.counts,
            SteppingClock(NOW),
            threading.Event(),
            lambda messages: self.acknowledged.extend(message.mid for message in messages),
            lambda topic, payload: None,
        )

    def process(self, numbers: Sequence[int]) -> None:
        batch = [Inbound("anlan/obs/A", str(mid).encode(), NOW, mid) for mid in numbers]
        with (
            patch.object(worker, "write", self.database.write),
            patch.object(quarantine, "keep", self.database.keep),
            patch.object(worker, "_PAUSES_S", (0.0, 0.0)),
            patch.object(worker, "_LONGEST_PAUSE_S", 0.0),
        ):
            self.worker.process(self.database, batch)  # type: ignore[arg-type]


@given(st.integers(1, 40), st.sets(st.integers(1, 40)))
def test_poison_alone_is_put_aside_and_all_are_acknowledged_in_order(size: int, poison: set[int]) -> None:
    bench = Bench()
    bench.database.poison = poison
    numbers = list(range(1, size + 1))
    bench.process(numbers)
    assert bench.database.stored == [mid for mid in numbers if mid not in poison]
    assert bench.database.aside == [mid for mid in numbers if mid in poison]
    assert bench.acknowledged == numbers


def test_a_passing_trouble_puts_nothing_aside() -> None:
    bench = Bench()
    bench.database.troubles = [psycopg.errors.DeadlockDetected("a"), psycopg.errors.DiskFull("b")]
    bench.process([1, 2, 3])
    assert bench.database.stored == [1, 2, 3]
    assert bench.database.aside == []
    assert bench.counts.database_errors == 2


def test_after_a_lost_connection_nothing_was_acknowledged_and_all_is_done_again() -> None:
    bench = Bench()
    bench.database.lose_at = 3
    with pytest.raises(DatabaseLost):
        bench.process([1, 2, 3, 4])
    assert bench.acknowledged == []
    assert [message.repeated for message in bench.worker.unfinished[0]] == [True] * 4
    bench.database.lose_at, bench.database.broken = None, False
    bench.process([])
    assert bench.database.stored == [1, 2, 3, 4]
    assert bench.acknowledged == [1, 2, 3, 4]


def test_a_lost_connection_in_the_midst_of_halving_forgets_nothing() -> None:
    bench = Bench()
    bench.database.poison = {2}
    bench.process([1])
    bench.database.lose_at = 7
    with pytest.raises(DatabaseLost):
        bench.process([2, 3, 4, 5, 6, 7, 8, 9])
    bench.database.lose_at, bench.database.broken = None, False
    bench.process([10])
    assert bench.acknowledged == list(range(1, 11))
    assert bench.database.aside == [2]
    assert bench.database.stored == [1, 3, 4, 5, 6, 7, 8, 9, 10]


def test_where_not_even_the_quarantine_can_be_written_nothing_is_acknowledged() -> None:
    bench = Bench()
    bench.database.poison = {1}
    tries = 0

    def keep(connection: Any, messages: Sequence[Quarantined]) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            assert bench.acknowledged == []
            raise psycopg.errors.ReadOnlySqlTransaction("read-only")
        return Database.keep(bench.database, connection, messages)

    with patch.object(bench.database, "keep", keep):
        bench.process([1])
    assert tries == 3
    assert bench.acknowledged == [1]
