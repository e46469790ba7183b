"""Trends, curves and tides against second opinions."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from core.quality import Quality
from hydrology.curves import Curve, amount_at, faults
from hydrology.tide import Constant, greenwich_lag, predict
from hydrology.trend import Point, TrendCode, trend

GOOD, SUSPECT = Quality.GOOD, Quality.SUSPECT


def points(*values: float, step_s: int = 300, flags: dict[int, Quality] | None = None) -> list[Point]:
    known = flags or {}
    return [Point(number * step_s, value, known.get(number, GOOD)) for number, value in enumerate(values)]


def test_a_line_is_fitted_as_least_squares_fit_it() -> None:
    values = [3.0 + 0.02 * number + 0.001 * math.sin(number) for number in range(13)]
    found = trend(points(*values))
    assert found is not None
    slope = np.polyfit(np.arange(7) * 300 / 3600, values[-7:], 1)[0]
    assert found.rate == pytest.approx(slope, abs=0.01)
    assert (found.code, found.window_s, found.points) == (TrendCode.RISING, 1800, 7)


@pytest.mark.parametrize(
    ("values", "code"),
    [([2.0] * 7, TrendCode.STEADY), ([2.0, 2.0, 2.0, 2.0, 2.0, 2.01, 2.0], TrendCode.STEADY),
     ([2 - 0.02 * n for n in range(7)], TrendCode.FALLING), ([2.0, 2.03, 9.9, 2.09, 2.12, 2.15, 2.18], TrendCode.RISING)],
)  # fmt: skip
def test_codes_of_sl_323(values: list[float], code: TrendCode) -> None:
    found = trend(points(*values))
    assert found is not None and found.code is code


def test_a_wild_suspect_value_is_left_out() -> None:
    found = trend(points(2, 2, 2, 2, 2, 2, 9, flags={6: SUSPECT}))
    assert found is not None and (found.code, found.quality) == (TrendCode.STEADY, GOOD)


def test_a_rise_that_nobody_has_verified_is_not_hidden() -> None:
    found = trend(points(2, 2, 2, 2, 2, 3.5, 5, flags={5: SUSPECT, 6: SUSPECT}))
    assert found is not None and (found.code, found.quality) == (TrendCode.RISING, SUSPECT)


def test_all_suspect_is_better_than_nothing() -> None:
    found = trend(points(2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, flags=dict.fromkeys(range(7), SUSPECT)))
    assert found is not None and found.quality is SUSPECT and found.rate == pytest.approx(1.2)


def test_a_gauge_that_speaks_many_times_a_second_rises_no_faster_for_it() -> None:
    calm = points(2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6)
    end = calm[-1].time_s
    ripple = [Point(end + n / 10, 2.6 + n / 50, Quality.GOOD) for n in range(1, 40)]
    found = trend([*calm, *ripple])
    assert found is not None
    assert 1.0 < found.rate < 6.0, "0.1 m in 5 min is 1.2 m/h; the last step is larger"


def test_two_points_and_an_hour_apart_are_no_trend() -> None:
    assert trend(points(2.0, 3.0)) is None
    assert trend(points(2.0, 3.0, step_s=3600)) is None


def test_a_slow_station_is_judged_over_hours() -> None:
    found = trend(points(2.0, 2.5, 3.0, step_s=3600))
    assert found is not None and found.rate == pytest.approx(0.5)


def test_a_curve_is_interpolated_and_never_left() -> None:
    curve = Curve(None, (10.0, 20.0, 30.0), (1.0, 5.0, 15.0))
    assert [amount_at(curve, level).value for level in (10.0, 12.5, 20.0, 25.0, 30.0)] == [1, 2, 5, 10, 15]
    below, above = amount_at(curve, 9.99), amount_at(curve, 30.01)
    assert (below.value, below.reason) == (None, "below_curve")
    assert (above.value, above.reason) == (15.0, "above_curve")
    assert faults([1, 2, 2, 3], [1, 5, 6, 4]) == [(2, "level"), (3, "amount")]


def pugh(moment: datetime, waves: list[tuple[str, float, float]]) -> float:
    """Tide by the expansions of s, h, p, N and the node factors of Pugh (1987, tables 4.1 and 4.3)."""
    midnight = moment.replace(hour=0, minute=0, second=0)
    centuries = ((midnight - datetime(1900, 1, 1, tzinfo=UTC)).days) / 36525
    hours = (moment - midnight).total_seconds() / 3600
    c = centuries + hours / 24 / 36525
    s = 277.02 + 481267.89 * c + 0.0011 * c * c
    h = 280.19 + 36000.77 * c + 0.0003 * c * c
    p = 334.39 + 4069.04 * c - 0.0103 * c * c
    n = math.radians(259.16 - 1934.14 * c + 0.0021 * c * c)
    lunar = 15 * hours + h - s
    table = {
        "M2": (2 * lunar, 1 - 0.037 * math.cos(n), -2.1 * math.sin(n)),
        "S2": (30 * hours, 1.0, 0.0),
        "N2": (2 * lunar - s + p, 1 - 0.037 * math.cos(n), -2.1 * math.sin(n)),
        "K1": (lunar + s + 90, 1.006 + 0.115 * math.cos(n), -8.9 * math.sin(n)),
        "O1": (lunar - s - 90, 1.009 + 0.187 * math.cos(n), 10.8 * math.sin(n)),
    }
    return sum(
        table[name][1] * amplitude * math.cos(math.radians(table[name][0] + table[name][2] - lag))
        for name, amplitude, lag in waves
    )


def test_the_tide_agrees_with_pugh_s_formulas() -> None:
    waves = [
        ("M2", 1.8, 215.0),
        ("S2", 0.7, 260.0),
        ("N2", 0.35, 195.0),
        ("K1", 0.3, 190.0),
        ("O1", 0.22, 150.0),
    ]
    for moment in (datetime(2026, 7, 10, 3, tzinfo=UTC), datetime(2019, 8, 9, 17, 45, tzinfo=UTC)):
        (ours,) = predict(
            [Constant("Z0", 2.0, 0.0), *(Constant(*one) for one in waves)], 29.5, [moment.timestamp()]
        )
        assert ours == pytest.approx(2.0 + pugh(moment, waves), abs=0.02)


def test_a_lag_of_beijing_time_is_that_of_greenwich_eight_hours_of_speed_less() -> None:
    assert greenwich_lag("M2", 300.0, 8) == pytest.approx((300 - 8 * 28.9841042) % 360, abs=1e-4)
    assert greenwich_lag("S2", 10.0, 8) == pytest.approx(130.0)
