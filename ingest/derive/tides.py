"""Surge (增减水): the tide that was read less the one that the moon and the sun explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.quality import Quality
from core.stations import SeriesKey
from ingest.derive.curves import DATUM_DIFFERS, SUSPECT_LEVEL
from ingest.derive.levels import UNUSABLE, LevelStretch, readings
from store import derived, stations, tidal_constants
from store.derived import Column, Range, Rows
from store.tidal_constants import TidalConstant

TIDE = "tide_level"
RESIDUAL = "tide_residual"


def compute(
    connection: Connection[Any], stretches: Sequence[LevelStretch], now: datetime
) -> dict[int, tuple[float, float]]:
    """Writes the residual of each reading; returns first and last change by series."""
    asked = [one for one in stretches if one.series.property == TIDE and one.series.sensor == 1]
    of_station: dict[str, list[TidalConstant]] = defaultdict(list)
    for constant in tidal_constants.constants(connection, sorted({one.series.station for one in asked})):
        of_station[constant.station].append(constant)
    asked = [one for one in asked if one.series.station in of_station]
    numbers = stations.ensure_series(connection, [_key(one) for one in asked])
    asked = [one for one in asked if _key(one) in numbers]
    computed = Rows()
    for one, tide in zip(asked, readings(connection, asked), strict=True):
        _add(computed, numbers[_key(one)].id, one, of_station[one.series.station], tide)
    stale = [Range(numbers[_key(one)].id, one.from_s, one.to_s) for one in asked]
    return derived.replace(connection, computed, now, stale)


def _key(stretch: LevelStretch) -> SeriesKey:
    return SeriesKey(stretch.series.station, RESIDUAL, 1, 0, stretch.series.exercise)


def _add(
    computed: Rows, target: int, stretch: LevelStretch, standing: Sequence[TidalConstant], tide: Column
) -> None:
    told = [
        (time_s, value, Quality(flag))
        for time_s, value, flag in zip(tide.times_s, tide.values, tide.qualities, strict=True)
        if value == value and Quality(flag) not in UNUSABLE
    ]
    if standing[0].datum != stretch.series.datum:
        for time_s, _, _ in told:
            computed.add(target, time_s, None, Quality.MISSING, DATUM_DIFFERS)
        return
    # Brings scipy (seconds, and as much memory as the rest of the role): only where a station has constants.
    from hydrology.tide import Constant, predict

    constants = [Constant(one.constituent, one.amplitude_m, one.lag_deg) for one in standing]
    predicted = predict(constants, stretch.series.lat, [time_s for time_s, _, _ in told])
    for (time_s, value, quality), height in zip(told, predicted, strict=True):
        reason = SUSPECT_LEVEL if quality is Quality.SUSPECT else ""
        computed.add(target, time_s, round(value - height, 4), quality, reason)
