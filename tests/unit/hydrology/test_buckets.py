"""To which hour and day a reading belongs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from hydrology.buckets import DAY, HOUR, INSTANT, Buckets, buckets, joined, readings_of, widened

T = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "period_s", "hour"),
    [
        (T, 0, T),
        (T - INSTANT, 0, T - HOUR),
        (T + HOUR - INSTANT, 0, T),
        (T, 300, T - HOUR),
        (T + INSTANT, 300, T),
        (T + HOUR, 300, T),
        (datetime(1969, 12, 31, 23, 59, tzinfo=UTC), 0, datetime(1969, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_an_instant_begins_its_hour_and_a_total_ends_it(
    time: datetime, period_s: int, hour: datetime
) -> None:
    assert buckets(time, time, period_s) == Buckets(hour, hour + HOUR)


def test_a_day_is_eight_to_eight_in_beijing() -> None:
    eight = datetime.fromisoformat("2026-07-02T08:00:00+08:00")
    day = Buckets(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC))
    assert buckets(eight, eight, 3600, DAY) == day
    assert buckets(eight, eight, 0, DAY) == Buckets(day.stop, day.stop + DAY)
    assert widened(Buckets(day.stop - HOUR, day.stop), DAY) == day


def test_ranges_become_as_few_as_possible_and_none_is_lost() -> None:
    chance = random.Random(7)
    for _ in range(200):
        found = [
            Buckets(T + start * HOUR, T + (start + chance.randint(1, 4)) * HOUR)
            for start in (chance.randrange(40) for _ in range(chance.randint(0, 12)))
        ]
        hours = {one.start + number * HOUR for one in found for number in range(one.count(HOUR))}
        result = joined(found)
        again = [one.start + number * HOUR for one in result for number in range(one.count(HOUR))]
        assert again == sorted(hours), "each hour once, in order"
        assert all(one.stop < other.start for one, other in pairwise(result))


@pytest.mark.parametrize("period_s", [0, 300])
def test_the_readings_of_buckets_are_in_those_buckets(period_s: int) -> None:
    found = Buckets(T, T + 3 * HOUR)
    first, last = readings_of(found, period_s)
    assert buckets(first, last, period_s) == found
    assert buckets(first - INSTANT, last + timedelta(microseconds=1), period_s) == Buckets(
        T - HOUR, T + 4 * HOUR
    )
