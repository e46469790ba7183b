"""Pictures of the weather: bounds, time, colours; bombs and mutations."""

from __future__ import annotations

import base64
import io
import json
import random
import struct
import time
import zlib
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from core.faults import FaultReason
from formats.weather_image import WeatherPicture, decode, write_envelope, write_png
from tests.unit.formats.networks import HOSTILE, JSON_TOKENS, mutate

MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
WHEN = "2026-07-01T00:00:00Z"
BOUNDS = (120.0, 28.0, 122.0, 30.0)
SIZE = (64, 48)


def gradient(mode: str = "RGBA") -> Image.Image:
    return Image.linear_gradient("L").resize(SIZE).convert(mode)


def keys(code: int, *, projected: bool = False, points: bool = False) -> tuple[int, ...]:
    model = (1024, 0, 1, 1 if projected else 2)
    place = (3072, 0, 1, code) if projected else (2048, 0, 1, code)
    return (1, 1, 1, 3, *model, 1025, 0, 1, 2 if points else 1, *place)


def geotiff(image: Image.Image | None = None, **tags: Any) -> bytes:
    """A GeoTIFF; tags by number as `t33550=(…)`; None takes a default away."""
    told: dict[int, Any] = {
        33550: (2 / 64, 2 / 48, 0.0),
        33922: (0.0, 0.0, 0.0, 120.0, 30.0, 0.0),
        34735: keys(4326),
        306: "2026:07:01 00:00:00",
    } | {int(name[1:]): value for name, value in tags.items()}
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in told.items():
        if value is not None:
            info[tag] = value
            info.tagtype[tag] = 2 if isinstance(value, str) else 3 if tag == 34735 else 12
    out = io.BytesIO()
    (image or gradient("L")).save(out, "TIFF", tiffinfo=info, compression="tiff_deflate")
    return out.getvalue()


def opened(payload: bytes) -> tuple[WeatherPicture, Image.Image]:
    read, faults = decode(payload)
    assert faults == []
    assert read is not None
    return read, Image.open(io.BytesIO(read.png))


@pytest.mark.parametrize("write", [write_png, write_envelope])
def test_bounds_time_and_size_come_through(write: Any) -> None:
    read, image = opened(write(gradient(), MOMENT, BOUNDS))
    assert (read.time, read.bounds, (read.width, read.height)) == (MOMENT, BOUNDS, SIZE)
    assert image.size == SIZE


def test_rows_in_degrees_are_laid_in_mercator() -> None:
    """A line at 45°N of a picture from 0 to 60° lies above the middle of the Mercator picture, at its own place."""
    image = Image.new("L", (10, 600), 0)
    image.paste(255, (0, 149, 10, 152))
    _, drawn = opened(write_png(image, MOMENT, (0.0, 0.0, 10.0, 60.0)))
    rows = np.flatnonzero(np.asarray(drawn)[:, 5])
    mercator = np.asinh(np.tan(np.radians([45.0, 60.0])))
    assert abs(float(rows.mean()) - 600 * (1 - mercator[0] / mercator[1])) < 3


def test_a_picture_in_mercator_stays_as_it_is() -> None:
    png = base64.b64encode(write_png(gradient("L"), MOMENT, BOUNDS)).decode()
    envelope = {"time": WHEN, "bounds": [0, 0, 10, 60], "crs": "EPSG:3857", "png": png}
    _, drawn = opened(json.dumps(envelope).encode())
    assert drawn.convert("L").tobytes() == gradient("L").tobytes()


