"""Rain of a typhoon at a place.

Radial profile of R-CLIPER: Tuleya, R. E., DeMaria, M., Kuligowski, R. J. (2007): Evaluation of GFDL and
simple statistical model rainfall forecasts for U.S. landfalling tropical storms. Wea. Forecasting 22,
56–70. Asymmetry, hills and bands are plain factors, chosen to look like what gauges show; they are no
forecast model.
"""

from __future__ import annotations

import math
from datetime import datetime

from drill.county.land import distance_km
from drill.storm.track import Fix
from formats.typhoon.best_track import KNOT_MS

MM_PER_INCH = 25.4
FRONT_RIGHT_DEG = 45.0
"""Where most rain falls, clockwise from the storm's heading (northern hemisphere)."""
ASYMMETRY = 0.35
COAST = 1.85
"""On the hilly coast of East China landfalling typhoons give about twice the mean of R-CLIPER."""
HILL_M = 340.0
"""A hill of this height doubles the rain of an onshore gale."""
BAND_STRENGTH = 0.55
BAND_PERIOD_H = 2.6


def profile_mm_h(wind_ms: float, distance: float) -> float:
    """Mean rain at `distance` km from the eye of a storm with this highest wind."""
    knots = wind_ms / KNOT_MS
    strength = 1 + (knots - 35) / 33
    centre = (-1.10 + 3.96 * strength) * MM_PER_INCH / 24
    peak = (-1.60 + 4.80 * strength) * MM_PER_INCH / 24
    peak_km = max(64.5 - 13.0 * strength, 5.0)
    decay_km = 150.0 - 16.0 * strength
    if distance < peak_km:
        rate = centre + (peak - centre) * distance / peak_km
    else:
        rate = peak * math.exp(-(distance - peak_km) / decay_km)
    return max(rate, 0.0)


def rate_mm_h(
    fix: Fix,
    heading_deg: float,
    wind_here_ms: float,
    moment: datetime,
    lon: float,
    lat: float,
    elevation_m: float,
) -> float:
    """Rain at a place: profile × coast × asymmetry × hills × spiral bands; below 0.2 mm/h it is dry."""
    distance = distance_km(fix.lon, fix.lat, lon, lat)
    east = (lon - fix.lon) * math.cos(math.radians((lat + fix.lat) / 2))
    bearing = math.degrees(math.atan2(east, lat - fix.lat))
    side = 1 + ASYMMETRY * math.cos(math.radians(bearing - heading_deg - FRONT_RIGHT_DEG))
    hills = 1 + elevation_m / HILL_M * min(wind_here_ms / 20.0, 1.0)
    hours = moment.timestamp() / 3600
    phase = 2 * math.radians(bearing) + 5.0 * math.log(max(distance, 20.0) / 20.0)
    bands = 1 + BAND_STRENGTH * math.sin(
        phase + 9.0 * (lon + 1.7 * lat) - 2 * math.pi * hours / BAND_PERIOD_H
    )
    rate = profile_mm_h(fix.wind_ms, distance) * COAST * side * hills * bands
    return rate if rate >= 0.2 else 0.0
