"""A picture that a person sends: really a JPEG or PNG, whole, not too large; drawn anew before it is kept.

The number of pixels is checked before anything is decompressed. What is kept is a JPEG that shows the same, upright:
chunks, profiles, positions and comments of the sender's file (and anything hidden behind it) are left behind.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from core.errors import InputError

LARGEST_BYTES = 5_000_000
LARGEST_PIXELS = {"JPEG": 108_000_000, "PNG": 25_000_000}
"""A JPEG is unfolded at a part of its size (cameras of phones take 108 million pixels), a PNG only as a whole."""
LONGEST_SIDE = 2048
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Photo:
    """The picture as kept."""

    jpeg: bytes
    width: int
    height: int


def read_photo(payload: bytes) -> Photo:
    """Raises InputError (`photo_too_large`, `not_a_photo`, `photo_broken`), never anything else."""
    if len(payload) > LARGEST_BYTES:
        raise InputError("photo_too_large", "a picture has 5 MB at most: send a smaller one")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _drawn(payload)
    except InputError:
        raise
    except Exception as error:  # Pillow raises what it likes for spoilt files
        raise InputError("photo_broken", "this picture is damaged or cut off: take it again") from error


def _drawn(payload: bytes) -> Photo:
    try:
        image = Image.open(io.BytesIO(payload), formats=tuple(LARGEST_PIXELS))
    except Image.DecompressionBombError as error:
        raise InputError("photo_too_large", "the picture has too many pixels: send a smaller one") from error
    except OSError as error:
        raise InputError("not_a_photo", "only pictures as JPEG or PNG can be sent") from error
    with image:
        if image.width * image.height > LARGEST_PIXELS[str(image.format)]:
            raise InputError("photo_too_large", "the picture has too many pixels: send a smaller one")
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            shown = Image.new("RGB", upright.size, "white")
            clear = upright.convert("RGBA")
            shown.paste(clear, mask=clear.getchannel("A"))
        else:
            shown = upright.convert("RGB")
        kept = io.BytesIO()
        shown.save(kept, "JPEG", quality=_QUALITY, exif=b"")
        return Photo(kept.getvalue(), *shown.size)
