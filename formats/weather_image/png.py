"""PNG with bounds and time in text chunks, and the JSON envelope around a PNG."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from PIL import Image, PngImagePlugin

from core.faults import Fault, FaultReason, quoted
from formats.json_reading import read_json
from formats.times import read_time
from formats.weather_image.picture import (
    GEOGRAPHIC,
    MERCATOR,
    Bounds,
    Placed,
    Unusable,
    checked_bounds,
    opened,
)

_FIELDS = frozenset({"time", "bounds", "crs", "png"})
_NUMBER = re.compile(r"\s*[+-]?\d{1,6}(\.\d{1,12})?\s*", re.ASCII)


def read_png(payload: bytes, said: Mapping[str, Any] | None = None) -> Placed:
    """The picture; bounds and time from its text chunks, or as `said` by what it lay in. Raises Unusable."""
    with opened(payload, "PNG") as image:
        image.load()
        texts = getattr(image, "text", {}) if said is None else {}
        told = said or {
            "time": texts.get("anlan:time"),
            "bounds": _numbers(texts.get("anlan:bounds")),
            "crs": texts.get("anlan:crs"),
        }
        time = read_time(told.get("time"))
        if isinstance(time, Fault):
            raise Unusable(time.reason, f"anlan:time: {time.detail}")
        bounds = told.get("bounds")
        if not isinstance(bounds, list | tuple):
            raise Unusable(
                FaultReason.BAD_BOUNDS,
                "there are no bounds; give bounds [west, south, east, north] in degrees.",
            )
        return Placed(image.copy(), time, checked_bounds(bounds), _in_degrees(told.get("crs")))


def read_envelope(payload: bytes) -> Placed:
    """The picture of a JSON envelope. Raises Unusable."""
    content = read_json(payload)
    if isinstance(content, Fault):
        raise Unusable(FaultReason.BAD_IMAGE, "neither PNG nor GeoTIFF nor the JSON with a PNG in base64.")
    if not isinstance(content, dict) or not isinstance(content.get("png"), str):
        raise Unusable(FaultReason.WRONG_SHAPE, 'a picture in JSON is {"time", "bounds", "png": base64}.')
    unknown = [name for name in content if name not in _FIELDS]
    if unknown:
        raise Unusable(FaultReason.UNKNOWN_FIELD, f"field {quoted(unknown[0])} is not of the contract.")
    try:
        png = base64.b64decode(content["png"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unusable(FaultReason.BAD_IMAGE, f"png is no base64 ({quoted(str(error))}).") from error
    return read_png(png, content)


def write_png(image: Image.Image, time: datetime, bounds: Bounds) -> bytes:
    """A PNG with text chunks, in degrees."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("anlan:time", time.isoformat())
    chunks.add_text("anlan:bounds", ",".join(f"{one:g}" for one in bounds))
    out = io.BytesIO()
    image.save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


def write_envelope(image: Image.Image, time: datetime, bounds: Bounds) -> bytes:
    """The JSON envelope, in degrees."""
    out = io.BytesIO()
    image.save(out, "PNG")
    png = base64.b64encode(out.getvalue()).decode()
    return msgspec.json.encode({"time": time.isoformat(), "bounds": list(bounds), "png": png})


def _numbers(text: Any) -> list[object] | None:
    if not isinstance(text, str):
        return None
    return [float(word) if _NUMBER.fullmatch(word) else word for word in text.split(",", 5)]


def _in_degrees(crs: Any) -> bool:
    """Bounds are always degrees; the reference system says how the rows between them are spaced."""
    if crs is None:
        return True
    code = str(crs).upper().removeprefix("EPSG:")
    if code in map(str, GEOGRAPHIC):
        return True
    if code in map(str, MERCATOR):
        return False
    raise Unusable(FaultReason.BAD_BOUNDS, f"crs {quoted(crs)} is not read; EPSG:4326 or EPSG:3857.")
