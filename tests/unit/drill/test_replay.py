"""The flood of November 2025 as the scenario's files give it."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InputError, NotFoundError
from core.severity import Severity
from drill.replay import Replay, highest_severities, load, shifted, slug
from drill.scenario import READINGS, STORM, names, scenario


@pytest.fixture(scope="module")
def ditwah() -> Replay:
    return load(scenario("ditwah-2025"))


def test_every_reading_is_played_once_in_time_order(ditwah: Replay) -> None:
    assert len(ditwah.readings) == 6760
    assert ditwah.duplicates == 0
    assert len({(entry.station, entry.time) for entry in ditwah.readings}) == 6760
    assert len({entry.station for entry in ditwah.readings}) == 39
    times = [entry.time for entry in ditwah.readings]
    assert times == sorted(times)


def test_a_limit_of_zero_is_no_threshold(ditwah: Replay) -> None:
    assert len(ditwah.stations) == 40
    assert len(ditwah.thresholds) == 39 * 3
    assert "ampara" not in {entry.station for entry in ditwah.thresholds}


def test_alert_is_yellow_minor_orange_major_red(ditwah: Replay) -> None:
    limits = {
        entry.name: entry.severity for entry in ditwah.thresholds if entry.station == "nagalagam-street"
    }
    assert limits == {
        "alert": Severity.YELLOW,
        "minor_flood": Severity.ORANGE,
        "major_flood": Severity.RED,
    }


def test_stations_and_limits_stand_over_the_same_datum(ditwah: Replay) -> None:
    assert {entry.datum for entry in ditwah.stations} == {entry.datum for entry in ditwah.thresholds}


def test_the_plain_reading_agrees_with_one_written_apart(ditwah: Replay) -> None:
    """Counts straight from the file, with the owner's field names, so that no mistake is made twice."""
    folder = scenario("ditwah-2025").folder
    import json

    limits = {entry["name"]: entry for entry in json.loads((folder / "stations.json").read_text())}
    worst: Counter[str] = Counter()
    with (folder / "all.tsv").open(newline="") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            gauge, level = limits[row["station_name"]], float(row["water_level_m"])
            rank = sum(
                level >= gauge[field]
                for field in ("alert_level_m", "minor_flood_level_m", "major_flood_level_m")
                if gauge[field]
            )
            worst[slug(row["station_name"])] = max(worst[slug(row["station_name"])], rank)
    names_of_rank = {1: Severity.YELLOW, 2: Severity.ORANGE, 3: Severity.RED}
    expected = {station: names_of_rank[rank] for station, rank in worst.items() if rank}
    assert highest_severities(ditwah.readings, ditwah.thresholds) == expected
    assert len(expected) > 10


def test_shifted_readings_end_now_and_keep_their_gaps(ditwah: Replay) -> None:
    end = datetime(2026, 11, 22, 7, 12, 3, 456, UTC)
    moved = shifted(ditwah.readings, end)
    assert moved[-1].time == end.replace(microsecond=0)
    assert {later.time - earlier.time for later, earlier in zip(moved, ditwah.readings, strict=True)} == {
        timedelta(seconds=(moved[0].time - ditwah.readings[0].time).total_seconds())
    }


def test_names_become_stable_codes() -> None:
    assert slug("Nagalagam Street") == "nagalagam-street"
    assert slug("Kalawellawa (Millakanda)") == "kalawellawa-millakanda"


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="ditwah-2025"):
        scenario("nosuch")
    assert "ditwah-2025" in names(READINGS)
    assert "ditwah-2025" not in names(STORM)


def test_two_levels_for_one_time_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    from dataclasses import replace

    folder = tmp_path_factory.mktemp("scenario")
    real = scenario("ditwah-2025")
    (folder / "stations.json").write_text((real.folder / "stations.json").read_text())
    (folder / "all.tsv").write_text(
        "station_name\ttime_ut\twater_level_m\nMagura\t1764585571\t2.19\nMagura\t1764585571\t2.20\n"
    )
    with pytest.raises(InputError, match="two levels for magura"):
        load(replace(real, folder=folder))
