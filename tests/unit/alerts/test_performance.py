"""The figures of a desk's load, each held to a situation that can be counted by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from alerts.performance import Limits, report
from alerts.performance.answering import answering, quantile
from alerts.performance.limits import WINDOW
from alerts.performance.nuisance import chattering, fleeting, stale, top
from alerts.performance.rates import bins, floods, rate
from alerts.performance.report import bin_length
from core.alarm_load import Asked, Load, Stood, Turn
from core.severity import Severity

START = datetime(2026, 7, 1, tzinfo=UTC)
LIMITS = Limits()


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def every(first: float, count: int, step: float) -> list[datetime]:
    return [at(first + step * number) for number in range(count)]


def asked(minutes: float, severity: Severity = Severity.YELLOW, *, acknowledged: float | None = None,
          over: float | None = None, source: str = "a", desk: str | None = "X") -> Asked:  # fmt: skip
    return Asked(
        1, at(minutes), desk, severity, source,
        at(minutes + acknowledged) if acknowledged is not None else None,
        at(minutes + over) if over is not None else None,
    )  # fmt: skip


def test_a_rate_is_a_mean_and_a_peak_of_any_ten_minutes() -> None:
    found = rate([at(1), at(58), at(61), at(62), at(67.9)], START, at(120))

    assert (found.count, found.per_hour, found.peak, found.peak_at) == (5, 2.5, 4, at(67.9))
    assert found.per_ten_minutes == pytest.approx(5 / 12)
    assert rate([], START, at(60)).peak_at is None


def test_ten_minutes_apart_are_no_longer_in_one_window() -> None:
    assert rate([at(0), at(10)], START, at(60)).peak == 1
    assert rate([at(0), at(9.99)], START, at(60)).peak == 2


def test_ten_alarms_in_ten_minutes_are_no_flood_and_eleven_are() -> None:
    assert floods(every(0, 10, 0.5), at(60), LIMITS) == []

    (flood,) = floods(every(0, 11, 0.5), at(60), LIMITS)

    assert (flood.begins, flood.alarms, flood.peak) == (at(5), 11, 11)
    assert flood.ends == at(13), "the fifth last came at 3.0: ten minutes later four are left"


def test_a_flood_that_goes_on_counts_all_its_alarms_and_its_peak() -> None:
    times = [*every(0, 11, 0.5), *every(6, 20, 1.0), *every(100, 2, 1)]
    (flood,) = floods(times, at(200), LIMITS)

    assert (flood.begins, flood.alarms) == (at(5), 31)
    assert flood.peak == 15
    assert flood.ends == at(31)


def test_a_flood_that_has_not_ended_is_told_as_running() -> None:
    (flood,) = floods(every(0, 11, 0.5), at(12), LIMITS)

    assert flood.ends is None and flood.seconds(at(12)) == 420


@pytest.mark.parametrize("seed", range(30))
def test_floods_are_those_of_a_plain_count_every_second(seed: int) -> None:
    chance = random.Random(seed)
    seconds = sorted(chance.sample(range(7200), chance.choice([12, 40, 90, 200])))
    times = [START + timedelta(seconds=second) for second in seconds]
    spans: list[tuple[int, int | None]] = []
    running: int | None = None
    for second in range(7200 + 1):
        recent = sum(second - WINDOW.total_seconds() < one <= second for one in seconds)
        if running is None and recent > LIMITS.flood_above:
            running = second
        elif running is not None and recent < LIMITS.flood_below:
            spans.append((running, second))
            running = None
    if running is not None:
        spans.append((running, None))

    found = floods(times, START + timedelta(seconds=7200), LIMITS)

    told = [
        (int((one.begins - START).total_seconds()), one.ends and int((one.ends - START).total_seconds()))
        for one in found
    ]
    assert told == spans


def test_bins_hold_every_alarm_once_and_empty_ones_are_there() -> None:
    found = bins([at(0), at(59), at(60), at(179.9)], START, at(180), timedelta(hours=1))

    assert [one.count for one in found] == [2, 1, 1]
    assert [one.count for one in bins([], START, at(61), timedelta(hours=1))] == [0, 0]


@pytest.mark.parametrize(
    ("days", "minutes"), [(0.1, 10), (1, 10), (2, 10), (7, 60), (30, 360), (90, 360), (365, 1440)]
)
def test_a_chart_has_no_more_bars_than_can_be_read(days: float, minutes: int) -> None:
    assert bin_length(timedelta(days=days)) == timedelta(minutes=minutes)


def turns(source: str, *seconds: float) -> list[Turn]:
    return [
        Turn(source, START + timedelta(seconds=second), number % 2 == 0)
        for number, second in enumerate(seconds)
    ]


def test_three_turns_in_a_minute_chatter_and_overlapping_ones_are_one_burst() -> None:
    found = chattering(
        [*turns("a", 0, 30, 60), *turns("b", 0, 30, 61), *turns("c", 0, 10, 20, 30, 40, 500, 510, 520)],
        LIMITS,
    )

    assert [(one.source, one.bursts, one.turns) for one in found] == [("c", 2, 8), ("a", 1, 3)]


def test_what_goes_by_itself_at_once_is_fleeting_unless_it_chatters() -> None:
    found = fleeting(
        [*turns("a", 0, 60), *turns("b", 0, 61), *turns("c", 0, 10, 20, 30), *turns("d", 0, 5, 300, 305)],
        LIMITS,
    )

    assert [(one.source, one.count) for one in found] == [("d", 2), ("a", 1)]


def test_longer_than_a_day_is_stale_still_or_since() -> None:
    found = stale(
        [Stood(1, "a", at(0), at(1440)), Stood(2, "b", at(0), at(1441)), Stood(3, "c", at(0), None)],
        at(3000), LIMITS,
    )  # fmt: skip

    assert [(one.alarm, one.until) for one in found] == [(3, None), (2, at(1441))]


def test_the_loudest_sources_come_with_their_share() -> None:
    rows = [asked(n, source="abbccc"[n]) for n in range(6)]

    assert [(one.source, one.count, one.share) for one in top(rows, 2)] == [("c", 3, 0.5), ("b", 2, 2 / 6)]
    assert top([]) == []


def test_times_to_acknowledge_and_their_share_within_the_limit_of_each_colour() -> None:
    rows = [
        asked(0, Severity.RED, acknowledged=2), asked(0, Severity.RED, acknowledged=5),
        asked(0, Severity.RED, acknowledged=6), asked(0, Severity.RED),
        asked(0, Severity.BLUE, acknowledged=14), asked(0, Severity.BLUE, over=3), asked(0, Severity.BLUE, over=20),
    ]  # fmt: skip
    whole, red, _, _, blue = answering(rows, at(60), LIMITS)

    assert (red.count, red.acknowledged, red.waiting, red.never) == (4, 3, 1, 0)
    assert (red.median_s, red.p95_s, red.limit_s, red.within) == (300, 360, 300, 0.5)
    assert (blue.acknowledged, blue.never, blue.within) == (1, 2, 0.5)
    assert (whole.count, whole.severity, whole.within) == (7, None, 0.5)


def test_what_still_has_time_is_not_judged() -> None:
    whole = answering([asked(58, Severity.RED)], at(60), LIMITS)[0]

    assert (whole.within, whole.median_s, whole.waiting) == (None, None, 1)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([1], 0.95, 1), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), (list(range(1, 101)), 0.95, 95)],
)
def test_quantiles_are_values_that_were_seen(
    values: list[float], share: float, expected: float | None
) -> None:
    assert quantile(values, share) == expected


def test_a_report_tells_each_desk_and_the_county() -> None:
    rows = [asked(n * 0.5, desk="X") for n in range(11)] + [
        asked(30, desk="T", acknowledged=1),
        asked(31, desk=None),
    ]
    found = report(Load(START, at(120), tuple(rows)), LIMITS)

    assert [(one.desk, one.rate.count, one.floods) for one in found.desks] == [
        ("T", 1, 0),
        ("X", 11, 1),
        (None, 1, 0),
    ]
    assert found.rate.count == 13 and len(found.floods) == 1
    assert found.flood_share == pytest.approx(8 / 120)
    assert found.spread[Severity.YELLOW] == 13 and sum(one.count for one in found.bins) == 13


def test_a_time_without_alarms_has_a_report_too() -> None:
    found = report(Load(START, at(60)), LIMITS)

    assert (found.rate.count, found.floods, found.top, found.desks, found.flood_share) == (0, (), (), (), 0.0)
    assert found.answering[0].median_s is None