@pytest.mark.parametrize(
    ("tags", "bounds"),
    [
        ({}, BOUNDS),
        ({"t34735": keys(4490)}, BOUNDS),
        ({"t33550": None, "t33922": None,
          "t34264": (2 / 64, 0, 0, 120, 0, -2 / 48, 0, 30, 0, 0, 0, 0, 0, 0, 0, 1)}, BOUNDS),
        ({"t33922": (64.0, 48.0, 0.0, 122.0, 28.0, 0.0)}, BOUNDS),
        ({"t34735": keys(4326, points=True)},
         (120 - 1 / 64, 28 + 1 / 48, 122 - 1 / 64, 30 + 1 / 48)),
        ({"t34735": keys(3857, projected=True), "t33550": (3000.0, 3000.0, 0.0),
          "t33922": (0.0, 0.0, 0.0, 13_358_338.895, 3_503_549.843, 0.0)}, (120.0, 28.87346, 121.72476, 30.0)),
    ],
    ids=["4326", "4490", "matrix", "tied at the end", "points", "3857"],
)  # fmt: skip
def test_a_geotiff_says_where_it_lies(tags: dict[str, Any], bounds: tuple[float, ...]) -> None:
    read, _ = opened(geotiff(**tags))
    assert read.bounds == pytest.approx(bounds, abs=2e-4)
    assert read.time == MOMENT


def test_the_time_of_a_description_wins() -> None:
    read, _ = opened(geotiff(t270="radar anlan:time=2026-07-01T09:30:00+08:00 x"))
    assert read.time == datetime(2026, 7, 1, 1, 30, tzinfo=UTC)


def test_no_data_is_transparent_and_grey_stays_grey() -> None:
    values = np.full((48, 64), 100, np.uint8)
    values[:10] = 255
    _, image = opened(geotiff(Image.fromarray(values), t42113="255"))
    pixels = np.asarray(image)
    assert set(np.unique(pixels[-20:, :, 0])) == {100}
    assert pixels[0, 0, 3] == 0 and pixels[-1, 0, 3] == 255


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_other_numbers_are_spread_from_black_to_white(kind: Any) -> None:
    values = np.tile(np.linspace(10, 1000, 64), (48, 1)).astype(kind)
    values[0] = 9999
    _, image = opened(geotiff(Image.fromarray(values), t42113="9999"))
    pixels = np.asarray(image)
    assert (pixels[-1, 0, 0], pixels[-1, -1, 0]) == (0, 255)
    assert pixels[0, 0, 3] == 0


def test_fractions_that_are_none_are_transparent() -> None:
    values = np.ones((48, 64), np.float32)
    values[:12], values[12:24] = np.nan, np.inf
    _, image = opened(geotiff(Image.fromarray(values)))
    pixels = np.asarray(image)
    assert pixels[0, 0, 3] == pixels[20, 0, 3] == 0 and pixels[-1, 0, 3] == 255


def test_a_palette_keeps_its_colours() -> None:
    image = Image.new("P", SIZE, 7)
    image.putpalette([0] * 21 + [10, 200, 30])
    _, drawn = opened(geotiff(image))
    assert drawn.convert("RGBA").getpixel((5, 5)) == (10, 200, 30, 255)


def test_nothing_of_the_sender_but_pixels_is_kept() -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("anlan:time", WHEN)
    chunks.add_text("anlan:bounds", "120,28,122,30")
    chunks.add_text("Comment", "<script>alert(1)</script>")
    out = io.BytesIO()
    gradient().save(out, "PNG", pnginfo=chunks)
    read, image = opened(out.getvalue() + b"<html>appended")
    assert b"script" not in read.png and b"html" not in read.png
    assert not getattr(image, "text", {})


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + crc


