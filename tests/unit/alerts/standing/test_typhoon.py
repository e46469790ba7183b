"""Which terms of the rule a typhoon meets, by what was issued and nothing beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from alerts.standing.typhoon import BY_DISTANCE, BY_WIND, Terms, judge, outline_of
from core.areas import Area
from core.geometry import EARTH_KM
from core.severity import Severity
from core.typhoons import TyphoonFix, WindCircle

T0 = datetime(2026, 7, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEGREE_KM = EARTH_KM * 3.141592653589793 / 180
COUNTY = (([(121.5, 29.0), (122.0, 29.0), (122.0, 29.5), (121.5, 29.5)],),)
"""Its southern edge lies on 29° N: a storm on 121.75° E comes from the south."""
TERMS = Terms.of(
    {
        "distance": [
            {"km": 800, "severity": "blue"},
            {"km": 500, "severity": "yellow"},
            {"km": 300, "severity": "orange"},
        ],
        "distance_ahead_h": 24,
        "wind": [
            {"force": 7, "within_h": 24, "severity": "blue"},
            {"force": 10, "within_h": 24, "severity": "yellow"},
            {"force": 10, "within_h": 12, "severity": "orange"},
            {"force": 12, "within_h": 6, "severity": "red"},
        ],
        "hold_h": 12,
        "gone_h": 48,
    }
)


def fix(at_h: float, south_km: float, issued_h: float | None = None, **radii: float) -> TyphoonFix:
    """A position so far south of the county's edge; `r7`, `r10`, `r12` are its circles in km."""
    return TyphoonFix(
        T0 + at_h * HOUR,
        121.75,
        29.0 - south_km / DEGREE_KM,
        None if issued_h is None else T0 + issued_h * HOUR,
        radius7_km=radii.get("r7"),
        radius10_km=radii.get("r10"),
        radius12_km=radii.get("r12"),
    )


@pytest.mark.parametrize(
    ("fixes", "severity", "name", "hours"),
    [
        ([fix(0, 900)], None, None, None),
        ([fix(0, 801)], None, None, None),
        ([fix(0, 790)], Severity.BLUE, BY_DISTANCE, 0),
        ([fix(0, 499)], Severity.YELLOW, BY_DISTANCE, 0),
        ([fix(0, 299)], Severity.ORANGE, BY_DISTANCE, 0),
        # A forecast track: 900 km now, 300 km in 24 h, evenly. 500 km are passed after 16 h.
        ([fix(0, 900), fix(24, 300.5, 0)], Severity.YELLOW, BY_DISTANCE, 16.5),
        # What comes after 24 h does not count yet.
        ([fix(0, 900), fix(24, 820, 0), fix(48, 100, 0)], None, None, None),
        # Winds now.
        ([fix(0, 200, r7=250)], Severity.ORANGE, BY_DISTANCE, 0),
        ([fix(0, 90, r10=100)], Severity.ORANGE, BY_WIND, 0),
        ([fix(0, 50, r12=60)], Severity.RED, BY_WIND, 0),
        # Force 12 in six hours is red, a little later it is not.
        ([fix(0, 150, r12=60), fix(6, 59, 0, r12=60)], Severity.RED, BY_WIND, 6),
        ([fix(0, 150, r12=60), fix(9, 59, 0, r12=60)], Severity.ORANGE, BY_DISTANCE, 0),
        # No circle in the forecast: none is made up from today's.
        ([fix(0, 150, r12=60), fix(6, 40, 0)], Severity.ORANGE, BY_DISTANCE, 0),
        # A forecast ends: the storm is not carried on beyond it.
        ([fix(0, 900), fix(6, 810, 0)], None, None, None),
    ],
)  # fmt: skip
def test_the_worst_term_counts_with_the_time_at_which_it_is_met(
    fixes: Sequence[TyphoonFix], severity: Severity | None, name: str | None, hours: float | None
) -> None:
    met, _, held = judge(fixes, TERMS, COUNTY, T0 + HOUR)
    assert not held
    if severity is None:
        assert met is None
        return
    assert met is not None
    assert (met.severity, met.name) == (severity, name)
    assert (met.at.time - T0) / HOUR == hours


def test_only_the_newest_forecast_counts() -> None:
    old = [fix(12, 100, -6), fix(24, 50, -6)]
    new = [fix(12, 850, 0), fix(24, 820, 0)]
    met, _, _ = judge([fix(0, 900), *old, *new], TERMS, COUNTY, T0)
    assert met is None


def test_a_position_older_than_twelve_hours_holds_and_older_than_two_days_is_gone() -> None:
    near = [fix(0, 100)]
    assert judge(near, TERMS, COUNTY, T0 + 12 * HOUR)[0] is not None
    assert judge(near, TERMS, COUNTY, T0 + 12.1 * HOUR) == (None, (), True)
    assert judge(near, TERMS, COUNTY, T0 + 48.1 * HOUR) == (None, (), False)


def test_a_storm_over_the_county_is_no_distance_away() -> None:
    met, course, _ = judge([fix(0, -20, r12=30)], TERMS, COUNTY, T0)
    assert met is not None
    assert (met.severity, course[0].distance_km) == (Severity.RED, 0.0)


def test_circles_by_quadrants_count_towards_the_county() -> None:
    def storm(quadrants: tuple[float, float, float, float]) -> TyphoonFix:
        circle = WindCircle(12, max(quadrants), min(quadrants), quadrants_km=quadrants)
        return TyphoonFix(T0, 121.0, 28.6, radius12_km=max(quadrants), circles=(circle,))

    towards, _, _ = judge([storm((90, 10, 10, 10))], TERMS, COUNTY, T0)
    away, _, _ = judge([storm((10, 10, 90, 10))], TERMS, COUNTY, T0)
    assert towards is not None
    assert away is not None
    assert (towards.severity, away.severity) == (Severity.RED, Severity.ORANGE)


def test_without_outlines_the_points_of_county_and_towns_stand_for_it() -> None:
    known = [
        Area("X", "县", "X", "county", lon=121.8, lat=29.4),
        Area("T", "镇", "T", "town", "X", lon=121.8, lat=29.0),
    ]
    county, shapes = outline_of(known)
    assert county == known[0]
    met, course, _ = judge([TyphoonFix(T0, 121.8, 28.0)], TERMS, shapes, T0)
    assert met is not None
    assert course[0].distance_km == pytest.approx(DEGREE_KM, rel=1e-6)
