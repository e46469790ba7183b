"""Places on the map: how far apart, one within another, touching or not. Degrees of WGS 84, kilometres.

Outlines are GeoJSON geometries (Polygon or MultiPolygon, longitude first). Distances are those of a sphere of
6371.0 km; between a place and an edge they are taken in the azimuthal equidistant plane around the place, in which
every distance from it is true. An outline across the meridian of 180° is not understood.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

EARTH_KM = 6371.0
Place = tuple[float, float]
"""Longitude, latitude."""
Ring = Sequence[Place]
Polygon = Sequence[Ring]
"""The outer ring, then holes."""


def distance_km(one: Place, other: Place) -> float:
    """The distance on a sphere (haversine)."""
    lon1, lat1, lon2, lat2 = (math.radians(angle) for angle in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + (
        math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def bearing_deg(from_place: Place, to_place: Place) -> float:
    """The direction in which one sees the other, in degrees from north, clockwise, [0, 360)."""
    lon1, lat1, lon2, lat2 = (math.radians(angle) for angle in (*from_place, *to_place))
    east = math.sin(lon2 - lon1) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    return math.degrees(math.atan2(east, north)) % 360


def polygons_of(outline: Mapping[str, Any] | None) -> tuple[Polygon, ...]:
    """The polygons of a GeoJSON geometry; none of anything else."""
    if not outline:
        return ()
    kind, points = outline.get("type"), outline.get("coordinates")
    found = [points] if kind == "Polygon" else points if kind == "MultiPolygon" else []
    return tuple(
        [[(float(point[0]), float(point[1])) for point in ring] for ring in polygon]
        for polygon in found or ()
        if polygon
    )


def within(place: Place, polygon: Polygon) -> bool:
    """True inside the outer ring and outside of the holes (even-odd rule)."""
    lon, lat = place
    inside = False
    for ring in polygon:
        for (lon1, lat1), (lon2, lat2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (lat1 > lat) != (lat2 > lat) and lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1):
                inside = not inside
    return inside


def distance_to_km(place: Place, polygons: Iterable[Polygon]) -> float:
    """How far a place is from the nearest of the polygons; 0 inside, infinite where there is none."""
    nearest = math.inf
    for polygon in polygons:
        if within(place, polygon):
            return 0.0
        for ring in polygon:
            flat = [_flat(place, corner) for corner in ring]
            for one, other in zip(flat, [*flat[1:], flat[0]], strict=True):
                nearest = min(nearest, _to_edge(one, other))
    return nearest


def nearest_corner(place: Place, polygons: Iterable[Polygon]) -> Place | None:
    """The corner of the outlines that is nearest to a place."""
    corners = [corner for polygon in polygons for ring in polygon for corner in ring]
    return min(corners, key=lambda corner: distance_km(place, corner), default=None)


def touch(one: Polygon, other: Polygon) -> bool:
    """True where two polygons share any place."""
    if not one or not other or not one[0] or not other[0] or _apart(one[0], other[0]):
        return False
    if within(one[0][0], other) or within(other[0][0], one):
        return True
    return any(
        _cross(*edge, *against)
        for ring in one
        for edge in _edges(ring)
        for other_ring in other
        for against in _edges(other_ring)
    )


def _edges(ring: Ring) -> Iterable[tuple[Place, Place]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


def _apart(one: Ring, other: Ring) -> bool:
    """True if the frames of two rings do not overlap: then nothing of them does."""
    return any(
        max(p[axis] for p in a) < min(p[axis] for p in b)
        for axis in (0, 1)
        for a, b in ((one, other), (other, one))
    )


def _cross(a: Place, b: Place, c: Place, d: Place) -> bool:
    def side(p: Place, q: Place, r: Place) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return (
        side(a, b, c) * side(a, b, d) <= 0
        and side(c, d, a) * side(c, d, b) <= 0
        and not _apart([a, b], [c, d])
    )


def _flat(centre: Place, place: Place) -> tuple[float, float]:
    """Kilometres east and north of the centre: distance and direction from it are true."""
    far, towards = distance_km(centre, place), math.radians(bearing_deg(centre, place))
    return far * math.sin(towards), far * math.cos(towards)


def _to_edge(one: tuple[float, float], other: tuple[float, float]) -> float:
    """From the origin to the edge between two points."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(one[0] * dx + one[1] * dy) / length))
    return math.hypot(one[0] + along * dx, one[1] + along * dy)
