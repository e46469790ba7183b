"""Rain gauges: which series of a station speak of rain, and their base rain over a stretch of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from psycopg import Connection

from hydrology.base_rain import (
    COUNTER_SILENT_S,
    FINEST_PERIODS,
    LONGEST_S,
    BaseRain,
    Readings,
    base_rain,
)
from store import derived
from store.derived import Column, Range, Subject

TOTALS = "rainfall"
COUNTER = "rainfall_cumulative"

Key = tuple[str, str | None]
"""Station and exercise (None is real)."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """The first sensor of a station in one exercise: totals by period, shortest first, and a counter."""

    station: str
    exercise: str | None
    totals: tuple[Subject, ...]
    counter: Subject | None

    @property
    def any_series(self) -> Subject:
        return self.totals[0] if self.totals else self._counter

    @property
    def _counter(self) -> Subject:
        assert self.counter is not None
        return self.counter

    @property
    def series(self) -> tuple[Subject, ...]:
        """All series that are read."""
        return self.totals + ((self.counter,) if self.counter else ())

    @property
    def forward_s(self) -> int:
        """A reading has a say in pieces of the base rain that end up to so long after it."""
        coarse = sum(one.period_s for one in self.totals[1:])
        return coarse + (COUNTER_SILENT_S if self.counter else 0)

    @property
    def backward_s(self) -> int:
        """A reading may settle suspect pieces that end up to so long before it."""
        coarse = max((one.period_s for one in self.totals[1:]), default=0)
        return max(coarse, COUNTER_SILENT_S if self.counter else 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Base rain of a gauge, to be right for pieces that end within (from_s, to_s]."""

    gauge: Gauge
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The base rain, and whether any of its readings is suspect."""

    base: BaseRain
    doubted: bool


def gauges(connection: Connection[Any], keys: Iterable[Key]) -> dict[Key, Gauge]:
    """The gauges of stations, without those that have no series of rain."""
    found: dict[Key, list[Subject]] = {}
    for one in derived.subjects_of(connection, list(keys), (TOTALS, COUNTER)):
        found.setdefault((one.station, one.exercise), []).append(one)
    return {key: gauge for key, series in found.items() if (gauge := _gauge(key, series)) is not None}


def _gauge(key: Key, series: list[Subject]) -> Gauge | None:
    totals = sorted(
        (one for one in series if one.property == TOTALS and 0 < one.period_s <= LONGEST_S),
        key=lambda one: one.period_s,
    )
    counter = next((one for one in series if one.property == COUNTER and one.period_s == 0), None)
    if not totals and counter is None:
        return None
    return Gauge(*key, tuple(totals[:FINEST_PERIODS]), counter)


def load(connection: Connection[Any], wanted: Sequence[Wanted]) -> list[Loaded]:
    """Reads what is needed for each and puts it together."""
    ranges = [
        Range(
            series.id,
            one.from_s - one.gauge.forward_s - one.gauge.backward_s,
            one.to_s + one.gauge.backward_s,
        )
        for one in wanted
        for series in one.gauge.series
    ]
    columns = iter(derived.readings(connection, ranges))
    return [
        _loaded([_readings(series, next(columns)) for series in one.gauge.series], one.gauge)
        for one in wanted
    ]


def _readings(series: Subject, column: Column) -> Readings:
    return Readings(
        series.period_s,
        np.ceil(np.array(column.times_s, np.float64)).astype(np.int64),
        np.array(column.values, np.float64),
        np.array(column.qualities, np.int64),
    )


def _loaded(series: list[Readings], gauge: Gauge) -> Loaded:
    doubted = any(bool((one.qualities == 3).any()) for one in series)
    if gauge.counter is None:
        return Loaded(base_rain(series), doubted)
    return Loaded(base_rain(series[:-1], series[-1]), doubted)
