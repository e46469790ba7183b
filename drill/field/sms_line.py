"""The line protocol of Kannel's fake SMS centre, as its bearerbox speaks it. Pure.

Outbound (centre to phone): `FROM TO text WORDS`, `FROM TO ucs-2 WORDS`, or for a part of a long text
`FROM TO udh HEADER text|data|ucs-2 WORDS`; WORDS and HEADER are URL-encoded bytes. Inbound:
`FROM TO ucs2 WORDS`. A part of a long UCS-2 text comes as `data`: the centre drops the word ucs-2 there.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

_CONCATENATED_8 = (0x00, 3)
_CONCATENATED_16 = (0x08, 4)


@dataclass(frozen=True, slots=True)
class Part:
    """One line: `reference`, `count` and `number` are those of a long text (1 of 1 for a short one)."""

    sender: str
    receiver: str
    text: str
    reference: int = 0
    count: int = 1
    number: int = 1


def read_line(line: bytes) -> Part | None:
    """A part of a message; None for a line that is none."""
    words = line.decode("ascii", "replace").strip().split(" ")
    if len(words) < 4:
        return None
    sender, receiver, *rest = words
    if rest[0] == "udh" and len(rest) >= 4:
        header, kind, body = unquote_to_bytes(rest[1]), rest[2], _bytes(rest[3:])
        reference, count, number = _concatenation(header)
        return Part(sender, receiver, _text(body, kind, long=True), reference, count, number)
    if rest[0] in ("text", "ucs-2", "ucs2", "data"):
        return Part(sender, receiver, _text(_bytes(rest[1:]), rest[0], long=False))
    return None


def write_line(sender: str, receiver: str, text: str) -> bytes:
    """An answer from a phone."""
    return f"{sender} {receiver} ucs2 {quote_from_bytes(text.encode('utf-16-be'), safe='')}\n".encode("ascii")


class Inbox:
    """Joins the parts of long texts; a text is whole when its last missing part has come."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, str, int], dict[int, str]] = {}

    def take(self, part: Part) -> str | None:
        """The whole text if this part completes one."""
        if part.count == 1:
            return part.text
        key = (part.sender, part.receiver, part.reference)
        known = self._parts.setdefault(key, {})
        known[part.number] = part.text
        if len(known) < part.count:
            return None
        del self._parts[key]
        return "".join(known[number] for number in sorted(known))


def _bytes(words: list[str]) -> bytes:
    return unquote_to_bytes(" ".join(words).replace("+", " "))


def _text(body: bytes, kind: str, *, long: bool) -> str:
    if kind in ("ucs-2", "ucs2") or (long and kind == "data"):
        return body.decode("utf-16-be", "replace")
    return body.decode("utf-8", "replace")


def _concatenation(header: bytes) -> tuple[int, int, int]:
    """Reference, count and number from a user data header (3GPP TS 23.040 §9.2.3.24)."""
    position = 1
    while position + 1 < len(header):
        kind, length = header[position], header[position + 1]
        data = header[position + 2 : position + 2 + length]
        if (kind, length) == _CONCATENATED_8 and len(data) == 3:
            return data[0], data[1], data[2]
        if (kind, length) == _CONCATENATED_16 and len(data) == 4:
            return data[0] << 8 | data[1], data[2], data[3]
        position += 2 + length
    return 0, 1, 1
