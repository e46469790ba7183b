"""Rates of rise and sliding rain sums."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hydrology.rain import sliding_sum
from hydrology.trend import slope_per_hour, trend_code

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def test_a_steady_rise_is_found_through_noise() -> None:
    points = [(NOW - step * FIVE, 3.0 - step * 0.05 + (0.01 if step % 2 else -0.01)) for step in range(12)]
    assert slope_per_hour(points, NOW) == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_points_make_no_trend(count: int) -> None:
    assert slope_per_hour([(NOW - step * FIVE, 1.0) for step in range(count)], NOW) is None


def test_points_close_together_make_no_trend() -> None:
    assert slope_per_hour([(NOW - step * timedelta(minutes=1), step) for step in range(5)], NOW) is None


def test_what_is_older_than_the_window_does_not_count() -> None:
    points = [(NOW - step * FIVE, 2.0) for step in range(12)] + [(NOW - timedelta(hours=2), 50.0)]
    assert slope_per_hour(points, NOW) == pytest.approx(0.0)


@pytest.mark.parametrize(("slope", "code"), [(0.3, 5), (-0.3, 4), (0.01, 6), (None, None)])
def test_trend_codes_of_the_field(slope: float | None, code: int | None) -> None:
    assert trend_code(slope) == code


def test_a_total_counts_in_the_window_in_which_its_period_ends() -> None:
    totals = [(NOW - timedelta(hours=1), 100.0), (NOW - timedelta(minutes=55), 1.0), (NOW, 2.0)]
    assert sliding_sum(totals, NOW, timedelta(hours=1), 300).mm == 3.0


def test_the_sum_says_how_much_of_the_window_it_knows() -> None:
    half = [(NOW - step * FIVE, 1.0 if step % 2 else None) for step in range(12)]
    known = sliding_sum(half, NOW, timedelta(hours=1), 300)
    assert (known.mm, known.coverage) == (6.0, 0.5)
    assert sliding_sum([], NOW, timedelta(hours=1), 300).coverage == 0.0
