"""The evaluator's memory does not grow with the days: a simulated one, and with `--full` a week."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from store.connection import connect
from tests.integration.levels import Field

STATIONS = 20
MOST_BLOCKS = {False: 0.03, True: 0.01}
"""Python objects that may be held more at the end, for each reading since, in a day and in a week: a leak holds one at
least, and what is met for the first time is fewer and fewer of them."""
MOST_MB = 6.0


@pytest.fixture(scope="module")
def county(database: str) -> Iterator[Field]:
    with connect(database, name="test-week", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        for number in range(STATIONS):
            place.station(f"W{number:02d}", area="T")
        yield place


@pytest.mark.timeout(900)
def test_days_of_storms_leave_nothing_in_memory(
    county: Field, environment: dict[str, str], full: bool
) -> None:
    hours = 24 * 7 if full else 12
    words = [sys.executable, "-m", "tests.integration.simulated_week", str(STATIONS), str(hours)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == hours + 1
    sent, blocks, size_mb = held(lines[:4])
    all_sent, all_blocks, all_mb = held(lines[-4:])
    grown = (all_blocks - blocks) / (all_sent - sent)
    told = f"{all_blocks - blocks} blocks and {all_mb - size_mb:.1f} MB in {all_sent - sent} readings"
    print(told)
    assert grown < MOST_BLOCKS[full], told
    assert all_mb - size_mb < MOST_MB, told
    raised = dict(
        county.connection.execute(
            "select alarm.rule, count(*) from alarm_event join alarm on alarm.id = alarm"
            " where kind = 'raised' group by 1"
        ).fetchall()
    )
    assert raised["river_level"] > STATIONS and raised["station_rain"] >= STATIONS / 2, raised


def held(lines: list[list[float]]) -> tuple[float, float, float]:
    """Readings, blocks and memory of the hour with the fewest blocks: what it has in hand at a moment is no leak."""
    sent, blocks, size_mb = min(lines, key=lambda line: line[1])
    return sent, blocks, size_mb
