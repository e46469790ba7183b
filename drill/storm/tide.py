"""Tide from harmonic constituents, lifted by low pressure and onshore wind.

Speeds of the constituents: Doodson, A. T. (1921), Proc. R. Soc. Lond. A 100, 305–329. The sea rises by
about 1 cm per hPa that the air is lighter (inverse barometer).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from drill.county.model import TideStation
from drill.storm.wind import AMBIENT_HPA, Air

SPEED_DEG_H = {"M2": 28.9841042, "S2": 30.0, "N2": 28.4397295, "K1": 15.0410686, "O1": 13.9430356}
METRES_PER_HPA = 0.00995
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def astronomic_m(station: TideStation, moment: datetime) -> float:
    """The tide without weather, over the station's datum."""
    hours = (moment - _EPOCH).total_seconds() / 3600
    return station.mean_m + sum(
        amplitude * math.cos(math.radians(SPEED_DEG_H[name] * hours - phase))
        for name, amplitude, phase in station.constituents
    )


def surge_m(station: TideStation, air: Air) -> float:
    """What the weather adds: inverse barometer and wind setup (offshore wind takes away)."""
    onshore = math.cos(math.radians(air.from_deg - station.onshore_deg))
    return (AMBIENT_HPA - air.pressure_hpa) * METRES_PER_HPA + (
        station.setup_m_per_m2s2 * air.speed_ms**2 * onshore
    )
