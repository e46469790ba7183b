"""Upserts, revisions and the latest, against a plain model, on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.observations import Observation
from core.quality import Quality
from core.stations import SeriesKey
from store import marks, observations
from store.stations import ensure_series
from tests.integration.ingesting import seed

Connection = psycopg.Connection[Any]
START = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection]:
    seed(database)
    with psycopg.connect(database, options="-c timezone=UTC") as opened:
        ensure_series(opened, [SeriesKey(f"RIVER{number}", "water_level") for number in (1, 2)])
        opened.commit()
        yield opened


@dataclass
class Model:
    """One observation after the other, in plain Python."""

    held: dict[tuple[int, datetime], Observation] = field(default_factory=dict)
    revisions: set[tuple[int, datetime, float | None]] = field(default_factory=set)

    def take(self, new: Observation) -> None:
        key = (new.series, new.time)
        old = self.held.get(key)
        if old is None:
            self.held[key] = new
            return
        if new.by is None:
            if old.value == new.value and old.by is None:
                return
            poorer = new.quality in (4, 9) and old.quality not in (4, 9)
            if old.by is not None or poorer:
                self.revisions.add((*key, new.value))
                return
        elif old.value == new.value and old.by is not None:
            return
        self.revisions.add((*key, old.value))
        self.held[key] = new

    def latest(self, series: int) -> tuple[datetime, float | None, datetime | None, float | None] | None:
        mine = sorted((entry for entry in self.held.values() if entry.series == series), key=lambda e: e.time)
        if not mine:
            return None
        usable = [entry for entry in mine if entry.quality in (1, 2)]
        last = mine[-1]
        return (
            last.time,
            last.value,
            usable[-1].time if usable else None,
            usable[-1].value if usable else None,
        )


@st.composite
def arrivals(draw: st.DrawFn) -> Observation:
    quality = draw(st.sampled_from([1, 1, 1, 2, 3, 4, 9]))
    return Observation(
        series=draw(st.integers(1, 2)),
        time=START + timedelta(days=6, hours=draw(st.integers(0, 5)) * 20),
        value=None if quality == 9 else float(draw(st.integers(1, 3))),
        quality=Quality(quality),
        reason="",
        received_at=START,
        source="obs",
        by=draw(st.sampled_from([None, None, None, "wang"])),
    )


@pytest.fixture(autouse=True)
def copied_however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "_WORTH_COPYING", 1)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.lists(arrivals(), max_size=12), max_size=6), st.booleans())
def test_the_store_does_what_the_plain_model_does(
    connection: Connection, batches: list[list[Observation]], likely_new: bool
) -> None:
    model = Model()
    try:
        applied = 0
        for batch in batches:
            applied += len(observations.store(connection, batch, likely_new=likely_new).applied)
            for entry in batch:
                model.take(entry)
        rows = connection.execute("select series, time, value, quality, by_user from observation").fetchall()
        assert set(rows) == {
            (entry.series, entry.time, entry.value, int(entry.quality), entry.by)
            for entry in model.held.values()
        }
        assert len(rows) == len(model.held) <= applied
        kept = connection.execute("select series, time, value from observation_revision").fetchall()
        assert set(kept) == model.revisions
        for series in (1, 2):
            found = connection.execute(
                "select time, value, usable_time, usable_value from latest where series = %s", (series,)
            ).fetchone()
            assert found == model.latest(series)
    finally:
        connection.rollback()


def _pack(series: int, first: datetime, value: float) -> list[Observation]:
    return [
        Observation(series, first + timedelta(minutes=at), value, Quality.GOOD, "", START, "obs")
        for at in range(4_000)
    ]


@pytest.mark.parametrize("there", [None, 0, 1], ids=["none", "in the first part", "in the last part"])
def test_parts_are_stored_together_whichever_of_them_was_there_in_part(
    connection: Connection, there: int | None
) -> None:
    """The COPY of many is refused after much of it was written, or while it is: all are stored the other way."""
    parts = [_pack(1, START, 2.0), _pack(2, START, 2.0)]
    made: list[int] = []

    def coming() -> Iterator[list[Observation]]:
        for number, part in enumerate(parts):
            made.append(number)
            yield part

    try:
        if there is not None:
            observations.store(connection, [replace(parts[there][7], value=3.0)])
        stored = observations.store_parts(connection, coming(), likely_new=True)
        assert made == [0, 1], "each part is made once"
        assert stored.all_new == (there is None)
        assert set(stored.applied) == {entry for part in parts for entry in part}
        rows = connection.execute("select series, time, value from observation").fetchall()
        assert set(rows) == {(entry.series, entry.time, 2.0) for part in parts for entry in part}
        assert len(rows) == 8_000
        kept = connection.execute("select series, value from observation_revision").fetchall()
        assert kept == ([] if there is None else [(there + 1, 3.0)])
        last = START + timedelta(minutes=3_999)
        assert connection.execute("select series, time from latest order by series").fetchall() == [
            (1, last),
            (2, last),
        ]
    finally:
        connection.rollback()


def test_what_fails_while_parts_are_made_stores_nothing_and_leaves_the_connection_usable(
    connection: Connection,
) -> None:
    def coming() -> Iterator[list[Observation]]:
        yield _pack(1, START, 2.0)
        raise ValueError("a fault of our own")

    try:
        with pytest.raises(ValueError, match="of our own"), connection.transaction():
            observations.store_parts(connection, coming(), likely_new=True)
        assert connection.execute("select count(*) from observation").fetchone() == (0,)
    finally:
        connection.rollback()


def test_a_mark_that_commits_late_is_not_lost(connection: Connection, database: str) -> None:
    """It has an older number than one that was taken already: a high-water mark would pass over it."""
    mark = marks.Mark(1, START, START)
    with psycopg.connect(database) as slow, psycopg.connect(database) as quick:
        marks.add(slow, "test", [mark])
        marks.add(quick, "test", [mark, mark])
        quick.commit()
        assert len(marks.take(connection, "test")) == 2
        connection.commit()
        slow.commit()
    assert marks.take(connection, "test") == [mark]
    connection.rollback()
    assert marks.waiting(connection, "test") == 1, "a consumer that failed finds it again"
    connection.rollback()


def test_two_consumers_never_take_the_same_mark(connection: Connection, database: str) -> None:
    with psycopg.connect(database) as one, psycopg.connect(database) as other:
        marks.add(one, "shared", [marks.Mark(series, START, START) for series in range(10)])
        one.commit()
        first = marks.take(one, "shared", 4)
        second = marks.take(other, "shared", 100)
    assert sorted(mark.series for mark in first + second) == list(range(10))
    assert marks.merged([*first, *second]).keys() == set(range(10))
