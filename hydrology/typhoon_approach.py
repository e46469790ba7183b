"""How near a typhoon is and comes, and which of its winds reach a county, by what was issued. Pure.

Between two issued positions the storm moves evenly, on a straight line; its circles grow evenly where both positions
have them. Beyond the last issued position there is nothing, and a circle that no forecast gave is not made up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.geometry import Place, Polygon, bearing_deg, distance_to_km, nearest_corner
from core.typhoons import TyphoonFix

STEP = timedelta(minutes=30)
"""How finely a forecast track is walked."""
FORCES = (7, 10, 12)


@dataclass(frozen=True, slots=True)
class At:
    """Where the storm's centre is at a time: how far from the county, and how far each force's winds reach towards it."""

    time: datetime
    distance_km: float
    reach_km: dict[int, float]
    forecast: bool


def current_and_forecast(fixes: Sequence[TyphoonFix]) -> tuple[TyphoonFix | None, tuple[TyphoonFix, ...]]:
    """The newest analysed position, and what the newest forecast says of the time after it."""
    analysed = max((fix for fix in fixes if fix.issued is None), key=lambda fix: fix.time, default=None)
    if analysed is None:
        return None, ()
    issued = max((fix.issued for fix in fixes if fix.issued is not None), default=None)
    ahead = (fix for fix in fixes if issued is not None and fix.issued == issued and fix.time > analysed.time)
    return analysed, tuple(sorted(ahead, key=lambda fix: fix.time))


def walk(
    current: TyphoonFix, forecast: Sequence[TyphoonFix], county: Sequence[Polygon], until: datetime
) -> tuple[At, ...]:
    """The storm from its current position along the issued track, at most `until`; positions themselves included."""
    found = [_at(current, county, forecast=False)]
    before = current
    for after in forecast:
        steps = max(1, math.ceil((after.time - before.time) / STEP))
        for step in range(1, steps + 1):
            fix = after if step == steps else _between(before, after, step / steps)
            if fix.time > until:
                return tuple(found)
            found.append(_at(fix, county, forecast=True))
        before = after
    return tuple(found)


def _between(one: TyphoonFix, other: TyphoonFix, share: float) -> TyphoonFix:
    def mix(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a + (b - a) * share

    return TyphoonFix(
        time=one.time + (other.time - one.time) * share,
        lon=one.lon + (other.lon - one.lon) * share,
        lat=one.lat + (other.lat - one.lat) * share,
        issued=other.issued,
        radius7_km=mix(one.radius7_km, other.radius7_km),
        radius10_km=mix(one.radius10_km, other.radius10_km),
        radius12_km=mix(one.radius12_km, other.radius12_km),
    )


def _at(fix: TyphoonFix, county: Sequence[Polygon], *, forecast: bool) -> At:
    centre = (fix.lon, fix.lat)
    reach = {force: found for force in FORCES if (found := _reach(fix, force, centre, county)) is not None}
    return At(fix.time, distance_to_km(centre, county), reach, forecast)


def _reach(fix: TyphoonFix, force: int, centre: Place, county: Sequence[Polygon]) -> float | None:
    """How far winds of a force reach towards the county: by its quadrant where quadrants are known, else the longest."""
    longest: float | None = getattr(fix, f"radius{force}_km")
    for circle in fix.circles:
        if circle.force != force:
            continue
        towards = nearest_corner(centre, county)
        if circle.quadrants_km and towards:
            return circle.quadrants_km[int(bearing_deg(centre, towards) // 90)]
        return circle.longest_km
    return longest
