"""What the defaults flag: of a real flood little, of an ordinary county's storm nothing."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from core.quality import Quality
from core.stations import StationKind
from drill.county import list_file
from drill.county.model import load_model
from drill.field.behaviour import behaviour_of
from drill.field.reports import reading, reporters
from drill.scenario import scenario
from drill.storm.scenario import storm_of
from drill.storm.simulation import STEP_S, Simulation, simulate
from drill.story import Story
from hydrology.judgement import limits_of
from tests.unit.hydrology.series import ditwah, judged, limits

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_a_real_flood_read_by_hand() -> None:
    flags: Counter[str] = Counter()
    by_gauge: Counter[str] = Counter()
    for gauge, readings in ditwah().items():
        for quality, reason in judged(readings, limits()):
            assert quality in (Quality.GOOD, Quality.SUSPECT)
            flags[reason] += 1
            by_gauge[gauge] += quality is Quality.SUSPECT
    assert flags == {
        "": 6689, "falls_fast": 60, "falls_fast,spike": 4, "rises_fast": 4, "spike": 2, "rises_fast,spike": 1,
    }  # fmt: skip
    assert by_gauge.most_common(2) == [("Nawalapitiya", 35), ("Holombuwa", 11)]


@pytest.fixture(scope="module")
def storm() -> Simulation:
    played = storm_of(scenario("typhoon-2026"))
    return simulate(load_model(), played.fixes, played.begin, played.end)


def test_the_demo_county_is_in_no_doubt_at_all(storm: Simulation) -> None:
    """Fifteen hours of history and the storm at natural speed to its end, every value each five minutes."""
    chosen = scenario("typhoon-2026")
    story = Story(NOW, storm_of(chosen).start, 1)
    kinds = kinds_of_stations()
    count = 0
    for reporter in reporters(load_model(), behaviour_of(chosen)):
        moments = reporter.moments(NOW - timedelta(hours=15), NOW, STEP_S)
        told = [reading(reporter, moment, story, storm) for moment in moments]
        told += [
            reading(reporter, moment, story, storm)
            for moment in reporter.moments(NOW, NOW + timedelta(hours=56), STEP_S)
        ]
        for name in told[0][1]:
            series = [(moment, value) for moment, values in told if (value := values[name]) is not None]
            given = limits_of(name, kinds[reporter.station], STEP_S if reporter.rain else 0)
            found = judged(series, given)
            assert set(found) == {(Quality.GOOD, "")}, (reporter.station, name, Counter(found))
            count += len(series)
    assert count == 150_804


def kinds_of_stations() -> dict[str, StationKind]:
    """Each station of the invented county with its kind."""

    with list_file("stations").open(encoding="utf-8-sig") as source:
        return {row["code"]: StationKind(row["kind"]) for row in csv.DictReader(source)}
