"""Roll-ups equal what the raw readings say, whoever writes, corrects or dies at the same time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection
from pydantic import SecretStr

from core.observations import Observation
from core.quality import Quality
from core.settings import Settings
from ingest.derive import rollups
from store import marks
from tests.integration.ingesting import seed
from tests.integration.rolling import (
    START,
    differences,
    expected,
    held,
    make_series,
    reading,
    roll_up,
    write,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def settings(another_database: str) -> Settings:
    seed(another_database)
    return Settings(database_url=SecretStr(another_database))


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection[Any]]:
    with psycopg.connect(settings.need_database(), autocommit=True, options="-c timezone=UTC") as opened:
        yield opened


def wrong(connection: Connection[Any], rains: list[int]) -> list[str]:
    """Whatever differs from the plain computation, of hours and days."""
    return differences(held(connection, "rollup_hour"), expected(connection, rains, HOUR)) + differences(
        held(connection, "rollup_day"), expected(connection, rains, DAY)
    )


def test_a_level_begins_its_hour_and_a_total_ends_it(connection: Connection[Any], settings: Settings) -> None:
    levels, rains = make_series(connection)
    write(connection, [reading(levels[0], START, 3.0), reading(levels[0], START + HOUR, 4.0)])
    write(connection, [reading(rains[0], START, 1.0), reading(rains[0], START + HOUR, 2.5)])
    roll_up(connection, settings)

    hours = held(connection, "rollup_hour")
    assert {key: bucket.high for key, bucket in hours.items() if key[0] == levels[0]} == {
        (levels[0], START): 3.0,
        (levels[0], START + HOUR): 4.0,
    }
    assert {key: bucket.total for key, bucket in hours.items() if key[0] == rains[0]} == {
        (rains[0], START - HOUR): 1.0,
        (rains[0], START): 2.5,
    }
    days = held(connection, "rollup_day")
    assert days[rains[0], START - DAY].total == 1.0, "08:00 Beijing ends the hydrological day"
    assert days[rains[0], START].total == 2.5
    assert days[levels[0], START].total is None, "levels have no sum"
    assert wrong(connection, rains) == []


def test_counts_what_is_late_revised_suspect_bad_and_missing(
    connection: Connection[Any], settings: Settings
) -> None:
    levels, rains = make_series(connection)
    minute = timedelta(minutes=1)
    write(
        connection,
        [
            reading(levels[0], START, 1.0),
            reading(levels[0], START + minute, 9.0, Quality.SUSPECT),
            reading(levels[0], START + 2 * minute, 99.0, Quality.BAD),
            reading(levels[0], START + 3 * minute, None, Quality.MISSING),
            reading(levels[0], START + 4 * minute, 2.0, after=timedelta(minutes=30)),
            reading(levels[0], START + 5 * minute, 2.0, after=timedelta(minutes=30, seconds=1)),
        ],
    )
    write(connection, [reading(levels[0], START, 1.5)])
    write(connection, [reading(levels[0], START, 1.75)])
    roll_up(connection, settings)

    bucket = held(connection, "rollup_hour")[levels[0], START]
    assert (bucket.readings, bucket.usable, bucket.suspect, bucket.bad, bucket.missing) == (6, 3, 1, 1, 1)
    assert (bucket.late, bucket.revised) == (1, 1)
    assert (bucket.low, bucket.low_at) == (1.75, START)
    assert (bucket.high, bucket.high_at) == (2.0, START + 4 * minute), "of equal extremes the first"
    assert wrong(connection, rains) == []


def test_history_of_before_there_were_rollups_is_rolled_up_once(
    connection: Connection[Any], settings: Settings
) -> None:
    levels, rains = make_series(connection)
    old = [reading(levels[0], START - number * timedelta(hours=7), 0.1 * number) for number in range(600)]
    write(connection, [*old, reading(rains[1], START, 2.0)])
    connection.execute("delete from mark")

    roll_up(connection, settings)
    assert len(held(connection, "rollup_hour")) == 601
    assert wrong(connection, rains) == []

    connection.execute("delete from rollup_hour")
    assert roll_up(connection, settings) == 0, "what has begun is kept by marks alone"


def test_years_in_one_batch_are_computed_in_bounded_turns(
    connection: Connection[Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "MOST_HOURS", 100)
    levels, rains = make_series(connection)
    write(connection, [reading(levels[0], START + number * HOUR / 2, number) for number in range(1000)])
    marks.add(connection, marks.ROLLUP, [marks.Mark(levels[0], START, START + 500 * HOUR)])
    connection.execute("insert into rollup_begun (series) select id from series")

    assert roll_up(connection, settings) >= 5
    assert wrong(connection, rains) == []


def test_one_late_reading_does_not_cost_the_years_between(
    connection: Connection[Any], settings: Settings
) -> None:
    levels, _ = make_series(connection)
    write(connection, [reading(levels[0], START, 1.0), reading(levels[0], START.replace(year=1995), 2.0)])

    found = marks.take(connection, marks.ROLLUP)
    assert {(mark.from_time, mark.to_time) for mark in found} == {
        (START, START),
        (START.replace(year=1995),) * 2,
    }


def test_an_hour_whose_readings_are_gone_is_gone(connection: Connection[Any], settings: Settings) -> None:
    levels, rains = make_series(connection)
    write(connection, [reading(levels[0], START, 1.0), reading(levels[0], START + HOUR, 2.0)])
    roll_up(connection, settings)
    connection.execute("delete from observation where time = %s", (START,))
    marks.add(connection, marks.ROLLUP, [marks.Mark(levels[0], START, START)])
    roll_up(connection, settings)

    assert (levels[0], START) not in held(connection, "rollup_hour")
    assert wrong(connection, rains) == []


@pytest.mark.parametrize("seed_", range(2))
def test_many_writers_and_dying_workers_leave_what_the_raw_readings_say(
    connection: Connection[Any], settings: Settings, seed_: int, full: bool
) -> None:
    """Batches (late, repeated, out of order), corrections and voids against racing, killed workers."""
    levels, rains = make_series(connection)
    # Their history begins here: begun at the end, everything would be computed once more, and no fault be seen.
    roll_up(connection, settings)
    connection.execute(_HESITATE)
    series, least = levels + rains, time.monotonic() + (30 if full else 1.5)
    url, turns = settings.need_database(), [0, 0]
    problems: list[BaseException] = []

    def going() -> bool:
        """Long enough, and until workers have worked and died meanwhile (a busy machine needs longer)."""
        now = time.monotonic()
        return now < least or (now < least + 40 and not (turns[0] > 5 and turns[1]))

    def repeatedly(act: Callable[[Connection[Any], random.Random], None], number: int) -> None:
        chance = random.Random(1000 * seed_ + number)
        try:
            while going():
                try:
                    with psycopg.connect(url, options="-c timezone=UTC") as own:
                        while going():
                            act(own, chance)
                except (psycopg.OperationalError, _Undone):
                    continue
        except BaseException as problem:
            problems.append(problem)

    def batch(own: Connection[Any], chance: random.Random) -> None:
        with own.transaction():
            write(own, [_random_reading(chance, series) for _ in range(chance.randint(1, 40))])
            _maybe_undo(chance)

    def correction(own: Connection[Any], chance: random.Random) -> None:
        with own.transaction():
            entry = replace(_random_reading(chance, series), by="li")
            if chance.random() < 0.3:
                entry = replace(entry, value=None, quality=Quality.MISSING)
            write(own, [entry])
            _maybe_undo(chance)

    def worker(own: Connection[Any], chance: random.Random) -> None:
        with own.transaction():
            turns[0] += rollups.step(own, settings, START) > 0
            time.sleep(chance.random() * 0.02)
            if chance.random() < 0.2:
                turns[1] += 1
                with psycopg.connect(url, autocommit=True) as killer:
                    killer.execute("select pg_terminate_backend(%s)", (own.info.backend_pid,))

    acts = [batch, batch, batch, correction, worker, worker, worker]
    threads = [threading.Thread(target=repeatedly, args=(act, number)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    roll_up(connection, settings)

    assert turns[0] > 5, "workers worked while the writers wrote"
    assert turns[1] > 0, "a worker was killed"
    assert connection.execute("select count(*) from observation_revision").fetchone() != (0,)
    assert wrong(connection, rains) == []
    assert marks.waiting(connection, marks.ROLLUP) == 0


def test_a_worker_that_was_slow_does_not_write_over_a_quicker_one(
    connection: Connection[Any], settings: Settings
) -> None:
    """One has read an hour and waits; the hour gets another reading; a second worker takes that up."""
    levels, rains = make_series(connection)
    roll_up(connection, settings)
    connection.execute(_HELD_UP)
    write(connection, [reading(levels[0], START, 1.0)])
    url = settings.need_database()

    def work(name: str) -> None:
        with psycopg.connect(url, application_name=name, options="-c timezone=UTC") as own:
            rollups.step(own, settings, START)

    def waits(name: str) -> bool:
        found = connection.execute(
            "select exists (select from pg_stat_activity where application_name = %s and wait_event = 'advisory')",
            (name,),
        ).fetchone()
        return found == (True,)

    def until(done: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not done():
            assert time.monotonic() < end
            time.sleep(0.01)

    slow, quick = (threading.Thread(target=work, args=(name,)) for name in ("slow", "quick"))
    connection.execute("select pg_advisory_lock(4711)")
    try:
        slow.start()
        until(lambda: waits("slow"))
        write(connection, [reading(levels[0], START + HOUR / 2, 9.0)])
        quick.start()
        until(lambda: waits("quick") or not quick.is_alive())
    finally:
        connection.execute("select pg_advisory_unlock(4711)")
    slow.join()
    quick.join()
    roll_up(connection, settings)

    assert held(connection, "rollup_hour")[levels[0], START].high == 9.0
    assert wrong(connection, rains) == []


_HELD_UP: LiteralString = """
create function held_up() returns trigger language plpgsql as $$
begin
    if current_setting('application_name') = 'slow' then perform pg_advisory_xact_lock_shared(4711); end if;
    return new;
