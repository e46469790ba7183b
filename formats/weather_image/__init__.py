"""`anlan/weather/image/{layer}`: a picture of the weather that is laid over the map, with bounds and time.

Three forms, told apart by their first bytes:
- JSON `{"time": "…", "bounds": [west, south, east, north], "crs": "EPSG:4326", "png": base64}`;
- PNG with text chunks `anlan:time`, `anlan:bounds` (four numbers, by commas) and perhaps `anlan:crs`;
- GeoTIFF (`formats/weather_image/geotiff.py`).

Whatever comes is checked before it is unfolded, drawn anew as PNG in Web Mercator (as web maps lay pictures), and
nothing else of it is kept: no chunk, profile or comment of the sender reaches a browser. Never raises.
"""

from __future__ import annotations

from core.faults import Fault, FaultReason, quoted
from formats.weather_image.geotiff import read_geotiff
from formats.weather_image.picture import Unusable, WeatherPicture, drawn
from formats.weather_image.png import read_envelope, read_png, write_envelope, write_png

LARGEST_BYTES = 3_000_000

__all__ = ["WeatherPicture", "decode", "write_envelope", "write_png"]


def decode(payload: bytes) -> tuple[WeatherPicture | None, list[Fault]]:
    """The picture as it will be kept, or why it cannot be."""
    if len(payload) > LARGEST_BYTES:
        return None, [
            Fault(
                FaultReason.TOO_LARGE, f"{len(payload)} bytes, {LARGEST_BYTES} are allowed; it was not read."
            )
        ]
    try:
        if payload[:8] == b"\x89PNG\r\n\x1a\n":
            return drawn(read_png(payload)), []
        if payload[:4] in (b"II*\x00", b"MM\x00*"):
            return drawn(read_geotiff(payload)), []
        return drawn(read_envelope(payload)), []
    except Unusable as unusable:
        return None, [unusable.fault]
    except Exception as error:
        # Pillow raises a dozen kinds for broken pictures (OSError, SyntaxError, struct.error …).
        return None, [
            Fault(FaultReason.BAD_IMAGE, f"the picture cannot be read ({quoted(str(error), 120)}).")
        ]
