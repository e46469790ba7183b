"""The flood of November 2025 through ingest's judgement and the evaluator, with delays off.

First the flags of judgement only stand beside the values: every raise, worsening and return is where a plain
computation of its own puts it. Then they count as they do in earnest: every difference has its reason.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from core.settings import Ingest as Settings
from drill.replay import load, slug
from drill.scenario import scenario
from ingest.directory import Directory
from ingest.messages import Inbound
from ingest.understood import Keeping, Limits
from ingest.writing import write
from store.connection import connect
from store.exercises import start_exercise
from store.stations import save_station, save_threshold
from tests.integration.levels import START, Field

FOLDER = Path("drill/scenarios/ditwah-2025")
COLOURS = {"alert_level_m": "yellow", "minor_flood_level_m": "orange", "major_flood_level_m": "red"}
RANKS = ["", "yellow", "orange", "red"]
DEADBAND_M = 0.05
DELAY = timedelta(seconds=30)
"""From a reading to its receipt."""
BATCH = 150

Move = tuple[str, datetime, str]
"""What happened, when it was observed, and the colour from then on (of a return: none)."""


def plain_levels() -> dict[str, list[tuple[datetime, float]]]:
    """The file as it stands, gauge by gauge in order of time."""
    found: dict[str, dict[datetime, float]] = {}
    with (FOLDER / "all.tsv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            time = datetime.fromtimestamp(int(row["time_ut"]), UTC)
            found.setdefault(slug(row["station_name"]), {})[time] = float(row["water_level_m"])
    return {gauge: sorted(levels.items()) for gauge, levels in found.items()}


def plain_limits() -> dict[str, list[tuple[float, str]]]:
    """Each gauge's limits that are set, the worst first."""
    gauges = json.loads((FOLDER / "stations.json").read_text(encoding="utf-8"))
    return {
        slug(gauge["name"]): sorted(
            ((gauge[f], colour) for f, colour in COLOURS.items() if gauge[f] > 0), reverse=True
        )
        for gauge in gauges
    }


def plain_moves(
    limits: list[tuple[float, str]], levels: list[tuple[datetime, float]], doubted: frozenset[datetime]
) -> list[Move]:
    """The colour after each level: the worst limit that is reached, or was and is not yet left by the deadband.

    A doubted level may reach a limit and leaves none.
    """
    moves: list[Move] = []
    standing: set[float] = set()
    colour = ""
    for time, level in levels:
        for limit, _ in limits:
            if level >= limit:
                standing.add(limit)
            elif level < limit - DEADBAND_M and time not in doubted:
                standing.discard(limit)
        now = next((of for limit, of in limits if limit in standing), "")
        if now != colour:
            if not colour:
                kind = "raised"
            elif not now:
                kind = "returned"
            else:
                kind = "worsened" if RANKS.index(now) > RANKS.index(colour) else "improved"
            moves.append((kind, time, now))
            colour = now
    return moves


LEVELS = plain_levels()
LIMITS = plain_limits()


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-flood-judged", autocommit=True) as connection:
        flood = load(scenario("ditwah-2025"))
        with connection.transaction():
            for station in flood.stations:
                save_station(connection, station)
            for threshold in flood.thresholds:
                save_threshold(connection, threshold, "test")
        connection.execute("update threshold set on_delay_s = 0, off_delay_s = 0")
        field = Field(connection)
        field.county()
        yield field


def replay(county: Field, exercise: str, *, flags_count: bool) -> None:
    """Through ingest's own way in, batch by batch in the order of time, the evaluator after each."""
    connection = county.connection
    start_exercise(connection, exercise, exercise, "ditwah-2025", "test")
    directory = Directory()
    limits, keeping = Limits.of(Settings()), Keeping.of(Settings())
    readings = sorted((time, gauge, level) for gauge, levels in LEVELS.items() for time, level in levels)
    for start in range(0, len(readings), BATCH):
        messages = [
            Inbound(
                f"anlan/drill/{exercise}/obs/{gauge}",
                json.dumps({"time": time.isoformat(), "values": {"water_level": level}}).encode(),
                time + DELAY,
            )
            for time, gauge, level in readings[start : start + BATCH]
        ]
        with connection.transaction():
            write(connection, messages, directory, limits, keeping=keeping)
            if not flags_count:
                connection.execute("update observation set quality = 1 where quality in (3, 4)")
        county.evaluate((messages[-1].received_at - START).total_seconds() / 60)


