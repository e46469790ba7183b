"""Pictures from the field: what is taken, what is refused, and what is left of the sender's file."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from core.errors import InputError
from formats.photo import LARGEST_BYTES, LONGEST_SIDE, read_photo


def picture(size: tuple[int, int] = (64, 48), form: str = "JPEG", mode: str = "RGB", **more: object) -> bytes:
    image = Image.new(mode, size, 0)
    image.paste("red" if mode in ("RGB", "RGBA") else 1, (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def reason(payload: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_photo(payload)
    return caught.value.reason


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16")],
)
def test_jpeg_and_png_become_a_jpeg_of_the_same_size(form: str, mode: str) -> None:
    found = read_photo(picture(form=form, mode=mode))
    with Image.open(io.BytesIO(found.jpeg)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))
    assert (found.width, found.height) == (64, 48)


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    found = read_photo(picture((6000, 3000)))
    assert (found.width, found.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_a_picture_taken_upright_stands_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    payload = picture(exif=exif.tobytes())
    assert b"secret place" in payload
    found = read_photo(payload)
    assert (found.width, found.height) == (48, 64)
    assert b"secret place" not in found.jpeg


def test_what_hides_behind_a_picture_is_left_behind() -> None:
    found = read_photo(picture() + b"<script>alert(1)</script>")
    assert b"script" not in found.jpeg


@pytest.mark.parametrize(
    "payload",
    [b"", b"GIF89a" + b"0" * 100, b"<svg xmlns='x'/>", b"\xff\xd8", picture(form="GIF"), b"%PDF-1.7"],
)
def test_anything_else_is_no_photo(payload: bytes) -> None:
    assert reason(payload) in ("not_a_photo", "photo_broken")


def test_a_cut_off_picture_is_broken() -> None:
    chance = Image.effect_noise((400, 400), 60)
    out = io.BytesIO()
    chance.save(out, "PNG")
    assert reason(out.getvalue()[:2000]) == "photo_broken"


def test_too_many_bytes_or_pixels_are_refused_before_they_are_unfolded() -> None:
    assert reason(b"\xff\xd8" + b"0" * LARGEST_BYTES) == "photo_too_large"
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert reason(bomb + picture(form="PNG")[33:]) == "photo_too_large"
    header = struct.pack(">IIBBBBB", 6_000, 6_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    large = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert reason(large + picture(form="PNG")[33:]) == "photo_too_large"
