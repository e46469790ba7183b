"""The flood of November 2025 through the evaluator, against plain readings of the file."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.observations import Observation
from core.quality import Quality
from core.stations import SeriesKey
from drill.replay import load, slug
from drill.scenario import scenario
from store import marks, observations
from store.connection import connect
from store.exercises import start_exercise
from store.marks import Mark
from store.stations import ensure_series, save_station, save_threshold
from tests.integration.levels import Field

FOLDER = Path("drill/scenarios/ditwah-2025")
COLOURS = ("yellow", "orange", "red")
DEADBAND = 0.05
NOW = datetime(2026, 11, 22, tzinfo=UTC)

Level = tuple[datetime, str, float]


def plain_readings() -> list[Level]:
    """The file as it stands: time, gauge, metres, oldest first."""
    with (FOLDER / "all.tsv").open(encoding="utf-8") as source:
        found = [
            (
                datetime.fromtimestamp(int(row["time_ut"]), UTC),
                slug(row["station_name"]),
                float(row["water_level_m"]),
            )
            for row in csv.DictReader(source, delimiter="\t")
        ]
    return sorted(set(found))


def plain_limits() -> dict[str, list[tuple[float, int]]]:
    """Per gauge its limits with 1 yellow, 2 orange, 3 red; 0 is not set."""
    gauges = json.loads((FOLDER / "stations.json").read_text(encoding="utf-8"))
    return {
        slug(gauge["name"]): [
            (gauge[field], rank)
            for rank, field in enumerate(("alert_level_m", "minor_flood_level_m", "major_flood_level_m"), 1)
            if gauge[field] > 0
        ]
        for gauge in gauges
    }


READINGS = plain_readings()
LIMITS = plain_limits()


def plain_highest() -> dict[str, str]:
    """Value ≥ limit, nothing else."""
    found: dict[str, int] = {}
    for _, gauge, level in READINGS:
        for limit, rank in LIMITS[gauge]:
            if level >= limit:
                found[gauge] = max(found.get(gauge, 0), rank)
    return {gauge: COLOURS[rank - 1] for gauge, rank in found.items()}


def plain_story() -> dict[str, list[tuple[str, str | None, datetime]]]:
    """Each gauge's raises, worsenings, improvements and returns, by on-off switches with a deadband."""
    on: dict[str, set[float]] = {gauge: set() for gauge in LIMITS}
    rank: dict[str, int] = dict.fromkeys(LIMITS, 0)
    story: dict[str, list[tuple[str, str | None, datetime]]] = {}
    for time, gauge, level in READINGS:
        for limit, _ in LIMITS[gauge]:
            if level >= limit:
                on[gauge].add(limit)
            elif level < limit - DEADBAND:
                on[gauge].discard(limit)
        now = max((r for limit, r in LIMITS[gauge] if limit in on[gauge]), default=0)
        was, rank[gauge] = rank[gauge], now
        if now == was:
            continue
        kind = "raised" if was == 0 else "returned" if now == 0 else "worsened" if now > was else "improved"
        story.setdefault(gauge, []).append((kind, COLOURS[now - 1] if now else None, time))
    return story


@pytest.fixture(scope="module")
def flood(database: str) -> Iterator[Field]:
    with connect(database, name="test-ditwah", autocommit=True) as connection:
        played = load(scenario("ditwah-2025"))
        with connection.transaction():
            for station in played.stations:
                save_station(connection, station)
            for threshold in played.thresholds:
                save_threshold(connection, threshold, "test")
        field = Field(connection)
        field.county()
        yield field


def feed(flood: Field, exercise: str, batches: list[list[Level]], late_by: timedelta | None) -> None:
    """Stores and evaluates batch by batch, in an exercise of its own."""
    connection = flood.connection
    start_exercise(connection, exercise, exercise, "ditwah-2025", "test")
    for batch in batches:
        with connection.transaction():
            keys = {gauge: SeriesKey(gauge, "water_level", 1, 0, exercise) for _, gauge, _ in batch}
            series = ensure_series(connection, keys.values())
            stored = observations.store(
                connection,
                [
                    Observation(
                        series[keys[gauge]].id, time, level, Quality.GOOD, "",
                        NOW if late_by is None else time + late_by, "test",
                    )
                    for time, gauge, level in batch
                ],
            )  # fmt: skip
            marks.add(
                connection,
                marks.EVALUATOR,
                [Mark(entry.series, entry.time, entry.time) for entry in stored.applied],
            )
        flood.evaluate()


