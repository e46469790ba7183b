"""待核实: which readings one act settles, and who is called when nobody decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.unverified import Limits, Step, due
from alerts.verify import runs
from store.doubts import DoubtfulReading, Waiting

T0 = datetime(2026, 7, 1, tzinfo=UTC)
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=10))


def reading(minute: int, doubtful: bool, series: int = 1) -> DoubtfulReading:
    time = T0 + timedelta(minutes=minute)
    return DoubtfulReading(series, "A", "water_level", 1, 0, time, 9.9, 3 if doubtful else 1, "", doubtful)


def test_good_readings_between_doubtful_ones_are_left_alone() -> None:
    found = runs(
        [reading(0, False), reading(5, True), reading(10, True), reading(15, False), reading(20, True)]
    )
    assert [[(one.time - T0).seconds // 60 for one in run] for run in found] == [[5, 10], [20]]


def test_each_sensor_is_settled_by_itself() -> None:
    assert [len(run) for run in runs([reading(0, True), reading(5, True, 2), reading(10, True, 2)])] == [1, 2]
    assert runs([]) == []


@pytest.mark.parametrize(
    ("after_s", "told", "steps"),
    [
        (299, (), ()),
        (300, (), ("leader",)),
        (599, ("leader",), ()),
        (600, ("leader",), ("commander",)),
        (600, (), ("leader", "commander")),
        (9000, ("leader", "commander"), ()),
    ],
)
def test_the_leader_is_called_after_five_minutes_and_the_commander_after_ten(
    after_s: int, told: tuple[str, ...], steps: tuple[str, ...]
) -> None:
    found = due(Waiting(1, T0, told), LIMITS, T0 + timedelta(seconds=after_s))
    assert found == tuple(Step(step) for step in steps)
