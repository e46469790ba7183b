"""Payloads as people may see them: text or hexadecimal digits, with secrets masked.

A message may bear a secret: the access password stands openly in every frame of SL 651, and vendors put
tokens into their JSON. Whoever may read payloads need not know them to judge a value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

MASK = "••••"
_SECRET = re.compile(r"pass|pwd|secret|token|api_?key|app_?key|credential|authorization", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"""(?isx) (["']?\b\w{0,40}(?:password|passwd|pwd|secret|token|api_?key|app_?key|credential|authorization)\w{0,40}["']?
        \s*[:=]\s*(?:(?:bearer|basic)\s+)?)
        ("(?:[^"\\]|\\.)*(?:"|\\?$) | '[^']*(?:'|$) | [^\s,;&"'}]+)"""
)
_LOGIN = re.compile(r"(\w://)[^/\s\"'@]*@[^/\s\"']*@|(\w://)[^/\s\"'@]*@")
"""Name and password in the address of a stream; a password may hold an @."""
_HEX_TEXT = re.compile(rb"[0-9A-Fa-f\s]+")
_PASSWORDS = (
    re.compile(r"(?=7E7E[0-9A-F]{12}([0-9A-F]{1,4}))", re.IGNORECASE),
    re.compile(r"(?=01(?:3[0-9]|4[1-6]|6[1-6]){12}((?:3[0-9]|4[1-6]|6[1-6]){1,4}[0-9A-F]?))", re.IGNORECASE),
)
"""Wherever a frame of SL 651 may begin, in digits: rather too much is hidden than a password shown."""
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
    text = _as_text(payload)
    if format_ == "sl651" or text is None or (_HEX_TEXT.fullmatch(payload) and b"7E7E" in payload.upper()):
        return _frames(payload)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        masked = _without_secrets(text)
        return Shown("text", masked, masked != text)
    if not isinstance(found, dict | list):
        return Shown("text", text, False)
    hidden: list[str] = []
    try:
        pretty = json.dumps(_masked(found, hidden), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return Shown("text", _without_secrets(text), True)
    return Shown("json", pretty, bool(hidden))


def head(payload: bytes, format_: str | None, letters: int = 120) -> str:
    """The beginning on one line."""
    if format_ != "sl651" and (text := _as_text(payload)) is not None:
        told = " ".join(_without_secrets(text).split())
    else:
        told = " ".join(shown(payload, format_).text.split())
    return told if len(told) <= letters else told[: letters - 1] + "…"


def _without_secrets(text: str) -> str:
    told = _SECRET_TEXT.sub(lambda match: match[1] + MASK, text)
    told = _LOGIN.sub(lambda match: (match[1] or match[2]) + MASK + "@", told)
    return _without_passwords(told)


def _without_passwords(digits: str) -> str:
    places = {
        place
        for pattern in _PASSWORDS
        for match in pattern.finditer(digits)
        for place in range(*match.span(1))
    }
    if not places:
        return digits
    return "".join("•" if place in places else letter for place, letter in enumerate(digits))


def _frames(payload: bytes) -> Shown:
    if _HEX_TEXT.fullmatch(payload):
        lines = ["".join(line.split()) for line in payload.decode("ascii").upper().splitlines()]
        digits = "".join(lines)
        text = _without_passwords(digits)
        ends = list(accumulate(len(line) for line in lines))
        parts = [text[end - len(line) : end] for line, end in zip(lines, ends, strict=True)]
        return Shown("hex", "\n".join(parts), text != digits)
    digits = payload.hex().upper()
    text = _without_passwords(digits)
    if text != digits and payload.startswith(b"\x01"):
        letters = (
            "*" if "•" in text[2 * place : 2 * place + 2] else _letter(byte)
            for place, byte in enumerate(payload)
        )
        return Shown("text", "".join(letters), True)
    return Shown("hex", _wrapped(text), text != digits)


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
    if isinstance(found, str):
        told = _without_secrets(found)
        if told != found:
            hidden.append("")
        return told
    if not isinstance(found, dict):
        return found
    made = {}
    for key, value in found.items():
        if _SECRET.search(key) and value is not None and not isinstance(value, bool):
            hidden.append(key)
            made[key] = MASK
        else:
            made[key] = _masked(value, hidden)
    return made


def _wrapped(digits: str) -> str:
    """Bytes with spaces, 32 in a line."""
    pairs = re.findall(r"[^\s]{2}", digits)
    return "\n".join(" ".join(pairs[start : start + _LINE]) for start in range(0, len(pairs), _LINE))
