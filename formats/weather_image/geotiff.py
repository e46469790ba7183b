"""GeoTIFF 1.1 (OGC 19-008r4): where it lies, when it is of, and its pixels as people can see them.

Read: ModelTiepoint (33922) with ModelPixelScale (33550), or ModelTransformation (34264) that does not turn; the
GeoKey directory (34735) naming EPSG 4326, 4490 or 3857; GDAL's no-data value (42113), which becomes transparent.
The time is in ImageDescription (270) as `anlan:time=2026-07-01T00:00:00Z`, else DateTime (306), which is read as
UTC. Pixels: colours and palettes stay; 8-bit grey stays grey; more bits or fractions are spread from the least to
the greatest value that is no no-data, black to white. The first picture of a file is read.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PIL import Image

from core.faults import Fault, FaultReason, quoted
from formats.times import read_rfc3339
from formats.weather_image.picture import (
    GEOGRAPHIC,
    MERCATOR,
    Bounds,
    Placed,
    Unusable,
    checked_bounds,
    from_metres,
    opened,
)

_DESCRIPTION, _DATE_TIME = 270, 306
_PIXEL_SCALE, _TIEPOINT, _TRANSFORMATION, _KEYS, _NO_DATA = 33550, 33922, 34264, 34735, 42113
_MODEL_TYPE, _RASTER_TYPE, _GEOGRAPHIC_TYPE, _PROJECTED_TYPE = 1024, 1025, 2048, 3072
_PROJECTED, _POINTS = 1, 2
_TIME = re.compile(r"anlan:time=(\S{10,40})")


def read_geotiff(payload: bytes) -> Placed:
    """The picture. Raises Unusable, or what Pillow raises."""
    with opened(payload, "TIFF") as image:
        tags: Any = image.tag_v2  # type: ignore[attr-defined]
        time = _time(tags)
        bounds, in_degrees = _place(tags, *image.size)
        image.load()
        return Placed(_visible(image, _no_data(tags)), time, bounds, in_degrees)


def _time(tags: Any) -> datetime:
    told = _TIME.search(str(tags.get(_DESCRIPTION, "")))
    if told:
        moment = read_rfc3339(told[1])
        if isinstance(moment, Fault):
            raise Unusable(moment.reason, f"anlan:time: {moment.detail}")
        return moment
    text = str(tags.get(_DATE_TIME, "")).strip("\x00 ")
    if not text:
        raise Unusable(
            FaultReason.TIME_MISSING,
            "no time: give DateTime (306) in UTC, or anlan:time= in ImageDescription (270).",
        )
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unusable(
            FaultReason.TIME_UNREADABLE, f"DateTime {quoted(text)} is not YYYY:MM:DD HH:MM:SS."
        ) from error


def _place(tags: Any, width: int, height: int) -> tuple[Bounds, bool]:
    keys = _keys(tags)
    code = keys.get(_PROJECTED_TYPE) if keys.get(_MODEL_TYPE) == _PROJECTED else keys.get(_GEOGRAPHIC_TYPE)
    left, top, step_x, step_y = _corner(tags)
    if keys.get(_RASTER_TYPE) == _POINTS:
        # The tie is the middle of a pixel, not its corner (GeoTIFF §7.1.2).
        left, top = left - step_x / 2, top + step_y / 2
    right, bottom = left + step_x * width, top - step_y * height
    if not all(math.isfinite(one) for one in (left, top, right, bottom)):
        raise Unusable(FaultReason.BAD_BOUNDS, "the place of the picture is not finite.")
    if code in GEOGRAPHIC:
        return checked_bounds((left, bottom, right, top)), True
    if code in MERCATOR:
        return from_metres(left, bottom, right, top), False
    raise Unusable(
        FaultReason.BAD_BOUNDS, f"reference system {quoted(code)} is not read; EPSG 4326, 4490 or 3857."
    )


def _corner(tags: Any) -> tuple[float, float, float, float]:
    """The upper left corner and the size of a pixel, in the units of the reference system."""
    scale, tie, transformation = (_floats(tags, tag) for tag in (_PIXEL_SCALE, _TIEPOINT, _TRANSFORMATION))
    if len(transformation) == 16:
        a, b, _, x, d, e, _, y = transformation[:8]
        if b != 0 or d != 0 or a <= 0 or e >= 0:
            raise Unusable(
                FaultReason.BAD_BOUNDS, "the picture is turned or mirrored; warp it to north-up first."
            )
        return x, y, a, -e
    if len(scale) >= 2 and len(tie) >= 6 and scale[0] > 0 and scale[1] > 0:
        return tie[3] - tie[0] * scale[0], tie[4] + tie[1] * scale[1], scale[0], scale[1]
    raise Unusable(
        FaultReason.BAD_BOUNDS, "no tie point with pixel scale, and no transformation: where does it lie?"
    )


def _keys(tags: Any) -> dict[int, int]:
    """Keys of the directory that hold their value themselves."""
    words = [int(one) for one in _floats(tags, _KEYS)]
    entries = (words[start : start + 4] for start in range(4, min(len(words), 4 * 200), 4))
    return {entry[0]: entry[3] for entry in entries if len(entry) == 4 and entry[1] == 0}


def _floats(tags: Any, tag: int) -> list[float]:
    found = tags.get(tag)
    if found is None:
        return []
    values = found if isinstance(found, tuple | list) else (found,)
    return [float(one) for one in values[:1000] if isinstance(one, int | float)]


def _no_data(tags: Any) -> float | None:
    text = str(tags.get(_NO_DATA, "")).strip("\x00 ")
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _visible(image: Image.Image, no_data: float | None) -> Image.Image:
    if image.mode in ("RGB", "RGBA", "CMYK", "YCbCr", "1"):
        return image.convert("RGBA")
    values = np.asarray(image)
    if values.ndim != 2:
        return image.convert("RGBA")
    hidden = ~np.isfinite(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    if no_data is not None:
        hidden |= values == no_data
    if image.mode == "P":
        shown = np.array(image.convert("RGBA"))
    else:
        grey = values if values.dtype == np.uint8 else _spread(values, hidden)
        shown = np.dstack([grey, grey, grey, np.full(grey.shape, 255, np.uint8)]).astype(np.uint8)
    shown[hidden, 3] = 0
    return Image.fromarray(shown)


def _spread(values: Any, hidden: Any) -> Any:
    seen = values[~hidden].astype(float)
    if not seen.size:
        return np.zeros(values.shape, np.uint8)
    low, high = float(seen.min()), float(seen.max())
    with np.errstate(all="ignore"):
        share = (np.where(hidden, low, values).astype(float) - low) / ((high - low) or 1.0)
    return (np.nan_to_num(share).clip(0, 1) * 255).round().astype(np.uint8)
