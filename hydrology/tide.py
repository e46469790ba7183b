"""Astronomical tide from harmonic constants, so that what is left of a reading is the surge (增减水).

Height = Z0 + Σ f·H·cos(V + u − G) (Pugh, Tides, Surges and Mean Sea-Level, 1987, §4.2). Astronomical
arguments, satellites (which give f and u at each time) and shallow-water compounds are UTide's
(Codiga, 2011), the tables of Foreman (1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from utide._ut_constants import constit_index_dict, ut_constants
from utide.harmonics import FUV

MEAN_LEVEL = "Z0"
_SECONDS_A_DAY = 86_400.0
_EPOCH_DAYS = float(datetime(1970, 1, 1, tzinfo=UTC).toordinal())
_EXACT = [0, 0, 0, 0]
"""Node factors and astronomical arguments at each time itself, not linearised."""
_LEAST_LATITUDE = 5.0
"""Formulas of the third-order satellites divide by sin φ (UTide does the same)."""

CONSTITUENTS = frozenset(constit_index_dict)
"""Names that are known, such as M2, S2, K1, O1, MS4, and Z0."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Amplitude (m) and Greenwich phase lag (°) of one constituent; `Z0` is the mean level."""

    constituent: str
    amplitude_m: float
    lag_deg: float


def greenwich_lag(constituent: str, lag_deg: float, zone_h: float) -> float:
    """Greenwich phase lag of one given for local time of `zone_h` (Chinese tables: 8).

    G = g − speed × zone, because the same hour is earlier at Greenwich.
    """
    speed = float(ut_constants.const.freq[constit_index_dict[constituent]]) * 360
    return (lag_deg - speed * zone_h) % 360


def predict(constants: Sequence[Constant], latitude: float, times_s: Sequence[float]) -> list[float]:
    """Heights (m over the datum of Z0) at epoch seconds."""
    mean = sum(one.amplitude_m for one in constants if one.constituent == MEAN_LEVEL)
    waves = [one for one in constants if one.constituent != MEAN_LEVEL]
    if not waves or not len(times_s):
        return [mean] * len(times_s)
    days = np.asarray(times_s, np.float64) / _SECONDS_A_DAY + _EPOCH_DAYS
    places = np.array([constit_index_dict[one.constituent] for one in waves])
    poleward = max(abs(latitude), _LEAST_LATITUDE) * (-1 if latitude < 0 else 1)
    factor, nodal, argument = FUV(days, days[0], places, poleward, _EXACT)
    amplitudes = np.array([one.amplitude_m for one in waves])
    lags = np.array([one.lag_deg for one in waves]) / 360
    heights = (factor * amplitudes * np.cos(2 * np.pi * (argument + nodal - lags))).sum(axis=1)
    return [float(height) for height in np.round(mean + heights, 4)]
