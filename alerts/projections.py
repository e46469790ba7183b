"""Forecasts as they stand now: which are current, which one is shown, and when it reaches the next limits.

Pages, the interface and the rules of kind `projection` read them here, so that none says other than the others.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from hydrology.forecasts import Crossing, Forecast, ForecastPoint, Limit, Source, chosen, crossings
from store.forecasts import PointRow

STALE_S = 900.0
_PERIODS = 2
"""A forecast is current for a quarter of an hour, or two periods of a slower station; then it is only history."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The newest forecasts of one series, newest first; `period_s` is its station's."""

    series: int
    station: str
    property: str
    sensor: int
    exercise: str | None
    period_s: int
    forecasts: tuple[Forecast, ...]

    def current(self, now_s: float) -> list[Forecast]:
        """The newest of each source, of those that are not too old."""
        newest: dict[Source, Forecast] = {}
        for one in self.forecasts:
            newest.setdefault(one.source, one)
        return [one for one in newest.values() if now_s - one.issued_s <= self.current_for_s]

    @builtins.property
    def current_for_s(self) -> float:
        """For how long a forecast may be taken as what is known now."""
        return max(STALE_S, _PERIODS * self.period_s)


@dataclass(frozen=True, slots=True)
class Shown:
    """The forecast to look at, and what is known of every limit above its beginning, lowest first."""

    forecast: Forecast
    crossings: list[Crossing]

    @builtins.property
    def next(self) -> Crossing | None:
        """The highest limit that it reaches; where it reaches none, the next one above."""
        reached = [one for one in self.crossings if one.likely_s is not None]
        return reached[-1] if reached else next(iter(self.crossings), None)


def projections(points: Iterable[PointRow]) -> list[Projection]:
    """Stored points in the order of `store.forecasts.newest` as forecasts by series."""
    found = []
    for _, of_series in groupby(points, key=lambda one: one.series):
        listed = list(of_series)
        first = listed[0]
        forecasts = tuple(
            _forecast(list(one)) for _, one in groupby(listed, key=lambda one: (one.issued, one.source))
        )
        found.append(
            Projection(
                first.series, first.station, first.property, first.sensor, first.exercise, first.period_s,
                forecasts,
            )
        )  # fmt: skip
    return found


def shown(one: Projection, limits: Sequence[Limit], now_s: float) -> Shown | None:
    """What is shown of a series now; None where nothing is current."""
    forecast = chosen(one.current(now_s), limits)
    return Shown(forecast, crossings(forecast, limits)) if forecast else None


def _forecast(points: Sequence[PointRow]) -> Forecast:
    return Forecast(
        Source(points[0].source),
        points[0].issued.timestamp(),
        tuple(ForecastPoint(one.valid.timestamp(), one.value, one.low, one.high) for one in points),
    )
