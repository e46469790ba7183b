"""Each test of judgement by itself: what it flags, why, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.judgement_limits import JudgementLimit
from core.quality import Quality
from core.stations import StationKind
from hydrology.judgement import Lag, Trail, limits_of
from hydrology.judgement.counter import increment
from tests.unit.hydrology.series import START, every, judged, limits, limits_with, reasons

GOOD = (Quality.GOOD, "")


@pytest.mark.parametrize(
    ("values", "given", "expected"),
    [
        # gross range of the series
        ([2.0, 2.1], {"high": 2.05}, ["", "above_limit"]),
        ([2.0, 1.9], {"low": 1.95}, ["", "below_limit"]),
        ([2.0, 2.1], {"high": None}, ["", ""]),
        # rate: 3 m/h, but half a metre is waves
        ([2.0, 2.4, 2.8], {}, ["", "", ""]),
        ([2.0, 2.6], {}, ["", "rises_fast"]),
        ([2.0, 5.0, 5.1, 5.2], {}, ["", "rises_fast", "", ""]),
        ([2.0, 3.2, 4.6, 5.9, 6.0], {}, ["", "rises_fast", "rises_on", "rises_on", ""]),
        ([5.0, 4.4], {}, ["", "falls_fast"]),
        ([2.0, 2.6], {"rise_per_h": None}, ["", ""]),
        # spike: known when the next one comes
        ([4.32, 1.32, 4.32, 4.3], {}, ["", "falls_fast,spike", "", ""]),
        ([2.0, 9.0, 2.0, 2.0], {}, ["", "rises_fast,spike", "", ""]),
        ([2.0, 3.3, 2.0], {"rise_per_h": None, "fall_per_h": None}, ["", "spike", ""]),
        # a jump that another unit explains
        ([3.44, 345.0], {}, ["", "rises_fast,wrong_unit"]),
        # the top of the sensor
        ([4.6, 5.0, 5.0], {"sensor_top": 5.0}, ["", "at_least", "at_least"]),
        ([1.0, 5.0, 5.0, 5.0], {"sensor_top": 5.0}, ["", "at_least,rises_fast", "at_least", "at_least"]),
    ],
)
def test_a_river_every_five_minutes(
    values: list[float], given: dict[str, float | None], expected: list[str]
) -> None:
    found = judged(every(5, values), limits_with(given))
    assert [reason for _, reason in found] == expected
    informs = {"", "at_least"}
    assert [quality is Quality.SUSPECT for quality, _ in found] == [
        reason not in informs for reason in expected
    ]


def test_the_rate_is_taken_over_the_time_that_passed() -> None:
    assert reasons([2.0, 4.9], limits(), minutes=60) == ["", ""]
    assert reasons([2.0, 5.1], limits(), minutes=60) == ["", "rises_fast"]
    assert reasons([2.0, 9.0], limits(), minutes=24 * 60) == ["", ""]


def test_rise_and_fall_have_limits_of_their_own() -> None:
    given = limits(rise_per_h=1.0, fall_per_h=10.0, step=0.1)
    assert reasons([2.0, 2.3], given) == ["", "rises_fast"]
    assert reasons([2.3, 2.0], given) == ["", ""]


def test_what_is_usual_differs_from_month_to_month() -> None:
    rows = [
        JudgementLimit("S", "air_temperature", None, "soft_high", None, 30.0),
        JudgementLimit("S", "air_temperature", None, "soft_high", 7, 41.0),
        JudgementLimit("S", "air_temperature", None, "soft_low", 1, -15.0),
    ]
    given = limits_of("air_temperature", None, 0, rows)
    july, june = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    assert judged([(july, 40.0)], given) == [GOOD]
    assert judged([(july, 42.0)], given) == [(Quality.SUSPECT, "above_usual")]
    assert judged([(june, 31.0)], given) == [(Quality.SUSPECT, "above_usual")]
    assert judged([(june, -16.0)], given) == [GOOD]
    january = datetime(2026, 1, 1, tzinfo=UTC)
    assert judged([(january, -16.0)], given) == [(Quality.SUSPECT, "below_usual")]


@pytest.mark.parametrize(
    ("property", "value", "hours", "period_s", "expected"),
    [
        ("water_level", 3.21, 71, 0, ""),
        ("water_level", 3.21, 73, 0, "stuck"),
        ("water_level", 0.0, 1, 0, ""),
        ("water_level", 0.0, 3, 0, "dry_probe"),
        ("tide_level", 1.5, 4, 0, "stuck"),
        ("tide_level", 0.0, 2, 0, ""),
        ("rainfall", 0.0, 500, 300, ""),
        ("rainfall", 0.5, 13, 300, "stuck"),
        ("wind_speed", 0.0, 100, 0, ""),
        ("wind_speed", 3.1, 13, 0, "stuck"),
        ("battery_voltage", 12.6, 1000, 0, ""),
    ],
)
def test_the_same_value_for_hours(
    property: str, value: float, hours: float, period_s: int, expected: str
) -> None:
    count = int(hours * 2) + 1
    assert reasons([value] * count, limits(property, period_s), minutes=30)[-1] == expected


def test_a_zero_on_a_low_battery_is_no_dry_probe() -> None:
    trail = Trail(limits())
    trail.watch(None, power_low=True)
    assert judged(every(30, [0.0] * 8), trail.limits, trail)[-1] == (Quality.SUSPECT, "stuck")


def test_a_gauge_pinned_at_its_top_is_not_stuck() -> None:
    found = reasons([4.8, 5.0, *[5.0] * 400], limits(sensor_top=5.0), minutes=30)
    assert set(found[1:]) == {"at_least"}


@pytest.mark.parametrize(
    ("before", "after", "rain", "event"),
    [
        (100.0, 112.5, 12.5, None),
        (1239.6, 0.0, 0.0, "counter_reset"),
        (1239.6, 3.0, 0.0, "counter_reset"),
        (99_990.0, 5.0, 15.0, "counter_wrapped"),
        (99_999.9, 0.0, 0.1, "counter_wrapped"),
        (99_990.0, 50_000.0, 0.0, "counter_reset"),
    ],
)
def test_a_counter_never_gives_negative_rain(
    before: float, after: float, rain: float, event: str | None
) -> None:
    found, why = increment(before, after)
    assert (round(found, 6), why) == (rain, event)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1239.0, 1239.5, 0.0, 0.5, 2.0], ["", "", "counter_reset", "", ""]),
        ([1239.0, 0.0, 1239.5], ["", "counter_reset", ""]),
        ([99_999.0, 2.0, 3.0], ["", "counter_wrapped", ""]),
        ([1239.0, 1239.0, 1240.0], ["", "", ""]),
        ([1239.0, 1639.0, 1639.5], ["", "rises_fast", ""]),
    ],
)
def test_a_cumulative_counter(values: list[float], expected: list[str]) -> None:
    assert reasons(values, limits("rainfall_cumulative")) == expected


def test_more_rain_than_the_world_has_seen_the_half_of_is_doubtful() -> None:
    assert reasons([64.0, 66.0], limits("rainfall", 300)) == ["", "above_limit"]
    assert reasons([201.9, 220.0], limits("rainfall", 3600), minutes=60) == ["", "above_limit"]
    assert reasons([717.0, 1100.0], limits("rainfall", 86_400), minutes=1440) == ["", "above_limit"]


def test_two_sensors_that_differ_are_both_doubtful_and_a_later_reading_says_nothing() -> None:
    given = limits()
    at = START.timestamp()
    for other, expected in (((at, 2.4), ""), ((at - 60, 3.0), "neighbour_differs"), ((at - 1000, 3.0), "")):
        trail = Trail(given)
        trail.watch(other, power_low=False)
        assert judged([(START, 2.0)], given, trail)[0][1] == expected


def test_sluices_may_move_faster_than_rivers() -> None:
    values = [2.0, 4.5]
    assert reasons(values, limits(), minutes=30) == ["", "rises_fast"]
    assert reasons(values, limits(kind=StationKind.SLUICE), minutes=30) == ["", ""]


def test_an_unknown_quantity_is_not_evaluated() -> None:
    assert judged([(START, 5.0)], limits("turbidity")) == [(Quality.NOT_EVALUATED, "")]


def test_an_impossible_value_is_bad_only_where_it_means_no_danger() -> None:
    found = judged(every(5, [2.0, -500.0, 99_999.0, 2.0]), limits())
    assert [quality for quality, _ in found] == [Quality.GOOD, Quality.BAD, Quality.SUSPECT, Quality.GOOD]
    assert found[1][1] == "below_range"


@pytest.mark.parametrize(
    ("lag_s", "each_s", "count", "behind"),
    [(3600, 300, 5, True), (3600, 300, 3, False), (700, 60, 4, True), (90_000, 300, 9, False)],
)
def test_a_clock_that_stays_behind_is_wrong(lag_s: float, each_s: float, count: int, behind: bool) -> None:
    lag = Lag()
    found = [lag.is_clock_behind(n * each_s, n * each_s + lag_s) for n in range(1, count + 1)]
    assert found[-1] is behind


def test_a_backlog_is_late_and_its_clock_is_right() -> None:
    lag = Lag()
    assert not any(lag.is_clock_behind(n * 300.0, 100_000.0 + n * 30.0) for n in range(200))
    assert not any(lag.is_clock_behind(n * 300.0, 300_000.0 + n * 0.01) for n in range(200))


def test_a_fall_away_from_danger_is_believed_only_when_the_water_could_have_receded() -> None:
    values = [5.5, *[0.3 + 0.01 * (n % 7) for n in range(200)]]
    found = reasons(values, limits())
    believed = found.index("", 1)
    assert timedelta(hours=6) < timedelta(minutes=5 * believed) < timedelta(hours=8)
    assert set(found[1:believed]) == {"falls_fast"}
