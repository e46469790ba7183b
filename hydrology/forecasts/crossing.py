"""When a forecast reaches a limit, and which of several forecasts of one level is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hydrology.forecasts.record import SOURCES, Forecast, ForecastPoint


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold (m) by the field's name; reached means level ≥ `value`."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """Epoch seconds at which a limit is reached: by the top of the range, the value, the bottom of the range.

    None where that does not happen within the forecast, so earliest ≤ likely ≤ latest as far as they are known.
    """

    limit: Limit
    earliest_s: float | None
    likely_s: float | None
    latest_s: float | None


def next_limit(limits: Sequence[Limit], level: float) -> Limit | None:
    """The lowest limit that `level` has not reached."""
    return min((one for one in limits if one.value > level), key=lambda one: one.value, default=None)


def crossings(forecast: Forecast, limits: Sequence[Limit]) -> list[Crossing]:
    """What is known of every limit above the level at issue, lowest first; limits that it stood at are left out."""
    level = forecast.points[0].value
    return [
        Crossing(
            limit,
            _reached(forecast.points, limit.value, lambda one: one.high),
            _reached(forecast.points, limit.value, lambda one: one.value),
            _reached(forecast.points, limit.value, lambda one: one.low),
        )
        for limit in sorted(limits, key=lambda one: one.value)
        if limit.value > level
    ]


def chosen(forecasts: Sequence[Forecast], limits: Sequence[Limit]) -> Forecast | None:
    """The forecast that is shown: the one that reaches its next limit soonest, else the most knowing source.

    Of several sources the one that sees danger coming is the one to look at; None without any forecast.
    """
    if not forecasts:
        return None
    return min(forecasts, key=lambda one: (_soonest(one, limits), SOURCES.index(one.source)))


def _soonest(forecast: Forecast, limits: Sequence[Limit]) -> float:
    found = [one.likely_s for one in crossings(forecast, limits) if one.likely_s is not None]
    return min(found, default=float("inf"))


def _reached(
    points: Sequence[ForecastPoint], limit: float, of: Callable[[ForecastPoint], float]
) -> float | None:
    """The first time, between points along a straight line; points begin below the limit."""
    for before, after in pairwise(points):
        if of(after) >= limit:
            share = (limit - of(before)) / (of(after) - of(before))
            return before.valid_s + share * (after.valid_s - before.valid_s)
    return None
