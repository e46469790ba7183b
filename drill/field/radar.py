"""What a radar would see of the storm: its rain field about the county, coloured as radars colour it. Pure.

Reflectivity of rain: Marshall, J. S., Palmer, W. M. (1948), Z = 200 R^1.6. The colours are steps of 5 dBZ, drawn
for this project in the usual order (blue, green, yellow, red, violet). A picture says 演示 at its corner.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from drill.field.screen import font
from drill.storm.rain import rate_mm_h
from drill.storm.track import Fix, at, motion
from drill.storm.wind import air

BOUNDS = (120.0, 27.6, 123.8, 31.2)
"""West, south, east, north in degrees."""
_CELLS = 120
_PIXELS = 600
_LOWEST_DBZ = 15.0
_COLOURS = (
    (60, 120, 200), (50, 160, 220), (60, 190, 150), (60, 170, 60), (30, 130, 30), (245, 225, 70), (235, 180, 40),
    (245, 130, 40), (230, 60, 50), (190, 30, 40), (200, 60, 180), (140, 80, 200),
)  # fmt: skip
_ALPHA = 190
_HALF = timedelta(minutes=90)


def radar(fixes: list[Fix], moment: datetime) -> Image.Image:
    """The picture at a moment of the storm, in degrees between BOUNDS; transparent where it is dry."""
    field = Image.new("F", (_CELLS, _CELLS))
    field.putdata(_reflectivity(fixes, moment))
    wide = field.resize((_PIXELS, _PIXELS), Image.Resampling.BICUBIC)
    steps = wide.point(lambda value: value * 0.2 + (1 - _LOWEST_DBZ / 5)).convert("L")
    palette = [(0, 0, 0, 0), *((*colour, _ALPHA) for colour in _COLOURS)]
    channels = [
        steps.point([palette[min(step, len(_COLOURS))][part] for step in range(256)]) for part in range(4)
    ]
    image = Image.merge("RGBA", channels)
    ImageDraw.Draw(image).text((12, _PIXELS - 44), "演示 · 模拟雷达", (255, 255, 255, 230), font(24))
    return image


def _reflectivity(fixes: list[Fix], moment: datetime) -> list[float]:
    """dBZ of each cell, row by row from the north."""
    fix = at(fixes, moment)
    heading, speed = motion(at(fixes, moment - _HALF), at(fixes, moment + _HALF))
    west, south, east, north = BOUNDS
    found = []
    for row in range(_CELLS):
        lat = north - (row + 0.5) / _CELLS * (north - south)
        for column in range(_CELLS):
            lon = west + (column + 0.5) / _CELLS * (east - west)
            wind = air(fix, heading, speed, lon, lat).speed_ms
            rate = rate_mm_h(fix, heading, wind, moment, lon, lat, 0.0)
            found.append(10 * math.log10(200 * rate**1.6) if rate > 0 else 0.0)
    return found