def highest(flood: Field, exercise: str) -> dict[str, str]:
    """The worst that any alarm of each gauge reached."""
    order = ("blue", *COLOURS)
    found: dict[str, str] = {}
    for station, severity in flood.connection.execute(
        "select station, highest_severity from alarm where exercise = %s", (exercise,)
    ):
        found[station] = max(found.get(station, "blue"), severity, key=order.index)
    return found


def parts(levels: list[Level], size: int) -> list[list[Level]]:
    return [levels[start : start + size] for start in range(0, len(levels), size)]


def test_the_file_is_whole() -> None:
    assert len(READINGS) == 6760
    assert len({gauge for _, gauge, _ in READINGS}) == 39
    assert len([gauge for gauge, limits in LIMITS.items() if not limits]) == 1
    assert set(plain_highest().values()) == set(COLOURS)


@pytest.mark.parametrize("size", [40, 2000])
def test_in_time_order_every_transition_is_where_a_plain_computation_puts_it(flood: Field, size: int) -> None:
    exercise = f"in-order-{size}"
    feed(flood, exercise, parts(READINGS, size), None)
    told: dict[str, list[tuple[str, str | None, datetime]]] = {}
    for station, kind, severity, observed, late in flood.connection.execute(
        "select alarm.station, kind, alarm_event.severity, alarm_event.observed_at, late"
        " from alarm_event join alarm on alarm.id = alarm_event.alarm"
        " where alarm.exercise = %s order by alarm_event.id",
        (exercise,),
    ):
        assert late
        told.setdefault(station, []).append((kind, severity, observed))
    assert told == plain_story()
    assert highest(flood, exercise) == plain_highest()
    assert flood.connection.execute("select count(*) from orders").fetchone() == (0,)


@pytest.mark.parametrize("seed", range(3))
def test_in_random_batches_each_gauge_reaches_what_a_plain_reading_gives(flood: Field, seed: int) -> None:
    mixed = READINGS.copy()
    random.Random(seed).shuffle(mixed)
    exercise = f"random-{seed}"
    feed(flood, exercise, parts(mixed, 300), None)
    assert highest(flood, exercise) == plain_highest()


def test_the_second_half_before_the_first_gives_the_same_highest_severities(flood: Field) -> None:
    half = len(READINGS) // 2
    feed(flood, "halves", [*parts(READINGS[half:], 500), *parts(READINGS[:half], 500)], None)
    assert highest(flood, "halves") == plain_highest()


def test_everything_twice_gives_the_same_history(flood: Field) -> None:
    def lines() -> object:
        return flood.connection.execute(
            "select count(*) from alarm_event join alarm on alarm.id = alarm where exercise = 'in-order-2000'"
        ).fetchone()

    before = lines()
    with flood.connection.transaction():
        again = flood.connection.execute(
            "select series.id, min(time), max(time) from series join observation on series = series.id"
            " where exercise = 'in-order-2000' group by 1"
        ).fetchall()
        marks.add(flood.connection, marks.EVALUATOR, [Mark(*entry) for entry in again])
    flood.evaluate()
    assert len(again) == 39
    assert lines() == before


def test_in_time_and_fresh_it_calls_for_every_raise_and_worsening(flood: Field) -> None:
    feed(flood, "fresh", [[level] for level in READINGS if level[1] in ("hanwella", "nagalagam-street")],
         timedelta(seconds=30))  # fmt: skip
    loud, settled = flood.connection.execute(
        "select count(*) filter (where alarm_event.kind in ('raised', 'worsened')),"
        " count(*) filter (where alarm_event.kind in ('called', 'uncalled'))"
        " from alarm_event join alarm on alarm.id = alarm where exercise = 'fresh'"
    ).fetchall()[0]
    assert loud == settled > 0
