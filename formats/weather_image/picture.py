"""A picture with bounds and time: opened within bounds, brought to Web Mercator, drawn as PNG."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import Image

from core.faults import Fault, FaultReason, quoted

MOST_PIXELS = 2048 * 2048
MOST_DEGREES_LAT = 85.0
"""Web Mercator ends at 85.05° north and south."""
_EARTH_M = 6378137.0

GEOGRAPHIC = (4326, 4490)
"""Degrees: WGS 84, and China's CGCS 2000, which is the same within decimetres."""
MERCATOR = (3857, 900913)

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class Unusable(Exception):
    """What is wrong with a picture, on its way out of the reading functions."""

    def __init__(self, reason: FaultReason, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(reason, detail)


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture as it was read; `in_degrees` says that its rows are evenly spaced in degrees."""

    image: Image.Image
    time: datetime
    bounds: Bounds
    in_degrees: bool


@dataclass(frozen=True, slots=True)
class WeatherPicture:
    """A picture as it is kept: PNG with transparency, rows evenly spaced in Web Mercator."""

    time: datetime
    bounds: Bounds
    width: int
    height: int
    png: bytes


@contextmanager
def opened(payload: bytes, form: str) -> Iterator[Image.Image]:
    """The picture, not yet unfolded, its size within `MOST_PIXELS`. Raises Unusable, or what Pillow raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(payload), formats=[form]) as image:
            width, height = image.size
            if not 0 < width * height <= MOST_PIXELS:
                raise Unusable(
                    FaultReason.BAD_IMAGE,
                    f"{width} × {height} pixels, {MOST_PIXELS} are allowed; send a smaller picture.",
                )
            yield image


def checked_bounds(numbers: Sequence[object]) -> Bounds:
    """Four numbers in degrees as bounds. Raises Unusable."""
    values = [float(one) for one in numbers if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(values) != 4 or len(numbers) != 4 or not all(math.isfinite(one) for one in values):
        raise Unusable(
            FaultReason.BAD_BOUNDS,
            f"bounds are four numbers, west, south, east, north; not {quoted(list(numbers))}.",
        )
    west, south, east, north = values
    if not (-180 <= west < east <= 180 and -MOST_DEGREES_LAT <= south < north <= MOST_DEGREES_LAT):
        raise Unusable(
            FaultReason.BAD_BOUNDS,
            f"bounds west {west:g}, south {south:g}, east {east:g}, north {north:g} are none within"
            f" ±180° and ±{MOST_DEGREES_LAT:g}°.",
        )
    return west, south, east, north


def from_metres(west: float, south: float, east: float, north: float) -> Bounds:
    """Bounds in degrees of bounds in Web Mercator's metres. Raises Unusable."""
    if not all(math.isfinite(one) and abs(one) <= 2.1e7 for one in (west, south, east, north)):
        raise Unusable(FaultReason.BAD_BOUNDS, "bounds in metres are outside of Web Mercator's world.")

    def lat(y: float) -> float:
        return math.degrees(2 * math.atan(math.exp(y / _EARTH_M)) - math.pi / 2)

    return checked_bounds(
        (math.degrees(west / _EARTH_M), lat(south), math.degrees(east / _EARTH_M), lat(north))
    )


def drawn(placed: Placed) -> WeatherPicture:
    """The picture as it is kept."""
    image = placed.image if placed.image.mode in ("L", "RGB") else placed.image.convert("RGBA")
    if placed.in_degrees:
        image = _to_mercator(image, placed.bounds)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return WeatherPicture(placed.time, placed.bounds, image.width, image.height, out.getvalue())


def _to_mercator(image: Image.Image, bounds: Bounds) -> Image.Image:
    """Takes for each row of Web Mercator the nearest row in degrees; nothing is blended, so colours keep their meaning."""
    _, south, _, north = bounds
    top, bottom = _mercator(north), _mercator(south)
    rows = image.height
    middles = top - (np.arange(rows) + 0.5) / rows * (top - bottom)
    lats = np.degrees(2 * np.arctan(np.exp(middles)) - np.pi / 2)
    taken = np.clip(((north - lats) / (north - south) * rows).astype(int), 0, rows - 1)
    return Image.fromarray(np.asarray(image)[taken])


def _mercator(lat: float) -> float:
    return math.asinh(math.tan(math.radians(lat)))