def tiff_bomb() -> bytes:
    """A TIFF of 60,000 × 60,000 pixels in one strip of a few bytes."""
    entries = [
        (256, 4, 60_000),
        (257, 4, 60_000),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, 60_000),
        (279, 4, 1),
    ]
    return (
        b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
        + b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + b"\x00" * 4
    )  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (bomb(), FaultReason.BAD_IMAGE),
        (tiff_bomb(), FaultReason.BAD_IMAGE),
        (write_png(Image.new("L", (4096, 4096)), MOMENT, BOUNDS), FaultReason.BAD_IMAGE),
        (write_png(gradient(), MOMENT, BOUNDS)[:-60], FaultReason.BAD_IMAGE),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 3_000_001, FaultReason.TOO_LARGE),
        (write_png(gradient(), MOMENT, (122, 28, 120, 30)), FaultReason.BAD_BOUNDS),
        (write_png(gradient(), MOMENT, (120, 28, 122, 90)), FaultReason.BAD_BOUNDS),
        (write_png(gradient(), MOMENT, (120, 28, 122, float("nan"))), FaultReason.BAD_BOUNDS),
        (write_png(gradient(), datetime(2026, 7, 1), BOUNDS), FaultReason.TIME_WITHOUT_ZONE),  # noqa: DTZ001
        (geotiff(t34735=None), FaultReason.BAD_BOUNDS),
        (geotiff(t34735=keys(32651, projected=True)), FaultReason.BAD_BOUNDS),
        (geotiff(t33550=None), FaultReason.BAD_BOUNDS),
        (geotiff(t33550=(0.0, 0.0, 0.0)), FaultReason.BAD_BOUNDS),
        (geotiff(t34264=(1, 0.5, 0, 120, 0.5, -1, 0, 30, 0, 0, 0, 0, 0, 0, 0, 1)), FaultReason.BAD_BOUNDS),
        (geotiff(t306=None), FaultReason.TIME_MISSING),
        (geotiff(t306="yesterday"), FaultReason.TIME_UNREADABLE),
        (b'{"time": 1, "bounds": [1, 2, 3, 4]}', FaultReason.WRONG_SHAPE),
        (b'{"time": "' + WHEN.encode() + b'", "bounds": [1, 2, 3, 4], "png": "!"}', FaultReason.BAD_IMAGE),
        (b'{"time": "' + WHEN.encode() + b'", "bounds": [1, 2, 3, 4], "png": "", "url": "x"}', FaultReason.UNKNOWN_FIELD),
        (b"GIF89a", FaultReason.BAD_IMAGE),
    ],
)  # fmt: skip
def test_what_is_no_picture_that_can_be_laid_on_the_map_has_its_reason(
    payload: bytes, reason: FaultReason
) -> None:
    began = time.perf_counter()
    read, faults = decode(payload)
    assert time.perf_counter() - began < 2
    assert read is None
    assert [fault.reason for fault in faults] == [reason]


@pytest.mark.parametrize("payload", HOSTILE)
def test_payloads_of_other_formats_are_faults(payload: bytes) -> None:
    read, faults = decode(payload)
    assert read is None and len(faults) == 1


def survive(count: int, seed: int) -> None:
    chance = random.Random(seed)
    originals = [write_png(gradient("P"), MOMENT, BOUNDS), write_envelope(gradient("L"), MOMENT, BOUNDS), geotiff(),
                 geotiff(t33550=None, t34264=(2 / 64, 0, 0, 120, 0, -2 / 48, 0, 30, 0, 0, 0, 0, 0, 0, 0, 1)),
                 geotiff(Image.fromarray(np.ones((48, 64), np.float32)))]  # fmt: skip
    tokens = [
        *JSON_TOKENS,
        b"IDAT",
        b"tEXtanlan:time\x00",
        b"\x00\x00\x00\x01",
        b"\xff\xff\xff\xff",
        b"II*\x00",
    ]
    told = read_whole = 0
    slowest = 0.0
    for _ in range(count):
        spoilt = mutate(chance, chance.choice(originals), tokens)
        began = time.perf_counter()
        read, faults = decode(spoilt)
        slowest = max(slowest, time.perf_counter() - began)
        assert (read is None) == bool(faults)
        told += bool(faults)
        if read is not None:
            read_whole += 1
            west, south, east, north = read.bounds
            assert -180 <= west < east <= 180 and -85 <= south < north <= 85
            assert read.time.utcoffset() is not None and read.png.startswith(b"\x89PNG")
    assert slowest < 5
    assert told > count / 4 and read_whole > count / 50


def test_two_thousand_mutations() -> None:
    survive(2_000, seed=1)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_mutations() -> None:
    survive(100_000, seed=2)
