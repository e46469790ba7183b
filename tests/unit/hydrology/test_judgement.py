"""Judgement never hides a flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.faults import FaultReason
from core.observations import Reading
from core.properties import PROPERTIES
from core.quality import Quality
from hydrology.judgement import DANGEROUS_HIGH, TimeLimits, judge, judge_time

NOW = datetime(2026, 7, 1, tzinfo=UTC)
LIMITS = TimeLimits(datetime(1990, 1, 1, tzinfo=UTC), timedelta(minutes=10))


def reading(name: str, value: float | None) -> Reading:
    return Reading("ST1", name, NOW, value)


@pytest.mark.parametrize(
    ("name", "value", "quality", "reason"),
    [
        ("water_level", 3.42, Quality.GOOD, ""),
        ("water_level", 9000.0, Quality.GOOD, ""),
        ("water_level", 99_999.0, Quality.SUSPECT, "wrong_unit"),
        ("water_level", 1e12, Quality.SUSPECT, "above_range"),
        ("water_level", -101.0, Quality.BAD, "below_range"),
        ("rainfall", -0.1, Quality.BAD, "below_range"),
        ("rainfall", 717.0, Quality.GOOD, ""),
        ("rainfall", 2500.0, Quality.SUSPECT, "wrong_unit"),
        ("tide_level", 342.0, Quality.SUSPECT, "wrong_unit"),
        ("air_pressure", 101_325.0, Quality.BAD, "wrong_unit"),
        ("air_pressure", 700.0, Quality.SUSPECT, "wrong_unit"),
        ("battery_voltage", 12_600.0, Quality.BAD, "wrong_unit"),
        ("air_temperature", 295.0, Quality.BAD, "wrong_unit"),
        ("water_level", None, Quality.MISSING, "missing"),
    ],
)
def test_quality_and_reason(name: str, value: float | None, quality: Quality, reason: str) -> None:
    judged, fault = judge(reading(name, value))
    assert (judged.quality, str(judged.reason)) == (quality, reason)
    assert (fault is not None) == (quality in (Quality.SUSPECT, Quality.BAD))
    assert judged.value == value


@given(st.sampled_from(sorted(DANGEROUS_HIGH)), st.floats(allow_nan=False, allow_infinity=False))
def test_no_high_value_of_a_dangerous_property_is_ever_bad(name: str, value: float) -> None:
    judged, _ = judge(reading(name, value))
    if value > PROPERTIES[name].high:
        assert judged.quality is Quality.SUSPECT
    assert judged.value == value


def test_dangerous_properties_exist() -> None:
    assert set(PROPERTIES) >= DANGEROUS_HIGH


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (NOW, None),
        (NOW + timedelta(minutes=10), None),
        (NOW + timedelta(minutes=10, seconds=1), FaultReason.TIME_IN_FUTURE),
        (datetime(1970, 1, 1, tzinfo=UTC), FaultReason.TIME_TOO_EARLY),
        (datetime(1990, 1, 1, tzinfo=UTC), None),
    ],
)
def test_times_that_cannot_be_true(time: datetime, reason: FaultReason | None) -> None:
    fault = judge_time(time, NOW, LIMITS)
    assert (fault.reason if fault else None) == reason