end
$$;
create trigger held_up before insert on rollup_hour for each row execute function held_up();
"""
"""Stops one worker between its reading and its writing until the test lets it go on."""


_HESITATE: LiteralString = """
create function hesitate() returns trigger language plpgsql as $$
begin
    if random() < 0.05 then perform pg_sleep(random() * 0.02); end if;
    return new;
end
$$;
create trigger hesitate before insert on rollup_hour for each row execute function hesitate();
create trigger hesitate before insert on rollup_day for each row execute function hesitate();
"""
"""Widens the moment between reading and writing, in which another worker could be quicker."""


class _Undone(Exception):
    """The writer changed its mind: its transaction is rolled back."""


def _maybe_undo(chance: random.Random) -> None:
    time.sleep(chance.random() * 0.01)
    if chance.random() < 0.1:
        raise _Undone


def _random_reading(chance: random.Random, series: list[int]) -> Observation:
    """Within four days around a month's end, often on a full hour."""
    number = chance.choice(series)
    minutes = chance.choice([chance.randrange(0, 4 * 24 * 12) * 5, chance.randrange(0, 4 * 24) * 60])
    when: datetime = START - timedelta(days=2) + timedelta(minutes=minutes)
    quality = chance.choices(list(Quality), weights=[6, 2, 1, 1, 1])[0]
    value = None if quality is Quality.MISSING else round(chance.uniform(0, 20), 1)
    after = chance.choice([timedelta(seconds=3), timedelta(minutes=45), timedelta(days=1)])
    return reading(number, when, value, quality, after=after)
