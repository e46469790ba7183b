"""What stands on an LED screen, as a picture: amber or red dots on black."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from core.severity import Severity
from formats.envelope import Command

_CELL = 24
_COLOURS = {
    None: (255, 176, 32),
    Severity.BLUE: (90, 170, 255),
    Severity.YELLOW: (255, 220, 40),
    Severity.ORANGE: (255, 140, 20),
    Severity.RED: (255, 50, 40),
}
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font with Chinese characters if one is installed, else Pillow's own."""
    for path in _FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def picture(command: Command | None, columns: int, rows: int) -> bytes:
    """A PNG of the first page of the text; a dark screen for None."""
    image = Image.new("RGB", (columns * _CELL + 16, rows * _CELL + 16), (12, 12, 14))
    draw = ImageDraw.Draw(image)
    draw.rectangle((3, 3, image.width - 4, image.height - 4), outline=(50, 50, 54), width=2)
    if command is not None:
        for number, line in enumerate((command.text or "").split("\f")[0].split("\n")[:rows]):
            draw.text((8, 6 + number * _CELL), line, _COLOURS[command.severity], font(_CELL - 3))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
