"""Delays: a limit counts once it was reached for so long, and is left once it was left for so long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alarms.course import Condition, Reading, Terms, advance, due_at, ripen
from alerts.rules.levels import Limit
from core.quality import Quality
from core.severity import Severity

START = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
YELLOW = Limit(
    1, "warning", Severity.YELLOW, 4.0, 0.1, on_delay=timedelta(minutes=2.5), off_delay=timedelta(minutes=30)
)
RED = Limit(2, "historic_highest", Severity.RED, 6.0, 0.1, off_delay=timedelta(minutes=30))
TERMS = Terms((YELLOW, RED), ZONE, timedelta(minutes=30), grace=timedelta(minutes=5))


def reading(minute: float, value: float, quality: Quality = Quality.GOOD, *, delay_s: float = 5) -> Reading:
    time = START + timedelta(minutes=minute)
    return Reading(1, time, value, quality, "", time + timedelta(seconds=delay_s))


def course(*values: tuple[float, float]) -> list[tuple[float, str]]:
    """(minute of the reading, severity) wherever the subject's severity changes."""
    _, points = advance(TERMS, {}, [reading(minute, value) for minute, value in values])
    found: list[tuple[float, str]] = []
    for point in points:
        severity = point.severity.value if point.severity else ""
        if severity != (found[-1][1] if found else ""):
            found.append(((point.reading.time - START).total_seconds() / 60, severity))
    return found


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        ([(0, 4.1)], []),
        ([(0, 4.1), (5, 3.9), (10, 4.1)], []),
        ([(0, 4.1), (5, 4.2)], [(5, "yellow")]),
        ([(0, 6.1)], [(0, "red")]),
        ([(0, 4.1), (5, 4.2), (10, 3.0)], [(5, "yellow")]),
        ([(0, 4.1), (5, 4.2), (10, 3.0), (39, 3.0)], [(5, "yellow")]),
        ([(0, 4.1), (5, 4.2), (10, 3.0), (40, 3.0)], [(5, "yellow"), (40, "")]),
        ([(0, 4.1), (5, 4.2), (10, 3.0), (30, 3.95), (40, 3.0), (69, 3.0)], [(5, "yellow")]),
        ([(0, 6.1), (5, 5.0), (35, 5.0)], [(0, "red"), (35, "yellow")]),
        ([(0, 4.1), (20, 3.0)], [(0, "yellow")]),
    ],
)
def test_delays_go_by_the_times_of_the_readings(
    values: list[tuple[float, float]], changes: list[tuple[float, str]]
) -> None:
    assert course(*values) == changes


def test_what_was_reached_counts_though_the_gauge_falls_silent() -> None:
    after, points = advance(TERMS, {}, [reading(0, 4.1)])
    assert [point.severity for point in points] == [None]
    due = due_at(TERMS, after)
    assert due == START + timedelta(minutes=7.5)
    after, points = ripen(TERMS, after, due - timedelta(seconds=1))
    assert not points
    after, points = ripen(TERMS, after, due)
    assert [(point.severity, point.reading.time) for point in points] == [(Severity.YELLOW, START)]
    assert due_at(TERMS, after) is None


def test_nothing_comes_by_itself_of_an_old_reading() -> None:
    after, _ = advance(TERMS, {}, [reading(0, 4.1, delay_s=3600)])
    assert due_at(TERMS, after) is None
    assert ripen(TERMS, after, START + timedelta(days=1))[1] == []


def test_silence_never_leaves_a_limit() -> None:
    after, _ = advance(TERMS, {}, [reading(0, 6.1), reading(5, 3.0)])
    assert due_at(TERMS, after) is None
    assert ripen(TERMS, after, START + timedelta(days=1))[1] == []


def test_a_doubtful_reading_begins_a_delay_and_ends_none() -> None:
    _, points = advance(
        TERMS, {}, [reading(0, 4.1, Quality.SUSPECT), reading(5, 2.0, Quality.SUSPECT), reading(7, 4.1)]
    )
    assert [point.severity for point in points] == [None, None, Severity.YELLOW]


@given(
    st.lists(st.tuples(st.floats(0.5, 40), st.floats(2.0, 7.0)), min_size=1, max_size=40),
    st.data(),
)
def test_it_does_not_matter_where_a_course_is_cut(
    steps: list[tuple[float, float]], data: st.DataObject
) -> None:
    minute, readings = 0.0, []
    for wait, value in steps:
        minute += wait
        readings.append(reading(minute, value))
    cut = data.draw(st.integers(0, len(readings)))
    whole, points = advance(TERMS, {}, readings)
    part, first = advance(TERMS, {}, readings[:cut])
    rest, second = advance(TERMS, part, readings[cut:])
    assert rest == whole
    assert [*first, *second] == points


@given(st.lists(st.tuples(st.floats(0.5, 60), st.floats(2.0, 7.0)), min_size=1, max_size=40))
def test_a_delay_never_hides_what_has_none_and_never_holds_beyond_its_end(
    steps: list[tuple[float, float]],
) -> None:
    minute = 0.0
    conditions: dict[int, Condition] = {}
    for wait, value in steps:
        minute += wait
        conditions, _ = advance(TERMS, conditions, [reading(minute, value)])
        held = conditions[1].held
        if value >= RED.value:
            assert RED.id in held.active
        assert all(
            START + timedelta(minutes=minute) - since < YELLOW.off_delay for since in held.falling.values()
        )
        assert not held.rising.keys() & held.active
