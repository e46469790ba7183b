"""How wet the soil is: the formula beside a plain sum, and the classes."""

from __future__ import annotations

import pytest

from core.rain_limits import Soil, SoilSource
from hydrology.soil import DAYS, SoilTerms, antecedent_mm, wetness

TERMS = SoilTerms(
    k=0.85,
    most_mm=100,
    dry_below=0.5,
    wet_from=0.8,
    least_days=5,
    moisture_dry_below=15,
    moisture_wet_from=30,
)


def test_antecedent_rain_is_the_sum_of_the_days_each_weighed_by_its_age() -> None:
    rain = [3.0, 0.0, 12.5, None, 7.0]
    plain = sum((mm or 0) * 0.85 ** (len(rain) - day) for day, mm in enumerate(rain))
    assert antecedent_mm(rain, 0.85, 1000) == pytest.approx(plain)


def test_the_soil_holds_no_more_than_it_can() -> None:
    assert antecedent_mm([500.0], 0.85, 100) == 100
    assert antecedent_mm([500.0, 0.0], 0.85, 100) == 85
    assert antecedent_mm([], 0.85, 100) == 0


@pytest.mark.parametrize(
    ("last_day_mm", "state", "pa"),
    [
        (0.0, Soil.DRY, 0.0),
        (58.0, Soil.DRY, 49.3),
        (60.0, Soil.NORMAL, 51.0),
        (94.0, Soil.NORMAL, 79.9),
        (95.0, Soil.WET, 80.8),
        (300.0, Soil.WET, 100.0),
    ],
)
def test_the_rain_of_the_days_before_is_classed_by_shares_of_what_the_soil_holds(
    last_day_mm: float, state: Soil, pa: float
) -> None:
    found = wetness(None, [0.0] * (DAYS - 1) + [last_day_mm], TERMS)
    assert (found.state, found.source, found.days) == (state, SoilSource.ANTECEDENT, DAYS)
    assert found.value == pytest.approx(pa, abs=0.06)


@pytest.mark.parametrize(
    ("moisture", "state"), [(14.9, Soil.DRY), (15.0, Soil.NORMAL), (29.9, Soil.NORMAL), (30.0, Soil.WET)]
)
def test_measured_moisture_goes_before_the_rain_of_the_days(moisture: float, state: Soil) -> None:
    found = wetness(moisture, [500.0] * DAYS, TERMS)
    assert (found.state, found.source, found.value) == (state, SoilSource.MOISTURE, moisture)


def test_where_too_few_days_are_known_the_usual_is_assumed_and_said() -> None:
    found = wetness(None, [None] * 11 + [200.0] * 4, TERMS)
    assert (found.state, found.source, found.value, found.days) == (Soil.NORMAL, SoilSource.ASSUMED, None, 4)
    assert wetness(None, [None] * 10 + [200.0] * 5, TERMS).state is Soil.WET
