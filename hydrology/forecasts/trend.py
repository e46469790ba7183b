"""A level carried on by its trend, damped: a rise does not go on for hours at the rate of its last minutes.

value(h) = last level + rate · τ · (1 − e^(−h/τ)) (damped trend, Gardner and McKenzie, 1985). The half width of the
range is the root of the sum of squares of the wildest residual, the spread of the slopes, a part of the rate
itself, and the unrest of a calm river, each of the last three growing with the lead time. τ and the shares were
fitted to every other gauge of the flood of cyclone Ditwah and tested on those between (docs/forecasts.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.quality import Quality
from hydrology.forecasts.record import LONGEST_S, Forecast, ForecastPoint, Source, point
from hydrology.trend import Point, Trend, fitted_points, trend

DAMPING_H = 2.0
STEP_S = 1_800
_SPREAD_SHARE = 0.5
_RATE_SHARE = 0.65
_UNREST_M_H = 0.03
_RESOLUTION_M = 0.005
"""Half the last digit of a gauge: no range is narrower."""
_APART = 1 / 3
"""Slopes are taken between points at least this part of the window apart: those of neighbours are ripple."""


def project(points: Sequence[Point]) -> Forecast | None:
    """The forecast at the newest of `points` (in order of time); None where no trend can be fitted.

    A trend that rests on suspect values gives one too, under a name of its own: a flash flood may look wrong.
    """
    found = trend(points)
    if found is None:
        return None
    fitted = fitted_points(points, found)
    if fitted[-1].time_s != found.time_s:
        return None  # the newest reading is a doubtful one that the trend left out: it rests on older ones
    source = Source.UNVERIFIED_TREND if found.quality is Quality.SUSPECT else Source.TREND
    return Forecast(source, found.time_s, tuple(_points(fitted, found)))


def _points(fitted: Sequence[Point], found: Trend) -> list[ForecastPoint]:
    times_h = np.array([one.time_s - found.time_s for one in fitted]) / 3600
    values = np.array([one.value for one in fitted])
    last = float(values[-1])
    level = values - found.rate * times_h
    residual = float(np.abs(level - np.median(level)).max())
    spread = _slope_spread(times_h, values, found.window_s / 3600 * _APART)
    made = [point(found.time_s, last, 0.0, 0.0)]
    for lead_s in range(STEP_S, LONGEST_S + 1, STEP_S):
        lead_h = lead_s / 3600
        value = last + found.rate * DAMPING_H * (1 - np.exp(-lead_h / DAMPING_H))
        growing = np.array([_SPREAD_SHARE * spread, _RATE_SHARE * abs(found.rate), _UNREST_M_H]) * lead_h
        half = float(np.sqrt((growing**2).sum() + max(residual, _RESOLUTION_M) ** 2))
        made.append(point(found.time_s + lead_s, float(value), half, half))
    return made


def _slope_spread(times_h: np.ndarray, values: np.ndarray, apart_h: float) -> float:
    """From the 10th to the 90th part of a hundred of the slopes, m/h."""
    later, earlier = np.triu_indices(len(times_h), 1)[::-1]
    apart = times_h[later] - times_h[earlier]
    slopes = ((values[later] - values[earlier]) / apart)[apart >= apart_h - 1e-9]
    return float(np.percentile(slopes, 90) - np.percentile(slopes, 10)) if len(slopes) else 0.0
