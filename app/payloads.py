"""Payloads as people may see them: text or hexadecimal digits, with secrets masked.

A message may bear a secret: the access password stands openly in every frame of SL 651, and vendors put
tokens into their JSON. Whoever may read payloads need not know them to judge a value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

MASK = "••••"
_SECRET = re.compile(r"pass|pwd|secret|token|api_?key|app_?key|credential|authorization", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"""(?ix) (["']?\b\w*(?:password|passwd|pwd|secret|token|api_?key|app_?key|credential)\w*["']?\s*[:=]\s*)
        ("[^"]*" | '[^']*' | [^\s,;&"'}]+)"""
)
_HEX_TEXT = re.compile(rb"[0-9A-Fa-f\s]+")
_HEX_FRAME = re.compile(r"(7E7E[0-9A-F]{12})([0-9A-F]{4})", re.IGNORECASE)
_ASCII_FRAME = re.compile(rb"(\x01[0-9A-Fa-f]{12})([0-9A-Fa-f]{4})")
_ASCII_FRAME_HEX = re.compile(r"(01(?:3[0-9]|4[1-6]|6[1-6]){12})((?:3[0-9]|4[1-6]|6[1-6]){4})", re.IGNORECASE)
_LINE = 32


@dataclass(frozen=True, slots=True)
class Shown:
    """`kind` is json, text, hex or none; `masked` says that something was hidden."""

    kind: str
    text: str
    masked: bool


def shown(payload: bytes, format_: str | None) -> Shown:
    """The payload as text. Raises nothing, whatever the bytes are."""
    if not payload:
        return Shown("none", "", False)
    if format_ == "sl651":
        return _frames(payload)
    text = _as_text(payload)
    if text is None:
        return Shown("hex", _wrapped(payload.hex().upper()), False)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        masked = _SECRET_TEXT.sub(lambda match: match[1] + MASK, text)
        return Shown("text", masked, masked != text)
    if not isinstance(found, dict | list):
        return Shown("text", text, False)
    hidden: list[str] = []
    try:
        pretty = json.dumps(_masked(found, hidden), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return Shown("text", _SECRET_TEXT.sub(lambda match: match[1] + MASK, text), True)
    return Shown("json", pretty, bool(hidden))


def head(payload: bytes, format_: str | None, letters: int = 120) -> str:
    """The beginning on one line."""
    if format_ != "sl651" and (text := _as_text(payload)) is not None:
        told = " ".join(_SECRET_TEXT.sub(lambda match: match[1] + MASK, text).split())
    else:
        told = " ".join(shown(payload, format_).text.split())
    return told if len(told) <= letters else told[: letters - 1] + "…"


def _frames(payload: bytes) -> Shown:
    if _HEX_TEXT.fullmatch(payload):
        digits = "\n".join("".join(line.split()) for line in payload.decode("ascii").upper().splitlines())
        text, hidden = _HEX_FRAME.subn(rf"\1{MASK}", digits)
        text, more = _ASCII_FRAME_HEX.subn(rf"\1{MASK}", text)
        return Shown("hex", text, bool(hidden + more))
    text, hidden = _HEX_FRAME.subn(rf"\1{MASK}", payload.hex().upper())
    text, more = _ASCII_FRAME_HEX.subn(rf"\1{MASK}", text)
    if more and payload.startswith(b"\x01"):
        readable = _ASCII_FRAME.sub(rb"\g<1>****", payload)
        return Shown("text", "".join(_letter(byte) for byte in readable), True)
    return Shown("hex", _wrapped(text), bool(hidden + more))


def _letter(byte: int) -> str:
    """Control characters of a frame as their pictures (␁, ␂ …)."""
    if byte < 32:
        return chr(0x2400 + byte)
    return chr(byte) if byte < 127 else f"\\x{byte:02X}"


def _as_text(payload: bytes) -> str | None:
    """The text, if it is one; control characters would be no text."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head of a long message may end within a character.
        if error.start < len(payload) - 3:
            return None
        text = payload[: error.start].decode("utf-8")
    return text if all(letter.isprintable() or letter in "\r\n\t" for letter in text) else None


def _masked(found: Any, hidden: list[str]) -> Any:
    if isinstance(found, list):
        return [_masked(one, hidden) for one in found]
    if not isinstance(found, dict):
        return found
    made = {}
    for key, value in found.items():
        if _SECRET.search(key) and isinstance(value, str | int | float) and not isinstance(value, bool):
            hidden.append(key)
            made[key] = MASK
        else:
            made[key] = _masked(value, hidden)
    return made


def _wrapped(digits: str) -> str:
    """Bytes with spaces, 32 in a line."""
    pairs = re.findall(r"[^\s]{2}", digits)
    return "\n".join(" ".join(pairs[start : start + _LINE]) for start in range(0, len(pairs), _LINE))
