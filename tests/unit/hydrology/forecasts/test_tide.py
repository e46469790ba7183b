"""Tides: the turn is foreseen, and a restless surge widens the range."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrology.forecasts import LONGEST_S, Forecast, Source
from hydrology.forecasts.tide import HISTORY_S, LEADS_S, project

T0 = 1_780_000_000.0


def astronomic(time_s: float) -> float:
    """Two metres up and down, high water 90 minutes after T0."""
    return 2 * math.cos(2 * math.pi * (time_s - T0 - 5400) / (12.42 * 3600))


AHEAD = [astronomic(T0 + lead) for lead in (0, *LEADS_S)]
DAY = [T0 - HISTORY_S + 300 * number for number in range(289)]


def made(surges: list[float]) -> Forecast:
    found = project(T0, AHEAD[0] + surges[-1], AHEAD, DAY, surges)
    assert found is not None
    return found


def test_the_turn_of_the_tide_is_foreseen_with_the_surge_of_now() -> None:
    found = made([0.4] * 289)
    assert found.source is Source.TIDE
    crest = max(found.points, key=lambda one: one.value)
    assert crest.valid_s == T0 + 5400
    assert crest.value == pytest.approx(2.4, abs=0.001)
    assert found.points[-1].high - found.points[-1].value == pytest.approx(0.02)


def test_a_surge_that_rose_all_day_widens_the_range_by_what_it_rose_in_as_long() -> None:
    found = made([0.1 * number / 12 for number in range(289)])
    widths = {round(one.valid_s - T0): one.high - one.value for one in found.points}
    assert widths[3600] == pytest.approx(0.1, abs=0.01)
    assert widths[10800] == pytest.approx(0.3, abs=0.01)


def test_too_short_a_history_says_nothing() -> None:
    assert project(T0, AHEAD[0], AHEAD, DAY[-20:], [0.0] * 20) is None
    assert project(T0, AHEAD[0], AHEAD, [], []) is None
    assert project(T0, AHEAD[0], AHEAD, DAY[-72:], [0.0] * 72) is not None


def test_a_gap_is_not_filled() -> None:
    times = [one for one in DAY if one < T0 - 22 * 3600 or one > T0 - 3 * 3600]
    assert project(T0, AHEAD[0], AHEAD, times, [0.0] * len(times)) is None


@given(st.lists(st.floats(-3, 3), min_size=289, max_size=289))
def test_the_range_holds_the_value_and_grows(surges: list[float]) -> None:
    found = made(surges)
    assert found.points[-1].valid_s == T0 + LONGEST_S
    widths = [one.high - one.low for one in found.points]
    assert all(one.low <= one.value <= one.high for one in found.points)
    assert all(after >= before - 2e-4 for before, after in pairwise(widths))
