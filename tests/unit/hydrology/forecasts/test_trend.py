"""A level carried on by its trend: damped, with a range, and never further than is known."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quality import Quality
from hydrology.forecasts import LONGEST_S, Forecast, Source
from hydrology.forecasts.trend import project
from hydrology.trend import Point

T0 = 1_780_000_000.0


def readings(*values: float, every_s: float = 300, quality: Quality = Quality.GOOD) -> list[Point]:
    """Values that end at T0."""
    return [
        Point(T0 - every_s * (len(values) - 1 - number), value, quality)
        for number, value in enumerate(values)
    ]


def rising(per_hour: float, count: int = 13, every_s: float = 300, start: float = 3.0) -> list[Point]:
    """A straight rise."""
    return readings(*[start + per_hour * number * every_s / 3600 for number in range(count)], every_s=every_s)


def made(points: list[Point]) -> Forecast:
    found = project(points)
    assert found is not None
    return found


def test_a_calm_river_stays_where_it_is_within_a_range_that_holds_the_present_level() -> None:
    found = made(rising(0.0))
    assert {one.value for one in found.points} == {3.0}
    assert all(one.low < 3.0 < one.high for one in found.points[1:])
    assert found.points[-1].high - 3.0 == pytest.approx(0.09, abs=0.005)


def test_a_rise_goes_on_but_not_for_ever() -> None:
    found = made(rising(0.5))
    hour = next(one for one in found.points if one.valid_s == T0 + 3600)
    last = found.points[-1]
    assert 0.3 < hour.value - 3.5 < 0.5
    assert hour.value < last.value < 3.5 + 0.5 * 3
    assert last.high >= 3.5 + 0.5 * 3, "the range holds a rise that goes on as it is"


def test_what_jumps_about_has_a_wider_range_than_what_rises_smoothly() -> None:
    smooth = made(rising(0.3))
    rough = made(
        [Point(p.time_s, p.value + (0.06 if n % 2 else -0.06), p.quality) for n, p in enumerate(rising(0.3))]
    )
    assert rough.points[2].high - rough.points[2].low > 1.3 * (smooth.points[2].high - smooth.points[2].low)


def test_an_hourly_gauge_has_a_forecast_from_three_readings() -> None:
    assert project(rising(0.2, count=3, every_s=3600)) is not None
    assert project(rising(0.2, count=2, every_s=3600)) is None


def test_suspect_readings_are_left_out_and_nothing_is_said_from_a_doubtful_newest_one() -> None:
    points = rising(0.1)
    points[-1] = Point(T0, 9.9, Quality.SUSPECT)
    assert project(points) is None


def test_a_rise_that_nobody_has_verified_has_a_name_of_its_own() -> None:
    points = rising(0.0)
    points[-2] = Point(points[-2].time_s, 3.6, Quality.SUSPECT)
    points[-1] = Point(T0, 4.2, Quality.SUSPECT)
    found = made(points)
    assert found.source is Source.UNVERIFIED_TREND
    assert found.points[-1].value > 4.2


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.MISSING])
def test_nothing_is_made_of_nothing(quality: Quality) -> None:
    assert project([]) is None
    assert project(readings(*[3.0] * 13, quality=quality)) is None


LEVELS = st.lists(st.floats(-5, 40, allow_nan=False).map(lambda one: round(one, 2)), min_size=0, max_size=40)


@given(LEVELS, st.sampled_from([60.0, 300.0, 600.0, 1800.0, 3600.0]))
def test_whatever_was_read_the_forecast_is_in_order_and_within_three_hours(
    values: list[float], every_s: float
) -> None:
    points = readings(*values, every_s=every_s)
    found = project(points)
    if found is None:
        return
    assert found.issued_s == points[-1].time_s
    assert found.points[0].value == found.points[0].low == found.points[0].high == points[-1].value
    assert found.points[-1].valid_s - found.issued_s <= LONGEST_S
    for before, after in itertools.pairwise(found.points):
        assert before.valid_s < after.valid_s
        assert after.low <= after.value <= after.high
        assert after.high - after.low >= before.high - before.low - 1e-3, "the further, the less is known"
    way = [after.value - before.value for before, after in itertools.pairwise(found.points)]
    assert all(one >= -1e-3 for one in way) or all(one <= 1e-3 for one in way), "it does not turn by itself"


@given(LEVELS.filter(lambda one: len(one) > 3), st.floats(-50, 50).map(lambda one: round(one, 2)))
def test_another_datum_moves_the_forecast_and_nothing_else(values: list[float], shift: float) -> None:
    one, other = project(readings(*values)), project(readings(*[round(value + shift, 2) for value in values]))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        for here, there in zip(one.points, other.points, strict=True):
            assert there.value == pytest.approx(here.value + shift, abs=5e-3)
            assert there.high - there.low == pytest.approx(here.high - here.low, abs=2e-2)
