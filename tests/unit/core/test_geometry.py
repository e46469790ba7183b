"""Distances and shapes on the map, against values known elsewhere and against brute force."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from core.geometry import bearing_deg, distance_km, distance_to_km, polygons_of, touch, within

SQUARE = [[(121.0, 29.0), (122.0, 29.0), (122.0, 30.0), (121.0, 30.0)]]
RING = [*SQUARE, [(121.4, 29.4), (121.6, 29.4), (121.6, 29.6), (121.4, 29.6)]]


def test_a_degree_and_a_quarter_of_the_globe_have_their_lengths() -> None:
    assert distance_km((121, 29), (121, 30)) == pytest.approx(math.radians(1) * 6371.0)
    assert distance_km((10, 0), (77, 90)) == pytest.approx(math.pi / 2 * 6371.0)
    assert distance_km((179.5, 0), (-179.5, 0)) == pytest.approx(math.radians(1) * 6371.0)


@pytest.mark.parametrize(("to", "degrees"), [((0, 1), 0), ((1, 0), 90), ((0, -1), 180), ((-1, 0), 270)])
def test_directions_are_counted_from_north_clockwise(to: tuple[float, float], degrees: float) -> None:
    assert bearing_deg((0, 0), to) == pytest.approx(degrees)


def test_a_hole_is_outside() -> None:
    assert within((121.2, 29.2), RING)
    assert not within((121.5, 29.5), RING)
    assert not within((120.9, 29.5), RING)


def test_the_distance_to_an_outline_is_that_to_its_nearest_point() -> None:
    chance = random.Random(7)
    corners = [*SQUARE[0], SQUARE[0][0]]
    for _ in range(50):
        place = (chance.uniform(112, 132), chance.uniform(18, 40))
        if within(place, SQUARE):
            continue
        dense = min(
            distance_km(place, (a[0] + (b[0] - a[0]) * k / 400, a[1] + (b[1] - a[1]) * k / 400))
            for a, b in pairwise(corners)
            for k in range(401)
        )
        assert distance_to_km(place, [SQUARE]) == pytest.approx(dense, rel=0.002, abs=0.3)
    assert distance_to_km((121.5, 29.5), [SQUARE]) == 0
    assert distance_to_km((121.5, 29.5), []) == math.inf


@pytest.mark.parametrize(
    ("other", "touches"),
    [
        ([[(121.4, 29.4), (121.5, 29.4), (121.5, 29.5)]], True),
        ([[(120.0, 28.0), (123.0, 28.0), (123.0, 31.0), (120.0, 31.0)]], True),
        ([[(120.5, 29.4), (122.5, 29.4), (122.5, 29.5), (120.5, 29.5)]], True),
        ([[(122.1, 29.0), (123.0, 29.0), (123.0, 30.0)]], False),
        ([[(121.9, 30.3), (122.4, 29.9), (122.4, 30.3)]], False),
    ],
)
def test_shapes_touch_by_corners_edges_or_enclosure(
    other: list[list[tuple[float, float]]], touches: bool
) -> None:
    assert touch(SQUARE, other) is touches
    assert touch(other, SQUARE) is touches


def test_a_shape_within_a_hole_touches_nothing() -> None:
    assert not touch([[(121.45, 29.45), (121.55, 29.45), (121.5, 29.55)]], RING)


def test_outlines_are_polygons_of_geojson_and_nothing_else() -> None:
    ring = [[121, 29], [122, 29], [122, 30], [121, 29]]
    assert polygons_of({"type": "Polygon", "coordinates": [ring]})[0][0][1] == (122.0, 29.0)
    assert len(polygons_of({"type": "MultiPolygon", "coordinates": [[ring], [ring]]})) == 2
    assert polygons_of({"type": "Point", "coordinates": [121, 29]}) == ()
    assert polygons_of(None) == ()
