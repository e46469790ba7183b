"""A back-test: the episodes and calls of one course, the load of a desk, before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from alerts.alarms.course import Reading, Terms
from alerts.backtest.comparison import Difference, Tally, as_json, chattering
from alerts.backtest.course import Course, Episode
from alerts.backtest.load import load
from alerts.rules.levels import Limit
from core.quality import Quality
from core.severity import Severity

START = datetime(2025, 7, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
LIMITS = [
    Limit(1, "warning", Severity.YELLOW, 4.0, 0.05), Limit(2, "guarantee", Severity.ORANGE, 5.0, 0.05),
    Limit(3, "historic_highest", Severity.RED, 6.0, 0.05),
]  # fmt: skip


def minute(n: float) -> datetime:
    return START + timedelta(minutes=n)


def readings(values: Sequence[float | None], step: float = 5, series: int = 1) -> list[Reading]:
    return [
        Reading(series, minute(step * n), value, Quality.MISSING if value is None else Quality.GOOD, "", minute(step * n))
        for n, value in enumerate(values)
    ]  # fmt: skip


def course(values: Sequence[float | None], limits: Sequence[Limit] = LIMITS) -> Course:
    made = Course("S", Terms(limits, ZONE, timedelta(minutes=30)))
    made.feed(readings(values))
    return made


def test_one_flood_is_one_episode_with_its_peak_and_a_call_for_each_worsening() -> None:
    (episode,) = course([3, 4.1, 5.2, 6.3, 5.8, None, 4.2, 3.9]).episodes
    assert episode == Episode(
        "S", minute(5), minute(35), Severity.RED, 6.3, minute(15), "historic_highest", 3
    )
    assert episode.seconds(minute(100)) == 1800


def test_what_still_stands_at_the_end_has_no_end() -> None:
    (episode,) = course([3, 4.1, 4.2]).episodes
    assert episode.ended is None
    assert episode.seconds(minute(20)) == 900


def test_an_episode_in_the_deadband_goes_on_and_two_returns_are_two() -> None:
    assert len(course([4.1, 3.97, 4.1]).episodes) == 1
    assert len(course([4.1, 3.9, 4.1]).episodes) == 2


def test_the_fast_way_over_quiet_readings_gives_what_the_slow_one_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = Random(7)
    level, values = 3.0, []
    for _ in range(20_000):
        level += random.gauss((3.2 - level) * 0.01, 0.06)
        values.append(None if random.random() < 0.01 else level)
    fast = course(values)
    monkeypatch.setattr(Course, "_at_rest", lambda self: False)
    slow = course(values)
    assert fast.episodes == slow.episodes and fast.calls == slow.calls
    assert len(fast.episodes) > 20


def test_chunks_make_no_difference() -> None:
    values = [3 + (n % 37) / 10 for n in range(1000)]
    whole = course(values)
    parts = Course("S", whole.terms)
    found = readings(values)
    for start in range(0, 1000, 7):
        parts.feed(found[start : start + 7])
    assert parts.episodes == whole.episodes and parts.calls == whole.calls


def test_a_delay_holds_an_alarm_back_and_ends_it_later() -> None:
    """It stands from the last reading before its delay was over, as the evaluator has it."""
    slow = [replace(LIMITS[0], on_delay=timedelta(minutes=8), off_delay=timedelta(minutes=10))]
    (episode,) = course([3, 4.1, 3, 3, 4.1, 4.2, 4.3, 3.0, 3.0, 3.0, 3.0], slow).episodes
    assert (episode.started, episode.ended) == (minute(25), minute(45))


def test_a_delay_that_ends_after_the_last_reading_counts() -> None:
    slow = [replace(LIMITS[0], on_delay=timedelta(minutes=8))]
    waiting = course([3, 4.1], slow)
    assert waiting.episodes == []
    waiting.end(minute(60))
    assert [one.started for one in waiting.episodes] == [minute(5)]


def test_without_limits_nothing_happens() -> None:
    assert course([100.0] * 10, []).episodes == []


def test_calm_desk_and_flooded_desk() -> None:
    calm = load([minute(60 * n) for n in range(24)], START, minute(24 * 60))
    assert (calm.calls, calm.per_hour, calm.peak_10_min, calm.floods, calm.verdict) == (
        24,
        1.0,
        1,
        0,
        "target",
    )
    storm = [minute(100 + n * 0.5) for n in range(20)]
    flooded = load(storm, START, minute(24 * 60))
    assert (flooded.peak_10_min, flooded.floods, flooded.verdict) == (20, 1, "too_much")
    assert flooded.flood_s == ((storm[-5] + timedelta(minutes=10)) - storm[10]).total_seconds()
    assert load([], START, minute(60)).peak_at is None


@pytest.mark.parametrize(("count", "floods"), [(10, 0), (11, 1)])
def test_a_flood_is_more_than_ten_in_ten_minutes(count: int, floods: int) -> None:
    assert load([minute(n * 0.9) for n in range(count)], START, minute(600)).floods == floods


def test_two_floods_are_two() -> None:
    bursts = [minute(base + n * 0.5) for base in (0, 120) for n in range(12)]
    assert load(bursts, START, minute(600)).floods == 2


def test_the_plain_peak_of_ten_minutes_is_the_same() -> None:
    random = Random(3)
    times = sorted(minute(random.uniform(0, 500)) for _ in range(200))
    plain = max(
        sum(timedelta(0) <= time - other < timedelta(minutes=10) for other in times) for time in times
    )
    assert load(times, START, minute(500)).peak_10_min == plain


def test_three_raises_within_an_hour_chatter() -> None:
    values = [4.1, 3.0] * 3 + [3.0] * 30 + [4.1, 3.0]
    assert chattering(course(values).episodes) == 3
    assert chattering(course([4.1, 3.0] + [3.0] * 12 + [4.1, 3.0] + [3.0] * 12 + [4.1]).episodes) == 0


def test_a_raised_limit_takes_alarms_away_and_makes_others_milder() -> None:
    values = [3, 4.2, 3, 3, 5.5, 3, 3, 6.5, 3]
    before = course(values)
    raised = [replace(LIMITS[0], value=4.5), replace(LIMITS[1], value=5.6), LIMITS[2]]
    after = course(values, raised)
    difference = Difference(minute(60))
    difference.add(before.episodes, after.episodes)
    assert [one.peak for one in difference.gone] == [4.2]
    assert [(one.peak, becomes) for one, becomes in difference.milder] == [(5.5, Severity.YELLOW)]
    assert (difference.gone_count, difference.milder_count, difference.added_count) == (1, 1, 0)
    back = Difference(minute(60))
    back.add(after.episodes, before.episodes)
    assert (back.gone_count, back.added_count) == (0, 1)


def test_the_sums_of_several_stations() -> None:
    tally = Tally(START, minute(60 * 24), ZONE)
    tally.add(course([3, 4.2, 3, 5.5, 3]), "T")
    other = course([3, 6.5, 3])
    other.episodes[:] = [replace(one, station="S2") for one in other.episodes]
    tally.add(other, "X")
    found = tally.summary()
    assert found.by_severity == {Severity.YELLOW: 1, Severity.ORANGE: 1, Severity.RED: 1}
    assert found.by_month == {"2025-07": found.by_severity}
    assert (found.alarms, found.stations, found.load.calls, found.worst_desk) == (3, 2, 3, "T")
    assert found.longest is not None and found.longest.seconds(found.end) == 300
    assert as_json(found)["episodes"][0]["highest"] == "red"


def test_memory_does_not_grow_with_the_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.backtest.comparison.KEPT_EPISODES", 10)
    tally = Tally(START, minute(60 * 24), ZONE)
    tally.add(course([4.1, 3.0] * 50), "T")
    found = tally.summary()
    assert (found.alarms, len(found.episodes), found.episodes_left) == (50, 10, 40)
