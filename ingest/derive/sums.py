"""Sliding sums of rain of each gauge: series `rainfall_sliding` by window, and `rainfall_day`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from psycopg import Connection

from core.stations import SeriesKey
from hydrology.hydrological_day import DAY_S
from hydrology.rain_windows import WINDOWS_S, RainSums, day_sums, judged, sliding_sums
from ingest.derive.gauges import Gauge, Key, Loaded, Wanted, load
from store import derived, stations
from store.derived import Range, Rows

log = structlog.get_logger("anlan.derive")

SLIDING = "rainfall_sliding"
DAY = "rainfall_day"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Readings of a gauge's rain within [from_s, to_s] changed."""

    gauge: Gauge
    from_s: float
    to_s: float

    @property
    def key(self) -> Key:
        return (self.gauge.station, self.gauge.exercise)

    @property
    def pieces(self) -> tuple[float, float]:
        """First and last label of base rain that may have changed."""
        return self.from_s - self.gauge.backward_s, self.to_s + self.gauge.forward_s + 1

    @property
    def outputs(self) -> tuple[float, float]:
        """First and last label of sums that may have changed."""
        first, last = self.pieces
        return first, last + DAY_S


@dataclass(frozen=True, slots=True)
class Summed:
    """A stretch with its base rain, and the first and last label of sums that changed, if any did.

    `series` are those of the sums that changed, each with its first and last label.
    """

    stretch: Stretch
    loaded: Loaded
    changed: tuple[float, float] | None
    series: dict[int, tuple[float, float]]


def compute(connection: Connection[Any], stretches: Sequence[Stretch], now: datetime) -> list[Summed]:
    """Writes the sums that each stretch has a part in."""
    loaded = load(
        connection,
        [Wanted(one.gauge, one.outputs[0] - DAY_S, one.outputs[1]) for one in stretches],
    )
    computed, stale = Rows(), list[Range]()
    wanted = [_wanted(stretch, one) for stretch, one in zip(stretches, loaded, strict=True)]
    numbers = _numbers(
        connection, [one.key for one in stretches], [key for sums in wanted for key, _ in sums]
    )
    owner: dict[int, int] = {}
    places = {one.key: place for place, one in enumerate(stretches)}
    for key, series in numbers.items():
        place = places[key.station, key.exercise]
        owner[series] = place
        if stretches[place].gauge.counter is not None:
            # Labels of a counter fall away where totals come late; those of totals never do.
            stale.append(Range(series, *_extent(stretches[place], loaded[place])))
    for sums in wanted:
        for key, found in sums:
            if (number := numbers.get(key)) is not None:
                _add(computed, number, found)
    changed: list[dict[int, tuple[float, float]]] = [{} for _ in stretches]
    for series, extent in derived.replace(connection, computed, now, stale).items():
        changed[owner[series]][series] = extent
    return [
        Summed(stretch, one, _hull(found), found)
        for stretch, one, found in zip(stretches, loaded, changed, strict=True)
    ]


def _hull(extents: dict[int, tuple[float, float]]) -> tuple[float, float] | None:
    if not extents:
        return None
    return min(first for first, _ in extents.values()), max(last for _, last in extents.values())


def _extent(stretch: Stretch, loaded: Loaded) -> tuple[float, float]:
    """Labels to be computed anew: earlier ones only where there is something suspect to be settled."""
    first, last = stretch.outputs
    return (first if loaded.doubted else stretch.from_s), last


def _wanted(stretch: Stretch, loaded: Loaded) -> list[tuple[SeriesKey, RainSums]]:
    base = loaded.base
    first, last = _extent(stretch, loaded)
    inside = (base.outputs >= first) & (base.outputs <= last)
    ends, spans = base.outputs[inside], base.output_spans[inside]
    found = []
    for window_s in WINDOWS_S:
        fitting = ends[spans <= window_s]
        if len(fitting):
            key = SeriesKey(stretch.gauge.station, SLIDING, 1, window_s, stretch.gauge.exercise)
            found.append((key, sliding_sums(base, window_s, fitting)))
    fitting = ends[spans <= DAY_S]
    if len(fitting):
        key = SeriesKey(stretch.gauge.station, DAY, 1, DAY_S, stretch.gauge.exercise)
        found.append((key, day_sums(base, fitting)))
    return found


def _add(computed: Rows, series: int, sums: RainSums) -> None:
    for label, millimetres, suspect, coverage in zip(
        sums.labels.tolist(),
        sums.millimetres.tolist(),
        sums.suspect.tolist(),
        sums.coverage.tolist(),
        strict=True,
    ):
        one = judged(millimetres, suspect, coverage)
        computed.add(series, label, one.value, int(one.quality), one.reason)


def _numbers(
    connection: Connection[Any], gauges: Sequence[Key], keys: Sequence[SeriesKey]
) -> dict[SeriesKey, int]:
    """All series of sums that these gauges have, and those that they need now.

    A station that has no room for more goes without, and the log says so.
    """
    numbers = {
        SeriesKey(one.station, one.property, one.sensor, one.period_s, one.exercise): one.id
        for one in derived.subjects_of(connection, gauges, (SLIDING, DAY))
    }
    missing = [key for key in keys if key not in numbers]
    numbers |= {key: series.id for key, series in stations.ensure_series(connection, missing).items()}
    if left_out := sorted({key.station for key in missing if key not in numbers}):
        log.warning("no room for derived series", stations=left_out[:20], most=stations.MOST_SERIES)
    return numbers
