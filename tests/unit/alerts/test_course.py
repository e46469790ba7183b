"""The course of a subject's series under its limits: what a reading says, and what it leaves behind."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.alarms.course import Condition, Reading, Terms, advance, calm, subject_limit
from alerts.rules.levels import Held, Limit
from core.quality import Quality
from core.severity import Severity

START = datetime(2026, 7, 1, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
YELLOW = Limit(1, "warning", Severity.YELLOW, 4.0, 0.1, on_delay=timedelta(minutes=5), off_delay=HALF_HOUR)
RED = Limit(2, "guarantee", Severity.RED, 6.0, 0.1)
TERMS = Terms((YELLOW, RED), ZoneInfo("Asia/Shanghai"), HALF_HOUR)


def reading(
    minute: float, value: float, quality: Quality = Quality.GOOD, *, delay_s: float = 5, by: str | None = None
) -> Reading:
    time = START + timedelta(minutes=minute)
    return Reading(1, time, value, quality, "", time + timedelta(seconds=delay_s), by)


def test_news_of_just_the_age_that_is_allowed_still_calls() -> None:
    assert TERMS.fresh(reading(0, 5.0, delay_s=1800))
    assert not TERMS.fresh(reading(0, 5.0, delay_s=1801))


@pytest.mark.parametrize(
    ("quality", "by", "spoken"),
    [
        (Quality.GOOD, "chen", 5.0),
        (Quality.SUSPECT, "chen", 5.0),
        (Quality.BAD, "chen", None),
        (Quality.BAD, None, 5.0),
        (Quality.MISSING, None, None),
    ],
)
def test_only_what_a_person_called_false_or_what_is_missing_says_nothing(
    quality: Quality, by: str | None, spoken: float | None
) -> None:
    assert reading(0, 5.0, quality, by=by).spoken == spoken


def test_a_clock_that_runs_ahead_makes_no_later_reading_old() -> None:
    after, _ = advance(TERMS, {}, [reading(60, 1.0, delay_s=-3600)])
    assert after[1].observed_at == START


def test_a_delay_stands_on_the_last_reading_that_was_certain_or_reached_a_limit() -> None:
    said = [reading(0, 4.5), reading(1, 4.6, Quality.SUSPECT), reading(2, 1.0, Quality.SUSPECT)]
    after, _ = advance(TERMS, {}, said)
    assert after[1].last == said[1]


def test_the_worst_colour_at_any_sensor_is_the_subjects_whatever_its_number() -> None:
    """A rain gauge's day of 250 mm is less grave than its hour of 90 mm."""
    day, hour = Limit(1, "day", Severity.ORANGE, 250.0, 0.0), Limit(2, "hour", Severity.RED, 90.0, 0.0)
    conditions = {
        number: Condition(START, Held(frozenset({limit.id})), limit, limit.value)
        for number, limit in enumerate((day, hour))
    }
    assert subject_limit(conditions) == hour


def test_a_reading_decides_by_a_delay_for_twice_the_longest() -> None:
    assert TERMS.memory() == timedelta(hours=1)


@pytest.mark.parametrize("held", [Held(rising={1: START}), Held(frozenset({1}), falling={1: START})])
def test_nothing_is_calm_while_a_delay_runs(held: Held) -> None:
    assert calm(TERMS, 1, held) == (math.inf, -math.inf)
    low, high = calm(TERMS, 1, Held())
    assert low < 3.0 < high <= YELLOW.value
