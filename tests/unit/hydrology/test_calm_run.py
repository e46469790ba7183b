"""A run that is taken at once leaves behind what its readings leave one by one, or is not taken at all."""

from __future__ import annotations

import copy
import random
from datetime import timedelta

import pytest

from hydrology.judgement import Lag, SeriesLimits, Trail
from tests.unit.hydrology.series import START, limits

LIMITS = {
    "rates": limits(rise_per_h=1.0, fall_per_h=1.0, step=0.1),
    "stuck": limits(stuck_s=4 * 3600, zero_s=2 * 3600),
    "range": limits(high=3.4, low=2.8),
}


def state(trail: Trail) -> dict[str, object]:
    """All that a trail knows, so that it can be compared (nan is not equal to itself)."""
    return {name: repr(getattr(trail, name)) for name in Trail.__slots__ if name != "limits"}


@pytest.mark.parametrize("given", LIMITS.values(), ids=LIMITS)
def test_a_run_is_taken_as_its_readings_would_be(given: SeriesLimits) -> None:
    dice = random.Random(7)
    taken = refused = 0
    for _ in range(400):
        one_by_one, at_once = Trail(given), Trail(given)
        times = [START + timedelta(minutes=step * 10) for step in range(30)]
        wild, still = dice.random() < 0.3, dice.random() < 0.5
        level, values = 3.0, []
        for _ in times:
            level += 0.0 if still and dice.random() < 0.95 else dice.uniform(-0.02, 0.02)
            values.append(level + (5.0 if wild and dice.random() < 0.05 else 0.0))
        seconds = [time.timestamp() for time in times]
        for trail in (one_by_one, at_once):
            if not trail.is_calm(times[0], seconds[0], values[0], 0):
                trail.closely(times[0], seconds[0], values[0], 0)
        before = state(at_once)
        calm = [one_by_one.is_calm(times[at], seconds[at], values[at], at) for at in range(1, len(times))]
        if at_once.are_calm(times[-1], seconds[1:], values[1:], len(times) - 1):
            taken += 1
            assert all(calm)
            assert state(at_once) == state(one_by_one)
        else:
            refused += 1
            assert not all(calm)
            assert state(at_once) == before
    assert taken > 40
    assert refused > 40


def test_a_run_that_stands_still_before_and_goes_on_is_stuck_when_its_time_has_come() -> None:
    given = limits(stuck_s=3600.0)
    for minutes, calm in [(50, True), (70, False)]:
        trail = Trail(given)
        trail.closely(START, START.timestamp(), 3.0, 0)
        times = [START + timedelta(minutes=at) for at in range(10, minutes + 1, 10)]
        seconds = [time.timestamp() for time in times]
        assert trail.are_calm(times[-1], seconds, [3.0] * len(times), 9) is calm


@pytest.mark.parametrize("second", [0.0, -60.0])
def test_a_time_that_does_not_go_on_is_looked_at_alone(second: float) -> None:
    trail = Trail(limits())
    trail.closely(START, START.timestamp(), 3.0, 0)
    first = START.timestamp() + 60
    assert not trail.are_calm(START, [first, first + second], [3.0, 3.0], 2)


@pytest.mark.parametrize("steady", range(6))
def test_a_lag_passes_a_run_as_its_readings_would(steady: int) -> None:
    dice = random.Random(steady)
    passed = 0
    for _ in range(300):
        received = 1_800_000_000.0
        start = Lag(received - dice.uniform(0, 30), dice.uniform(600, 9_000), steady)
        step = dice.choice([3.0, 6.0, 60.0])
        times = [received - 4_000 + at * step for at in range(30)]
        one_by_one, at_once = copy.copy(start), copy.copy(start)
        if at_once.passes_run(times, received):
            passed += 1
            assert not any(one_by_one.is_clock_behind(time, received) for time in times)
            assert at_once == one_by_one
        else:
            assert at_once == start
    assert passed > 0 or steady >= 4
