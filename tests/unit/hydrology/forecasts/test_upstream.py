"""Corresponding stages: what rose upstream rises here when the flood has travelled, and nothing beyond."""

from __future__ import annotations

import math

import pytest

from hydrology.forecasts import Source
from hydrology.forecasts.upstream import Relation, Stretch, Travel, project, relate

T0 = 1_780_000_000.0
HOUR = 3600.0
TWO_HOURS = Travel(1.5 * HOUR, 2 * HOUR, 3 * HOUR)


def flood(time_s: float) -> float:
    """A rise of three metres within some hours, upstream, highest at T0."""
    return 10 + 3 * math.exp(-(((time_s - T0) / (3 * HOUR)) ** 2))


def stretch(first: float, last: float, lag_s: float = 0.0, share: float = 1.0, noise: float = 0.0) -> Stretch:
    times = [first + 300 * number for number in range(int((last - first) / 300) + 1)]
    return Stretch(times, [5 + share * (flood(t - lag_s) - 10) + noise * math.sin(t / 97.0) for t in times])


HISTORY = [
    (stretch(T0 - 12 * HOUR, T0 + 12 * HOUR), stretch(T0 - 12 * HOUR, T0 + 12 * HOUR, 2 * HOUR, 0.6, 0.01))
]


def below(now: float) -> Stretch:
    """What was read here in the three hours before."""
    return stretch(now - 3 * HOUR, now, 2 * HOUR, 0.6)


def relation() -> Relation:
    found = relate(HISTORY, TWO_HOURS)
    assert found is not None
    return found


def test_the_slope_is_found_and_leads_end_with_the_travel_time() -> None:
    found = relation()
    assert len(found.steps) == 8
    assert found.steps[-1].of_upstream == pytest.approx(0.6, abs=0.02)
    assert found.correlation > 0.95


def test_a_rise_that_has_passed_upstream_is_foreseen_here() -> None:
    now = T0 + 0.5 * HOUR
    upstream = stretch(now - 6 * HOUR, now)
    here = 5 + 0.6 * (flood(now - 2 * HOUR) - 10)
    found = project(now, here, below(now), upstream, TWO_HOURS, relation())
    assert found is not None
    assert found.source is Source.UPSTREAM
    assert found.points[-1].valid_s == now + 2 * HOUR
    assert found.points[-1].value == pytest.approx(5 + 0.6 * (flood(now) - 10), abs=0.06)
    assert all(one.low <= one.value <= one.high for one in found.points)


def test_a_calm_history_teaches_nothing() -> None:
    calm = stretch(T0 - 12 * HOUR, T0 + 12 * HOUR, share=0.0)
    assert relate([(calm, calm)], TWO_HOURS) is None
    assert relate([], TWO_HOURS) is None


def test_two_rivers_that_have_nothing_to_do_with_each_other_are_not_related() -> None:
    other = stretch(T0 - 12 * HOUR, T0 + 12 * HOUR, -7 * HOUR)
    assert relate([(HISTORY[0][0], other)], TWO_HOURS) is None


def test_a_station_upstream_that_fell_silent_says_nothing() -> None:
    silent = stretch(T0 - 9 * HOUR, T0 - 3 * HOUR)
    assert project(T0, 5.0, below(T0), silent, TWO_HOURS, relation()) is None
    assert project(T0, 5.0, below(T0), Stretch([], []), TWO_HOURS, relation()) is None


def test_a_station_that_was_silent_itself_says_nothing() -> None:
    upstream = stretch(T0 - 6 * HOUR, T0)
    assert project(T0, 5.0, Stretch([T0], [5.0]), upstream, TWO_HOURS, relation()) is None


def test_what_a_station_does_by_itself_is_learnt_too() -> None:
    """Upstream explains most of the rise, its own rain the rest: rising steadily."""
    up = stretch(T0 - 12 * HOUR, T0 + 12 * HOUR)
    down = Stretch(
        up.times_s, [5 + 0.45 * (flood(t - 2 * HOUR) - 10) + 0.08 * (t - T0) / HOUR for t in up.times_s]
    )
    found = relate([(up, down)], TWO_HOURS)
    assert found is not None
    now = T0 - HOUR
    here = Stretch(
        *zip(*[(t, v) for t, v in zip(down.times_s, down.values, strict=True) if t <= now], strict=True)
    )
    upstream = stretch(now - 6 * HOUR, now)
    made = project(now, here.values[-1], here, upstream, TWO_HOURS, found)
    assert made is not None
    comes = 5 + 0.45 * (flood(now) - 10) + 0.08 * (now + 2 * HOUR - T0) / HOUR
    assert made.points[-1].low <= comes <= made.points[-1].high
    assert abs(made.points[-1].value - comes) < 0.25 * abs(comes - here.values[-1])


def test_where_the_travel_time_is_uncertain_the_range_says_so() -> None:
    now = T0 - HOUR
    upstream, here = stretch(now - 6 * HOUR, now), 5 + 0.6 * (flood(now - 2 * HOUR) - 10)
    wide = project(now, here, below(now), upstream, TWO_HOURS, relation())
    sure = project(now, here, below(now), upstream, Travel(2 * HOUR, 2 * HOUR, 2 * HOUR), relation())
    assert wide is not None and sure is not None
    assert wide.points[4].high - wide.points[4].low > 1.5 * (sure.points[4].high - sure.points[4].low)
    assert wide.points[4].value == sure.points[4].value
