"""However much happens, a desk is called ten times in ten minutes at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.annunciation.flood import look
from alerts.annunciation.pace import allowed_at, fit
from core.cadence import WINDOW, Cadence
from core.severity import Severity

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CADENCE = Cadence()


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@given(
    asked=st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(list(Severity))), min_size=30, max_size=200
    ),
    most=st.integers(4, 30),
)
def test_no_ten_minutes_have_more_calls_than_allowed(asked: list[tuple[int, Severity]], most: int) -> None:
    cadence = Cadence(most_calls=most)
    calls: list[datetime] = []
    now = 0.0
    for pause, severity in asked:
        now += pause
        allowed = allowed_at(calls, severity, at(now), cadence)
        assert allowed >= at(now)
        now = (allowed - NOW).total_seconds()
        calls.append(allowed)
    assert all(sum(start <= call < start + WINDOW for call in calls) <= most for start in calls)


@given(calls=st.lists(st.integers(-700, 0), max_size=30).map(sorted))
def test_red_waits_for_the_pace_at_the_longest(calls: list[int]) -> None:
    times = [at(call) for call in calls]
    assert allowed_at(times, Severity.RED, NOW, CADENCE) <= NOW + CADENCE.pace
    assert CADENCE.pace == timedelta(seconds=150)


def test_the_first_few_go_at_once() -> None:
    assert fit([], [Severity.YELLOW] * 3, NOW, CADENCE)
    assert not fit([], [Severity.YELLOW] * 4, NOW, CADENCE)
    assert fit([], [Severity.RED] * 6, NOW, CADENCE)
    assert not fit([at(-1)], [Severity.RED] * 6, NOW, CADENCE)
    assert fit([at(-601)], [Severity.RED] * 6, NOW, CADENCE)
    assert not fit([], [Severity.YELLOW, *[Severity.RED] * 3], NOW, CADENCE), "yellow goes after the red ones"


def test_a_clock_that_jumped_back_keeps_nobody_waiting() -> None:
    assert allowed_at([at(3600)] * 10, Severity.RED, NOW, CADENCE) == NOW


@pytest.mark.parametrize(
    ("count", "was", "is_flood"),
    [(10, False, False), (11, False, True), (5, True, True), (4, True, False), (0, True, False)],
)
def test_a_flood_begins_above_ten_and_ends_below_five(count: int, was: bool, is_flood: bool) -> None:
    assert look([NOW] * count, NOW, CADENCE, was_flood=was).is_flood is is_flood


def test_a_flood_is_looked_at_again_when_it_ends_by_itself() -> None:
    asked = [at(number) for number in range(0, 110, 10)]
    found = look(asked, at(100), CADENCE, was_flood=False)
    assert (found.count, found.is_flood, found.again_at) == (11, True, at(60) + WINDOW)
    assert found.again_at is not None
    assert look(asked, found.again_at - timedelta(seconds=1), CADENCE, was_flood=True).is_flood
    assert not look(asked, found.again_at, CADENCE, was_flood=True).is_flood