def moves(connection: Connection[Any], exercise: str) -> dict[str, list[Move]]:
    """What the alarms' histories tell."""
    found: dict[str, list[Move]] = {}
    for station, kind, time, colour in connection.execute(
        "select station, kind, alarm_event.observed_at, alarm_event.severity"
        " from alarm_event join alarm on alarm.id = alarm where exercise = %s"
        " and kind in ('raised', 'worsened', 'improved', 'returned') order by alarm_event.id",
        (exercise,),
    ):
        found.setdefault(station, []).append((kind, time, colour or ""))
    return found


def flagged(connection: Connection[Any], exercise: str) -> dict[str, dict[datetime, str]]:
    """Per gauge the levels that judgement has doubts about, with its reasons."""
    found: dict[str, dict[datetime, str]] = {gauge: {} for gauge in LEVELS}
    for gauge, time, reason in connection.execute(
        "select station, time, reason from public_v1.observation where exercise = %s and quality in (3, 4)",
        (exercise,),
    ):
        found[gauge][time] = reason
    return found


def test_where_flags_only_stand_beside_the_values_every_move_is_where_a_plain_computation_puts_it(
    county: Field,
) -> None:
    replay(county, "beside", flags_count=False)
    plain = {gauge: plain_moves(LIMITS[gauge], levels, frozenset()) for gauge, levels in LEVELS.items()}
    assert moves(county.connection, "beside") == {gauge: found for gauge, found in plain.items() if found}
    kinds = [kind for found in plain.values() for kind, _, _ in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "raised": 64, "worsened": 60, "improved": 42, "returned": 51
    }  # fmt: skip
    doubts = county.connection.execute(
        "select count(*) from public_v1.observation where exercise = 'beside' and reason <> ''"
    ).fetchone()
    assert doubts is not None and doubts[0] > 0


EXPLAINED = {
    "dunamale": ["-returned 30 18:32:11 falls_fast,spike", "-raised 30 18:34:10"],
    "ellagawa": [
        "-returned 30 05:30:16 falls_fast",
        "-raised 30 05:30:22 falls_fast",
        "-worsened 30 05:30:26 rises_fast",
    ],
    "holombuwa": ["-returned 29 09:10:18 falls_fast", "+returned 29 15:36:01"],
    "kalawellawa-millakanda": ["-returned 30 20:36:40 falls_fast,spike", "-raised 30 20:37:08"],
    "moraketiya": ["-returned 27 18:41:27 falls_fast,spike", "-raised 27 19:36:08"],
    "nawalapitiya": [
        "-improved 30 09:32:54 falls_fast",
        "+improved 30 09:32:56",
        "-returned 30 09:32:58 falls_fast",
        "+returned 30 13:30:38",
    ],
    "yaka-wewa": ["-returned 29 11:57:03 falls_fast", "+returned 29 17:35:33"],
}
"""What changes where doubts count: day and time of the flood, and why. `-`: a return, or an improvement, that a doubtful
fall does not make, and the new raise that is none because the alarm stands. `+`: the first believed level below."""


def test_where_they_count_every_difference_has_its_reason(county: Field) -> None:
    replay(county, "counting", flags_count=True)
    doubts = flagged(county.connection, "counting")
    told = moves(county.connection, "counting")
    plain = {
        gauge: plain_moves(LIMITS[gauge], levels, frozenset(doubts[gauge]))
        for gauge, levels in LEVELS.items()
    }
    assert told == {gauge: found for gauge, found in plain.items() if found}

    without = moves(county.connection, "beside")
    differing = [gauge for gauge in LEVELS if told.get(gauge) != without.get(gauge)]
    assert {
        gauge: differences(without[gauge], told[gauge], doubts[gauge]) for gauge in differing
    } == EXPLAINED
    assert {gauge: worst(found) for gauge, found in told.items()} == {
        gauge: worst(found) for gauge, found in without.items()
    }, "no doubt takes a flood away"


def worst(found: list[Move]) -> str:
    """The worst colour of all."""
    return max((colour for _, _, colour in found), key=RANKS.index)


def differences(without: list[Move], told: list[Move], doubts: dict[datetime, str]) -> list[str]:
    """In order of time: what was only told without doubts, and what only with them."""
    gone = [("-", move) for move in without if move not in told]
    come = [("+", move) for move in told if move not in without]
    return [
        f"{sign}{kind} {time:%d %H:%M:%S} {doubts.get(time, '')}".strip()
        for sign, (kind, time, _) in sorted(gone + come, key=lambda entry: entry[1][1])
    ]
