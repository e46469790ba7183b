"""Forecasts of tide levels at stations whose harmonic constants are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from core.quality import Quality
from hydrology.forecasts import Forecast
from hydrology.forecasts.tide import HISTORY_S, LEADS_S, project
from ingest.derive.tides import RESIDUAL
from store import derived, tidal_constants
from store.derived import Range
from store.tidal_constants import TidalConstant

if TYPE_CHECKING:
    from ingest.derive.forecasts.issue import Asked

_USABLE = (Quality.GOOD, Quality.NOT_EVALUATED)


def forecasts(connection: Connection[Any], asked: Sequence[Asked]) -> list[tuple[Asked, Forecast | None]]:
    """One for each series with constants over its datum, a usable newest reading and a surge to go on from."""
    of_station: dict[str, list[TidalConstant]] = defaultdict(list)
    for constant in tidal_constants.constants(connection, sorted({one.series.station for one in asked})):
        of_station[constant.station].append(constant)
    known = [
        one
        for one in asked
        if of_station[one.series.station] and of_station[one.series.station][0].datum == one.series.datum
    ]
    if not known:
        return []
    keys = [(one.series.station, one.series.exercise) for one in known]
    residuals = {
        (one.station, one.exercise): one.id for one in derived.subjects_of(connection, keys, (RESIDUAL,))
    }
    able = [one for one, key in zip(known, keys, strict=True) if key in residuals]
    wanted = [
        Range(residuals[one.series.station, one.series.exercise], one.at_s - HISTORY_S - 1, one.at_s)
        for one in able
    ]
    columns = derived.readings(connection, wanted, reported=False)
    return [
        (one, _forecast(one, of_station[one.series.station], column.times_s, column.values, column.qualities))
        for one, column in zip(able, columns, strict=True)
    ]


def _forecast(
    asked: Asked,
    standing: Sequence[TidalConstant],
    times_s: Sequence[float],
    surges: Sequence[float],
    qualities: Sequence[int],
) -> Forecast | None:
    if asked.level is None:
        return None
    # Brings scipy (seconds, and as much memory as the rest of the role): only where a station has constants.
    from hydrology.tide import Constant, predict

    constants = [Constant(one.constituent, one.amplitude_m, one.lag_deg) for one in standing]
    ahead = predict(constants, asked.series.lat, [asked.at_s + lead_s for lead_s in (0, *LEADS_S)])
    usable = [
        (time_s, surge)
        for time_s, surge, flag in zip(times_s, surges, qualities, strict=True)
        if flag in _USABLE and surge == surge
    ]
    return project(asked.at_s, asked.level, ahead, [one[0] for one in usable], [one[1] for one in usable])
