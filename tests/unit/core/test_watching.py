"""What the centre knows of itself, judged: nothing that is silent, behind or unknown ever looks good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.watching import STAGES, Check, Clock, Condition, Facts, Limits, Look, Part, Passage, judge

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
LIMITS = Limits()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def flight(published: float, passed: int = len(STAGES)) -> Passage:
    """One that was published so many seconds ago and passed so many stages, 0.1 s each."""
    times = {stage: ago(published - 0.1 * number) for number, stage in enumerate(STAGES[:passed])}
    return Passage(**times)


WELL = Facts(
    now=NOW,
    beats={role: ago(3) for role in ("ingest", "alerts", "dispatch", "derive")},
    begun=ago(80_000),
    whole=flight(30),
    newest=flight(30),
    ingest_lag_s=0.1,
    evaluator_lag_s=0.0,
    dispatch_lag_s=0.0,
    clocks=(Clock("alerts", "a", True, ago(9000), 0.01),),
    looks=(Look("watch", ago(10), True),),
    watched=True,
)


def check(facts: Facts, part: Part, limits: Limits = LIMITS) -> Check:
    return next(one for one in judge(facts, limits) if one.part is part)


def test_all_is_well_only_where_all_is_known() -> None:
    assert {one.condition for one in judge(WELL, LIMITS)} == {Condition.GOOD}
    assert Condition.GOOD not in {one.condition for one in judge(Facts(now=NOW), LIMITS)}
    assert not any(one.alarm for one in judge(Facts(now=NOW), LIMITS))


def test_every_part_is_told_in_the_order_of_the_datas_way() -> None:
    assert [one.part for one in judge(WELL, LIMITS)] == list(Part)


@pytest.mark.parametrize(
    ("part", "changes", "condition", "reason"),
    [
        (Part.CANARY, {"whole": flight(180)}, Condition.GOOD, ""),
        (Part.CANARY, {"whole": flight(181)}, Condition.LATE, "stuck"),
        (Part.CANARY, {"whole": None, "begun": ago(20)}, Condition.UNKNOWN, "beginning"),
        (Part.CANARY, {"whole": None, "begun": ago(181)}, Condition.LATE, "stuck"),
        (Part.CANARY, {"whole": None, "begun": None}, Condition.UNKNOWN, "never"),
        (Part.INGEST, {"ingest_lag_s": 61.0}, Condition.LATE, "behind"),
        (Part.INGEST, {"beats": {}}, Condition.UNKNOWN, "never"),
        (Part.EVALUATOR, {"beats": {"alerts": ago(61)}}, Condition.LATE, "silent"),
        (Part.EVALUATOR, {"evaluator_lag_s": 30.1}, Condition.LATE, "behind"),
        (Part.EVALUATOR, {"evaluator_lag_s": 30.0}, Condition.GOOD, ""),
        (Part.DISPATCH, {"dispatch_lag_s": 60.5}, Condition.LATE, "behind"),
        (Part.DISPATCH, {"beats": {"dispatch": ago(100)}}, Condition.LATE, "silent"),
        (Part.DERIVE, {"beats": {"derive": ago(100)}}, Condition.LATE, "silent"),
        (Part.CLOCK, {"clocks": (Clock("ingest", "a", True, ago(1), -2.5),)}, Condition.LATE, "apart"),
        (Part.CLOCK, {"clocks": (Clock("ingest", "a", False, ago(1), 0.0),)}, Condition.LATE, "unsynchronised"),
        (Part.CLOCK, {"clocks": (Clock("ingest", "a", None, ago(1), 0.0),)}, Condition.UNKNOWN, "unknown"),
        (Part.CLOCK, {"clocks": ()}, Condition.UNKNOWN, "never"),
        (Part.WATCHER, {"looks": (Look("w", ago(301), True),)}, Condition.LATE, "silent"),
        (Part.WATCHER, {"looks": (Look("w", ago(5), False),)}, Condition.LATE, "mute"),
        (Part.WATCHER, {"looks": (Look("w", ago(900), True), Look("v", ago(9), True))}, Condition.LATE, "silent"),
        (Part.WATCHER, {"looks": (Look("w", ago(9), False), Look("v", ago(5), True))}, Condition.LATE, "mute"),
        (Part.WATCHER, {"looks": (Look("w", ago(90_000), True), Look("v", ago(9), True))}, Condition.GOOD, ""),
        (Part.WATCHER, {"looks": (Look("w", ago(90_000), True),)}, Condition.LATE, "silent"),
        (Part.WATCHER, {"looks": ()}, Condition.UNKNOWN, "never"),
        (Part.WATCHER, {"watched": False}, Condition.OFF, "not_set_up"),
    ],
)  # fmt: skip
def test_each_part(part: Part, changes: dict[str, object], condition: Condition, reason: str) -> None:
    found = check(replace(WELL, **changes), part)  # type: ignore[arg-type]

    assert (found.condition, found.reason) == (condition, reason)
    assert found.alarm == (condition is Condition.LATE and reason != "unsynchronised")


@pytest.mark.parametrize(
    ("passed", "stage"), [(1, "received"), (2, "raised"), (3, "ordered"), (4, "sent"), (7, "received")]
)
def test_the_stage_that_the_newest_flight_did_not_pass_is_named(passed: int, stage: str) -> None:
    found = check(replace(WELL, whole=flight(400), newest=flight(20, passed)), Part.CANARY)

    assert found.detail["stage"] == stage


def test_an_unsynchronised_clock_is_shown_at_once_and_alarmed_when_it_lasts() -> None:
    def clocks(seconds: float) -> Facts:
        return replace(WELL, clocks=(Clock("ingest", "a", False, ago(seconds), 0.0),))

    assert not check(clocks(899), Part.CLOCK).alarm
    assert check(clocks(901), Part.CLOCK).alarm
    assert not check(clocks(90_000), Part.CLOCK, Limits(unsynchronised_s=0)).alarm


def test_a_flight_tells_the_delay_of_each_stage_and_of_the_whole() -> None:
    one = flight(30)

    assert one.whole_s == pytest.approx(0.6)
    assert set(one.delays_s) == set(STAGES[1:])
    assert all(delay == pytest.approx(0.1) for delay in one.delays_s.values())
    assert flight(30, 3).whole_s is None


def test_a_canary_whose_clock_is_ahead_proves_nothing_for_the_time_to_come() -> None:
    ahead = replace(flight(400), published=NOW + timedelta(hours=3))
    found = check(replace(WELL, whole=ahead, newest=ahead), Part.CANARY)
    assert (found.condition, found.reason) == (Condition.LATE, "stuck")
