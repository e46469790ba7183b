"""The common tests against ioos_qc, the reference implementation of QARTOD, on the same series.

Where they differ they differ on purpose (docs/judgement.md, "Against ioos_qc"); each difference has its test.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from core.quality import Quality
from hydrology.judgement.rate import too_fast
from hydrology.judgement.spike import LONGEST_S
from tests.unit.hydrology.series import ditwah, every, judged, limits, limits_with

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ioos_qc import qartod

GAUGES = ditwah()
OFF: dict[str, float | None] = dict.fromkeys(("rise_per_h", "fall_per_h", "spike", "stuck_s", "zero_s"))
GOOD, SUSPECT, FAIL = 1, 3, 4
RATE_M_H = 1.0

Readings = Sequence[tuple[datetime, float]]


def values(readings: Readings) -> Any:
    return np.array([value for _, value in readings])


def times(readings: Readings) -> Any:
    return np.array([time.replace(tzinfo=None) for time, _ in readings], dtype="datetime64[ns]")


def flags(found: Any) -> list[int]:
    return [int(flag) for flag in np.ma.filled(found, 9)]


def regular() -> list[tuple[datetime, float]]:
    """A river every five minutes: a flood, a wild value, a stuck hour."""
    rise = [2 + 0.03 * n + 0.01 * (n % 3) for n in range(60)]
    return every(5, [*rise, 9.5, rise[-1], *[3.3] * 40, 3.31, 3.33, 3.2])


SERIES = [pytest.param(readings, id=gauge) for gauge, readings in GAUGES.items()]
SERIES.append(pytest.param(regular(), id="regular"))


@pytest.mark.parametrize("readings", SERIES)
def test_gross_range_is_the_same_but_for_what_failing_means(readings: Readings) -> None:
    low, high, usual = 0.5, 9.0, (1.0, 5.0)
    theirs = flags(qartod.gross_range_test(values(readings), (low, high), usual))
    given = limits_with({**OFF, "low": low, "high": high, "soft_low": usual[0], "soft_high": usual[1]})
    ours = judged(readings, given)
    reason = {GOOD: {""}, SUSPECT: {"below_usual", "above_usual"}, FAIL: {"below_limit", "above_limit"}}
    for (quality, why), flag in zip(ours, theirs, strict=True):
        assert why in reason[flag]
        assert quality == (SUSPECT if flag == FAIL else flag), "a level that can exist is never bad"


@pytest.mark.parametrize("readings", SERIES)
def test_spikes_are_the_same_within_three_hours(readings: Readings) -> None:
    readings = [entry for n, entry in enumerate(readings) if n == 0 or entry[0] > readings[n - 1][0]]
    theirs = flags(qartod.spike_test(values(readings), suspect_threshold=1.0, method="differential"))
    ours = judged(readings, limits_with({**OFF, "spike": 1.0}))
    for n in range(1, len(readings) - 1):
        near = (readings[n + 1][0] - readings[n - 1][0]).total_seconds() <= LONGEST_S
        assert (ours[n][1] == "spike") == (theirs[n] == SUSPECT and near), readings[n - 1 : n + 2]


def test_some_spikes_and_rates_are_found_at_all() -> None:
    spikes = rates = 0
    for readings in GAUGES.values():
        spikes += flags(qartod.spike_test(values(readings), 1.0, method="differential")).count(SUSPECT)
        rates += flags(qartod.rate_of_change_test(values(readings), times(readings), RATE_M_H / 3600)).count(
            SUSPECT
        )
    assert (spikes, rates) > (5, 50)


@pytest.mark.parametrize("readings", SERIES)
def test_the_rate_between_two_readings_is_the_same(readings: Readings) -> None:
    """The formula by itself: each reading against the one before, without the step below which ours is silent."""
    readings = [entry for n, entry in enumerate(readings) if n == 0 or entry[0] > readings[n - 1][0]]
    given = limits(rise_per_h=RATE_M_H, fall_per_h=RATE_M_H, step=None)
    theirs = flags(qartod.rate_of_change_test(values(readings), times(readings), RATE_M_H / 3600))
    for n in range(1, len(readings)):
        change = readings[n][1] - readings[n - 1][1]
        seconds = (readings[n][0] - readings[n - 1][0]).total_seconds()
        if abs(abs(change) - RATE_M_H * seconds / 3600) < 1e-9:
            continue  # exactly at the limit: a question of rounding
        assert (too_fast(change, seconds, given, fled=False) is not None) == (theirs[n] == SUSPECT)


@pytest.mark.parametrize("readings", SERIES)
def test_the_rate_of_the_trail_differs_only_after_a_doubtful_reading(readings: Readings) -> None:
    readings = [entry for n, entry in enumerate(readings) if n == 0 or entry[0] > readings[n - 1][0]]
    theirs = flags(qartod.rate_of_change_test(values(readings), times(readings), RATE_M_H / 3600))
    given = limits_with({**OFF, "rise_per_h": RATE_M_H, "fall_per_h": RATE_M_H, "step": None})
    ours = [quality is Quality.SUSPECT for quality, _ in judged(readings, given)]
    for n in range(1, len(readings)):
        exactly = abs(readings[n][1] - readings[n - 1][1]) * 3600 / RATE_M_H
        if abs(exactly - (readings[n][0] - readings[n - 1][0]).total_seconds()) < 1e-3:
            continue
        if not ours[n - 1]:
            assert ours[n] == (theirs[n] == SUSPECT), readings[n - 1 : n + 1]


def test_a_second_wild_value_is_good_to_ioos_qc_and_doubtful_here() -> None:
    readings = every(5, [5.0, 1.0, 1.0, 1.0])
    theirs = flags(qartod.rate_of_change_test(values(readings), times(readings), 3.0 / 3600))
    assert theirs == [GOOD, SUSPECT, GOOD, GOOD]
    assert [int(quality) for quality, _ in judged(readings, limits())] == [GOOD, SUSPECT, SUSPECT, SUSPECT]


@pytest.mark.parametrize("count", [5, 12, 39])
def test_a_flat_line_in_a_regular_series_begins_at_the_same_reading(count: int) -> None:
    readings = regular()
    seconds = 300 * count
    theirs = flags(
        qartod.flat_line_test(
            values(readings), times(readings), suspect_threshold=seconds, fail_threshold=10**7, tolerance=1e-9
        )
    )
    ours = judged(readings, limits_with({**OFF, "stuck_s": seconds}))
    assert [reason == "stuck" for _, reason in ours] == [flag == SUSPECT for flag in theirs]
    assert SUSPECT in theirs
