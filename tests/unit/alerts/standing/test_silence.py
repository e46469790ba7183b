"""When a series and a station are silent, and when they are back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.standing.habits import usual_gap_s
from alerts.standing.silence import Terms, is_back, overdue, silent_series, silent_stations
from store.liveness import Suspect

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TERMS = Terms.of({})


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def suspect(
    heard_s: float | None, *, station_s: float | None = None, period_s: int = 300, series: int = 1
) -> Suspect:
    heard = None if heard_s is None else ago(heard_s)
    station = ago(station_s) if station_s is not None else heard or NOW
    return Suspect(
        series, "S1", "water_level", 1, 0, None, "一号", "One", "T", period_s, heard, False, station
    )


@pytest.mark.parametrize(
    ("heard_s", "period_s", "terms", "silent"),
    [
        (899, 300, {}, False),
        (900, 300, {}, True),
        (901, 60, {}, True),
        (899, 60, {}, False),  # three minutes missed, but at least a quarter of an hour
        (10_799, 3600, {}, False),
        (10_800, 3600, {}, True),
        (1500, 300, {"missed": 5}, True),
        (1499, 300, {"missed": 5}, False),
        (120, 60, {"missed": 2, "least_s": 0}, True),
        (600, 300, {"own": {"S1": {"missed": 2, "least_s": 60}}}, True),
        (600, 300, {"own": {"S1/water_level/1/0": {"missed": 2, "least_s": 60}}}, True),
        (600, 300, {"own": {"S2": {"missed": 2, "least_s": 60}}}, False),
        (600, 300, {"own": {"S1": {"least_s": 60}, "S1/water_level/1/0": {"missed": 2}}}, True),
    ],
)
def test_a_series_is_silent_after_its_limit(
    heard_s: float, period_s: int, terms: dict[str, object], silent: bool
) -> None:
    one = suspect(heard_s, period_s=period_s)
    found = silent_series([one], {1: float(period_s)}, Terms.of(terms), NOW)
    assert bool(found) is silent


def test_a_limit_goes_by_what_is_usual_where_that_is_longer_than_the_set_period() -> None:
    hourly = suspect(7200, period_s=300)
    assert silent_series([hourly], {1: 3600.0}, TERMS, NOW) == []
    (found,) = silent_series([suspect(10_800, period_s=300)], {1: 3600.0}, TERMS, NOW)
    assert (found.every_s, found.limit_s) == (3600.0, 10_800.0)


def test_a_sensor_that_was_taken_off_is_not_waited_for_but_a_dead_station_always_is() -> None:
    week = 7 * 86_400
    assert overdue([suspect(week + 1000, station_s=900)], TERMS, NOW) == []
    assert len(overdue([suspect(week - 1000, station_s=900)], TERMS, NOW)) == 1
    assert len(overdue([suspect(10 * week)], TERMS, NOW)) == 1


def test_nobody_asks_how_often_a_series_is_heard_before_it_is_overdue_by_its_set_period() -> None:
    assert overdue([suspect(899), suspect(10_799, period_s=3600), suspect(None)], TERMS, NOW) == []
    assert len(overdue([suspect(900), suspect(10_800, period_s=3600)], TERMS, NOW)) == 2


def test_a_series_of_which_it_is_not_known_yet_how_often_it_is_heard_is_not_silent_yet() -> None:
    known, unknown = suspect(900, series=1), suspect(900, series=2)
    assert [one.suspect.series for one in silent_series([known, unknown], {1: 300.0}, TERMS, NOW)] == [1]


def test_a_value_that_was_never_there_is_not_waited_for() -> None:
    assert silent_series([suspect(None)], {}, TERMS, NOW) == []


def test_a_station_is_silent_only_when_nothing_of_it_is_heard() -> None:
    half_blind = silent_series([suspect(1000, station_s=20)], {1: 300.0}, TERMS, NOW)
    assert silent_stations(half_blind, NOW) == []
    dead = silent_series([suspect(1000)], {1: 300.0}, TERMS, NOW)
    assert [one.suspect.station for one in silent_stations(dead, NOW)] == ["S1"]


def test_a_slow_series_of_a_silent_station_does_not_delay_it() -> None:
    fast, slow = suspect(1000, series=1), suspect(1000, series=2)
    silent = silent_series([fast, slow], {1: 300.0, 2: 3600.0}, TERMS, NOW)
    assert [one.suspect.series for one in silent] == [1]
    assert [one.limit_s for one in silent_stations(silent, NOW)] == [900.0]


@pytest.mark.parametrize(
    ("received", "gap"),
    [
        ([], None),
        ([0], None),
        ([0, 300], None),
        ([0, 300, 600], 300),
        ([0, 300, 600, 21_600, 21_900], 300),  # an outage that is over
        ([0, 3600, 7200, 10_800], 3600),
        ([0, 1, 2, 3600, 3601, 3602, 7200], 3600),  # an hour's values in several messages
        ([0, 21_600, 21_601, 21_602, 21_900, 22_200], 300),  # a backlog at one moment
    ],
)
def test_what_is_usual_is_the_middle_gap_between_receipts(received: list[float], gap: float | None) -> None:
    assert usual_gap_s(received) == gap


@pytest.mark.parametrize(
    ("first_s", "last_s", "samples", "back"),
    [
        (0, 0, 2, False),
        (149, 0, 2, False),
        (150, 0, 2, True),  # half a period early at most
        (300, 0, 2, True),
        (0, 0, 1, True),
        (300, 0, 3, False),
        (600, 0, 3, True),
        (None, 0, 2, False),
    ],
)
def test_a_series_is_back_after_two_samples(
    first_s: float | None, last_s: float, samples: int, back: bool
) -> None:
    first = None if first_s is None else ago(first_s)
    assert is_back(first, ago(last_s), 300.0, samples) is back
