"""Wind and pressure of a typhoon as functions of the distance from its eye.

Holland, G. J. (1980): An analytic model of the wind and pressure profiles in hurricanes. Mon. Wea. Rev.
108, 1212–1218. Radius of maximum wind: Willoughby, H. E., Darling, R. W. R., Rahn, M. E. (2006),
Mon. Wea. Rev. 134, 1102–1120, eq. 7a.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from drill.county.land import distance_km
from drill.storm.track import Fix

AMBIENT_HPA = 1010.0
AIR_DENSITY = 1.15
"""kg/m³."""
EARTH_TURN = 7.2921e-5
"""rad/s."""
INFLOW_DEG = 20.0
"""How far the surface wind is turned towards the eye."""


@dataclass(frozen=True, slots=True)
class Air:
    """Wind speed in m/s, where it comes from in degrees, and pressure in hPa at one place."""

    speed_ms: float
    from_deg: float
    pressure_hpa: float


def radius_of_maximum_km(wind_ms: float, lat: float) -> float:
    """Radius of the strongest wind."""
    return 46.4 * math.exp(-0.0155 * wind_ms + 0.0169 * abs(lat))


def shape(fix: Fix) -> float:
    """Holland's B for the fix's wind and pressure drop, within 1 to 2.5 as he found it."""
    drop_pa = max(AMBIENT_HPA - fix.pressure_hpa, 1.0) * 100
    return min(max(fix.wind_ms**2 * math.e * AIR_DENSITY / drop_pa, 1.0), 2.5)


def pressure_hpa(fix: Fix, distance: float) -> float:
    """Sea-level pressure at `distance` km from the eye."""
    if distance <= 0:
        return fix.pressure_hpa
    ratio = (radius_of_maximum_km(fix.wind_ms, fix.lat) / distance) ** shape(fix)
    return fix.pressure_hpa + (AMBIENT_HPA - fix.pressure_hpa) * math.exp(-ratio)


def gradient_wind_ms(fix: Fix, distance: float) -> float:
    """Wind of the standing storm at `distance` km from the eye."""
    if distance <= 0:
        return 0.0
    form = shape(fix)
    ratio = (radius_of_maximum_km(fix.wind_ms, fix.lat) / distance) ** form
    drop_pa = max(AMBIENT_HPA - fix.pressure_hpa, 0.0) * 100
    turning = distance * 1000 * 2 * EARTH_TURN * math.sin(math.radians(abs(fix.lat))) / 2
    return math.sqrt(form / AIR_DENSITY * ratio * drop_pa * math.exp(-ratio) + turning**2) - turning


def air(fix: Fix, heading_deg: float, speed_kmh: float, lon: float, lat: float) -> Air:
    """Wind and pressure at a place; half of the storm's own motion is added to its turning wind."""
    distance = max(distance_km(fix.lon, fix.lat, lon, lat), 1.0)
    east = (lon - fix.lon) * math.cos(math.radians((lat + fix.lat) / 2))
    outward = math.atan2(lat - fix.lat, east)
    speed = gradient_wind_ms(fix, distance)
    direction = outward + math.pi / 2 + math.radians(INFLOW_DEG)
    own = speed_kmh / 3.6 / 2 * math.exp(-distance / 500)
    u = speed * math.cos(direction) + own * math.sin(math.radians(heading_deg))
    v = speed * math.sin(direction) + own * math.cos(math.radians(heading_deg))
    return Air(math.hypot(u, v), math.degrees(math.atan2(-u, -v)) % 360, pressure_hpa(fix, distance))
