"""What a simulated camera sees: a drawn picture of the water with a staff, rain, name and clock. Pure."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw

from drill.field.screen import font

WIDTH, HEIGHT = 640, 360
_STAFF_X = 470
_TOP, _BOTTOM = 96, 330
_QUALITY = 72


@dataclass(frozen=True, slots=True)
class View:
    """`level_m` stands between `low_m` and `high_m` on the staff; `now` is already in the county's zone."""

    name: str
    now: datetime
    level_m: float
    low_m: float
    high_m: float
    rain_mm_h: float
    night: bool


def draw(view: View) -> bytes:
    """A JPEG of at most 60 kB."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    canvas = ImageDraw.Draw(image)
    chance = random.Random(f"{view.name}{view.now:%H%M%S}")
    surface = _surface_y(view)
    _sky_and_hills(canvas, view)
    _water(canvas, view, surface, chance)
    _staff(canvas, view)
    _rain(canvas, view, chance)
    _captions(canvas, view)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _surface_y(view: View) -> int:
    span = max(view.high_m - view.low_m, 0.1)
    share = min(max((view.level_m - view.low_m) / span, 0.0), 1.0)
    return round(_BOTTOM - share * (_BOTTOM - _TOP))


def _sky_and_hills(canvas: ImageDraw.ImageDraw, view: View) -> None:
    top, bottom = ((26, 32, 44), (52, 60, 72)) if view.night else ((116, 126, 138), (176, 182, 186))
    for y in range(HEIGHT):
        share = y / HEIGHT
        canvas.line(
            ((0, y), (WIDTH, y)), tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        )
    hill = (30, 40, 38) if view.night else (74, 92, 80)
    base = sum(view.name.encode()) % 60
    line = [
        (x, 150 - 26 * math.sin((x + 7 * base) / 83) - 12 * math.sin((x + base) / 29))
        for x in range(0, 641, 8)
    ]
    canvas.polygon([(0, HEIGHT), *line, (WIDTH, HEIGHT)], fill=hill)


def _water(canvas: ImageDraw.ImageDraw, view: View, surface: int, chance: random.Random) -> None:
    colour = (60, 56, 46) if view.night else (128, 116, 92)
    canvas.rectangle((0, surface, WIDTH, HEIGHT), fill=colour)
    light = tuple(min(part + 22, 255) for part in colour)
    for _ in range(46):
        x, y = chance.randrange(WIDTH), chance.randrange(surface + 2, HEIGHT + 3)
        canvas.line(((x, y), (x + chance.randrange(12, 60), y)), fill=light)


def _staff(canvas: ImageDraw.ImageDraw, view: View) -> None:
    canvas.rectangle((_STAFF_X, _TOP - 8, _STAFF_X + 26, HEIGHT), fill=(236, 236, 232), outline=(60, 60, 60))
    span = max(view.high_m - view.low_m, 0.1)
    step = next(size for size in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if span / size <= 14 or size == 5.0)
    mark = math.ceil(view.low_m / step) * step
    while mark <= view.high_m:
        y = round(_BOTTOM - (mark - view.low_m) / span * (_BOTTOM - _TOP))
        canvas.line(((_STAFF_X, y), (_STAFF_X + 14, y)), fill=(200, 30, 30), width=2)
        canvas.text((_STAFF_X + 32, y - 8), f"{mark:.1f}", (235, 235, 235), font(13))
        mark += step
    surface = _surface_y(view)
    canvas.rectangle((_STAFF_X, surface, _STAFF_X + 26, HEIGHT), fill=(120, 110, 90))


def _rain(canvas: ImageDraw.ImageDraw, view: View, chance: random.Random) -> None:
    for _ in range(min(round(view.rain_mm_h * 14), 420)):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        canvas.line(((x, y), (x - 4, y + 15)), fill=(206, 212, 218))


def _captions(canvas: ImageDraw.ImageDraw, view: View) -> None:
    canvas.rectangle((0, 0, WIDTH, 30), fill=(16, 18, 20))
    canvas.text((10, 5), view.name, (240, 240, 240), font(18))
    canvas.text((WIDTH - 205, 5), f"{view.now:%Y-%m-%d %H:%M:%S}", (240, 240, 240), font(18))
    canvas.rectangle((0, HEIGHT - 28, WIDTH, HEIGHT), fill=(16, 18, 20))
    canvas.text(
        (10, HEIGHT - 25),
        f"水位 {view.level_m:.2f} m   雨强 {view.rain_mm_h:.1f} mm/h",
        (240, 240, 240),
        font(16),
    )
    canvas.text((WIDTH - 130, HEIGHT - 25), "演示 · 模拟画面", (255, 200, 90), font(16))
