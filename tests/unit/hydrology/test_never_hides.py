"""Judgement never hides a flood: whatever a series reads, the evaluator sees what a plain reading gives.

What the evaluator does not look at is a value that is missing; what the store does not put in the place of
another is a bad one. So: no reading that can reach a limit in the dangerous direction is ever bad or missing,
and none is changed. Only a value that cannot exist and lies on the other side is bad.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.rules.levels import Held, Limit, hold, speaks
from core.observations import Observation
from core.properties import PROPERTIES
from core.quality import Quality
from core.severity import Severity
from hydrology.judgement import DANGEROUS_HIGH, DANGEROUS_LOW, Trail, danger
from store.observations import replaces
from tests.unit.hydrology.series import START, judged, limits, limits_with

VALUES = st.one_of(
    st.floats(-10, 20),
    st.sampled_from([0.0, 5.0, 5.0, 8.88, -500.0, 99_999.0, 345.0, 1e7]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SERIES = st.lists(st.tuples(st.floats(0.001, 200_000), VALUES), min_size=1, max_size=30)
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "low": st.floats(-10, 5),
        "high": st.floats(0, 10),
        "soft_high": st.floats(0, 10),
        "sensor_top": st.floats(0, 10),
        "rise_per_h": st.floats(0, 10),
        "fall_per_h": st.floats(0, 10),
        "step": st.floats(0, 2),
        "spike": st.floats(0, 5),
        "stuck_s": st.floats(60, 1e6),
        "zero_s": st.floats(60, 1e6),
    },
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(DANGEROUS_HIGH | DANGEROUS_LOW)), SERIES, GIVEN, st.data())
def test_every_value_beyond_a_limit_is_seen_by_the_evaluator_and_put_in_place(
    name: str, readings: list[tuple[float, float]], given_limits: dict[str, float], data: st.DataObject
) -> None:
    known = PROPERTIES[name]
    reach = data.draw(st.floats(known.low, known.high), "a threshold, which lies where values can exist")
    moment, series = START, []
    for wait, value in readings:
        moment += timedelta(seconds=wait)
        series.append((moment, value))
    given = limits_with(given_limits, name, 300 if known.total else 0)
    for (time, value), (quality, reason) in zip(series, judged(series, given), strict=True):
        beyond = value >= reach if danger(name) > 0 else value <= reach
        if beyond:
            assert quality not in (Quality.BAD, Quality.MISSING), reason
            assert speaks(value, quality) == value
            held = Observation(1, time, 0.0, Quality.GOOD, "", time, "test")
            assert replaces(held, Observation(1, time, value, quality, reason, time, "test"))
        if quality is Quality.BAD:
            assert not known.low <= value <= known.high
        if beyond and danger(name) > 0:
            limit = Limit(1, "warning", Severity.RED, reach, 0.05)
            assert hold([limit], Held(), value, quality.usable, time).active == {1}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(0.6, 3.0), min_size=2, max_size=5),
    st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=40),
    st.booleans(),
)
def test_a_gauge_swept_away_takes_no_alarm_back_for_an_hour(
    steps: list[float], rubbish: list[float], is_zero: bool
) -> None:
    """It rises by metres in minutes, then reads zero or rubbish every five minutes."""
    rise = [2.0]
    for step in steps:
        rise.append(rise[-1] + step)
    after = [0.0] * len(rubbish) if is_zero else rubbish
    minutes = [*rise, *after[:12]]
    series = [(START + timedelta(minutes=5 * n), value) for n, value in enumerate(minutes)]
    found = judged(series, limits())
    limit = Limit(1, "warning", Severity.RED, rise[-1] - 0.1, 0.05)
    held = Held()
    for (time, value), (quality, _) in zip(series, found, strict=True):
        held = hold([limit], held, value, quality.usable, time)
    assert held.active == {1}


@settings(max_examples=300, deadline=None)
@given(SERIES)
def test_a_trail_read_back_from_the_store_judges_on_as_if_it_had_never_been_forgotten(
    readings: list[tuple[float, float]],
) -> None:
    moment, series = START, []
    for wait, value in readings:
        moment += timedelta(seconds=wait)
        series.append((moment, value))
    given = limits()
    whole = Trail(given)
    flags = judged(series[:-1], given, whole)
    read_back = Trail(given)
    for (time, value), (quality, reason) in zip(series, flags, strict=False):
        read_back.recall(time, time.timestamp(), value, quality, reason)
    last = series[-1:]
    assert judged_last(last, whole) == judged_last(last, read_back)


def judged_last(reading: list[tuple[datetime, float]], trail: Trail) -> tuple[Quality, str]:
    (time, value), *_ = reading
    trail.position = 0
    if not trail.is_calm(time, time.timestamp(), value, 0):
        trail.closely(time, time.timestamp(), value, 0)
    return trail.quality, trail.reason
