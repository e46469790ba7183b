"""What a file for `anlan decode` holds: one payload, one a line, or a collection of samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from core.errors import InputError

_BY_LINE = b"\n"
_NO_PAYLOADS = frozenset({"expect"})
"""Members of a collection that tell of the samples beside them."""


def payloads_of(format_: str, data: bytes, wanted: str | None = None) -> list[tuple[str, bytes]]:
    """Each payload with its name in the file, which is empty if it is the only one.

    JSON may stand one document a line. A collection is an object as this project keeps its samples: with
    `_source` and a payload for each member, or with `vectors`, each of an `id` and a frame in `hex`. `wanted`
    takes one sample alone. Frames stay one payload: a picture has several. Raises InputError if there is no
    sample of that name.
    """
    found = list(_collected(format_, data)) or [("", data)]
    if wanted is None:
        return [("", _BY_LINE.join(frame for _, frame in found))] if format_ == "sl651" else found
    chosen = [(name, payload) for name, payload in found if name == wanted]
    if not chosen:
        names = ", ".join(name for name, _ in found if name) or "none, the file is one payload"
        raise InputError("unknown_sample", f"there is no sample {wanted!r}; there are: {names}.")
    return chosen


def _collected(format_: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    whole = _json(data)
    if isinstance(whole, dict) and "_source" in whole:
        for name, member in whole.items():
            if not name.startswith("_") and name not in _NO_PAYLOADS and _is_document(member):
                yield name, msgspec.json.encode(member)
    elif format_ == "sl651" and isinstance(whole, dict) and isinstance(whole.get("vectors"), list):
        for one in whole["vectors"]:
            if isinstance(one, dict) and isinstance(one.get("hex"), str):
                yield str(one.get("id", "")), one["hex"].encode()
    elif whole is None and data.count(_BY_LINE) and format_ not in ("sl651", "typhoon"):
        lines = [line for line in data.split(_BY_LINE) if line.strip()]
        if all(_is_document(_json(line)) for line in lines):
            yield from ((f"line {number}", line) for number, line in enumerate(lines, 1))


def _json(data: bytes) -> Any:
    """What the bytes say; None if they are no JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_document(content: Any) -> bool:
    """An object, or a list of objects; a list of words tells of the samples beside it."""
    return isinstance(content, dict) or (
        isinstance(content, list) and bool(content) and all(isinstance(one, dict) for one in content)
    )
