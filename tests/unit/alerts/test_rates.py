"""Rates: fitted over a window, robust, and silent where too little is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.rates import FALL, MOST, RISE, Window, spoken


def window(points: list[tuple[float, float]], length_s: float = 3600) -> Window:
    made = Window(length_s)
    made.fill(points)
    return made


def test_a_steady_rise_has_its_own_rate() -> None:
    assert window([(300.0 * n, 3 + 0.05 * n) for n in range(12)]).rate() == pytest.approx(0.6)


def test_one_wild_point_in_three_does_not_move_it() -> None:
    points = [(300.0 * n, 3 + 0.05 * n + (2.0 if n in (3, 7) else 0)) for n in range(12)]
    assert window(points).rate() == pytest.approx(0.6, abs=0.15)


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0.0, 3.0), (3600.0, 4.0)],
        [(0.0, 3.0), (60.0, 3.1), (120.0, 3.2)],
    ],
)
def test_too_little_says_nothing(points: list[tuple[float, float]]) -> None:
    assert window(points).rate() is None


def test_what_has_left_the_window_is_forgotten() -> None:
    held = window([(60.0 * n, float(n)) for n in range(2000)])
    assert len(held.points) == 61
    assert held.points[0][0] == 60.0 * 1939


@given(st.lists(st.floats(-5, 5), min_size=MOST + 1, max_size=200), st.floats(-3, 3))
def test_many_points_are_thinned_and_keep_a_straight_line(noise: list[float], slope: float) -> None:
    points = [(20.0 * n, slope * n * 20 / 3600) for n in range(len(noise))]
    held = window(points, length_s=20.0 * len(noise))
    assert held.rate() == pytest.approx(slope, abs=1e-3)


def test_falling_fast_is_as_dangerous_as_rising_fast() -> None:
    assert spoken(RISE, 0.8) == 0.8
    assert spoken(FALL, -0.8) == 0.8


def test_a_clock_that_was_fast_leaves_nothing_ahead_of_the_newest_reading() -> None:
    held = window([(300.0 * n, 3.0) for n in range(12)])
    held.add(2700.0, 3.1)
    assert [time_s for time_s, _ in held.points] == [300.0 * n for n in range(9)] + [2700.0]
    held.add(3300.0, 3.2)
    held.add(3300.0, 3.3)
    assert held.points[-1] == (3300.0, 3.3), "one reading for a time, whatever was said before"
    assert held.rate() is not None
