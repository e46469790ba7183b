"""Limits: reached, held by the deadband, in season, comparable."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alarms.course import Condition, Reading, Terms, advance, late_after
from alerts.rules.levels import Held, Limit, hold, reached, sort_limits, speaks, worst
from core.quality import Quality
from core.severity import Severity

DAY = date(2026, 7, 1)
YELLOW = Limit(1, "warning", Severity.YELLOW, 4.0, 0.05)
ORANGE = Limit(2, "guarantee", Severity.ORANGE, 5.0, 0.05)
LIMITS = (YELLOW, ORANGE)
START = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
TERMS = Terms(LIMITS, ZoneInfo("Asia/Shanghai"), timedelta(minutes=30))


def reading(minute: float, value: float | None, quality: Quality = Quality.GOOD, series: int = 1) -> Reading:
    time = START + timedelta(minutes=minute)
    return Reading(series, time, value, quality, "", time + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("value", "before", "holds"),
    [
        (3.99, set(), set()),
        (4.0, set(), {1}),
        (5.0, set(), {1, 2}),
        (4.95, {1, 2}, {1, 2}),
        (4.9499, {1, 2}, {1}),
        (3.95, {1}, {1}),
        (3.9499, {1}, set()),
        (3.97, set(), set()),
    ],
)
def test_a_limit_is_reached_at_its_value_and_left_below_its_deadband(
    value: float, before: set[int], holds: set[int]
) -> None:
    assert hold(LIMITS, Held(frozenset(before)), value, True, START).active == holds


@pytest.mark.parametrize("quality", [Quality.SUSPECT, Quality.BAD])
def test_an_uncertain_value_raises_and_never_returns(quality: Quality) -> None:
    assert hold(LIMITS, Held(), 5.2, quality.usable, START).active == {1, 2}
    assert hold(LIMITS, Held(frozenset({1, 2})), 0.1, quality.usable, START).active == {1, 2}


@pytest.mark.parametrize(
    ("value", "quality"), [(None, Quality.MISSING), (3.0, Quality.MISSING), (math.nan, Quality.GOOD)]
)
def test_what_says_nothing_moves_nothing(value: float | None, quality: Quality) -> None:
    assert speaks(value, quality) is None
    held = {1: Condition(START, Held(frozenset({1, 2})), ORANGE, 5.1)}
    after, points = advance(TERMS, held, [reading(5, value, quality)])
    assert not points
    assert after[1].active == {1, 2}
    assert after[1].observed_at == START + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("season", "day", "inside"),
    [
        (("0415", "1015"), date(2026, 4, 15), True),
        (("0415", "1015"), date(2026, 10, 15), True),
        (("0415", "1015"), date(2026, 10, 16), False),
        (("1101", "0331"), date(2026, 12, 31), True),
        (("1101", "0331"), date(2027, 1, 1), True),
        (("1101", "0331"), date(2026, 3, 31), True),
        (("1101", "0331"), date(2026, 4, 1), False),
        (("1101", "0331"), date(2026, 10, 31), False),
    ],
)
def test_a_season_may_cross_new_year(season: tuple[str, str], day: date, inside: bool) -> None:
    limit = Limit(1, "flood_limit", Severity.YELLOW, 40.0, 0.05, None, *season)
    assert limit.in_season(day) is inside
    assert (reached([limit], 41.0, day) is limit) is inside


def test_the_season_goes_by_the_county_s_date() -> None:
    limit = Limit(1, "flood_limit", Severity.YELLOW, 40.0, 0.05, None, "0702", "0930")
    terms = Terms((limit,), ZoneInfo("Asia/Shanghai"), timedelta(minutes=30))
    evening = Reading(1, datetime(2026, 7, 1, 16, 1, tzinfo=UTC), 41.0, Quality.GOOD, "", START)
    assert terms.reached(evening) is limit


def test_limits_over_another_datum_are_refused_and_not_compared() -> None:
    other = Limit(3, "guarantee", Severity.RED, 5.0, 0.05, "吴淞")
    known = Limit(4, "warning", Severity.YELLOW, 5.0, 0.05, "85高程")
    found = sort_limits("water_level", "85高程", [other, known, YELLOW])
    assert found.limits == (known,)
    assert found.refused == (other, YELLOW)


def test_limits_of_zero_are_not_set() -> None:
    zeros = [Limit(n, name, Severity.RED, 0.0, 0.05) for n, name in enumerate(("alert", "major_flood"))]
    assert sort_limits("water_level", None, zeros).unset
    assert sort_limits("water_level", None, []).unset
    mean_sea_level = Limit(9, "warning", Severity.YELLOW, 0.0, 0.05)
    assert sort_limits("water_level", None, [mean_sea_level, ORANGE]).limits == (mean_sea_level, ORANGE)


def test_the_worst_of_equals_is_the_highest() -> None:
    crest = Limit(5, "dike_crest", Severity.RED, 9.0, 0.05)
    record = Limit(6, "historic_highest", Severity.RED, 8.0, 0.05)
    assert worst([record, crest], frozenset({5, 6}), DAY) is crest


def test_two_sensors_return_only_together() -> None:
    after, points = advance(
        TERMS, {}, [reading(0, 5.1), reading(1, 5.2, series=2), reading(5, 3.0), reading(6, 3.0, series=2)]
    )
    assert [point.severity for point in points] == [Severity.ORANGE, Severity.ORANGE, Severity.ORANGE, None]
    assert set(after) == {1, 2}


def test_old_news_is_older_than_three_periods_and_than_the_floor() -> None:
    assert late_after(300, 1800) == timedelta(minutes=30)
    assert late_after(3600, 1800) == timedelta(hours=3)


@given(st.lists(st.one_of(st.none(), st.floats(3.5, 5.5)), max_size=60))
def test_the_worst_of_a_course_is_what_a_plain_reading_gives(values: list[float | None]) -> None:
    readings = [
        reading(5 * n, value, Quality.GOOD if value is not None else Quality.MISSING)
        for n, value in enumerate(values)
    ]
    _, points = advance(TERMS, {}, readings)
    plain = max((value for value in values if value is not None), default=0.0)
    expected = 3 if plain >= 5.0 else 2 if plain >= 4.0 else 0
    assert max((point.severity.rank if point.severity else 0 for point in points), default=0) == expected


@given(st.lists(st.floats(3.5, 5.5), max_size=40), st.integers(0, 40))
def test_reading_in_two_parts_is_reading_in_one(values: list[float], cut: int) -> None:
    readings = [reading(5 * n, value) for n, value in enumerate(values)]
    whole, points = advance(TERMS, {}, readings)
    part, first = advance(TERMS, {}, readings[:cut])
    rest, second = advance(TERMS, part, readings[cut:])
    assert (rest, first + second) == (whole, points)
