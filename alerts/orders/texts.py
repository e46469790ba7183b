"""Texts as each channel takes them: SMS parts, LED pages, drill marks. Pure.

Sources: a Chinese SMS begins with the registered 【签名】; 70 UCS-2 units fit one message, 67 each part
of a longer one (field.md §2.15, 3GPP TS 23.040 §9.2.3.24.1). A drill says 演练 first and last.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import InputError

DRILL_MARK = "【演练】"
SMS_SINGLE = 70
SMS_PART = 67
SMS_MOST_PARTS = 10
"""More is refused: Kannel is set to split into ten at most, and nobody reads a longer text."""

_LONGEST_NUMBER = 1e9
_ENDS = set("。！？.!?")
_NEVER_FIRST = set("，。、；：！？）】》”’%‰℃,.;:!?)]}")

Words = Callable[..., str]


def number_text(value: float, decimals: int) -> str:
    """A value as it stands in a sentence. One that no gauge reads is short too: 1e308 in full would take five
    messages, and a notice too long to be sent calls nobody."""
    return f"{value:.{decimals}f}" if abs(value) < _LONGEST_NUMBER else f"{value:.3g}"


def mark_drill(text: str, *, drill: bool) -> str:
    """The text with the drill mark first and last, once each; unchanged if it is real."""
    if not drill:
        return text
    inner = text.strip().removeprefix(DRILL_MARK).removesuffix(DRILL_MARK)
    return f"{DRILL_MARK}{inner}{DRILL_MARK}"


def sms_text(
    text: str, *, signature: str, drill: bool, attempt: int = 1, needs_answer: bool = True, words: Words
) -> str:
    """The whole message of one attempt.

    The signature comes first. From the second attempt on the text says which call it is: a gateway
    may filter an identical repeat.
    """
    repeat = words("sms.repeat", number=attempt) if attempt > 1 else ""
    ask = words("sms.ask") if needs_answer else ""
    body = text.strip()
    stop = words("sms.stop") if ask and body[-1:] not in _ENDS else ""
    return f"【{signature}】" + mark_drill(f"{repeat}{body}{stop}{ask}", drill=drill)


def sms_units(text: str) -> int:
    """UCS-2 units; a character beyond the basic plane takes two."""
    return len(text.encode("utf-16-be")) // 2


def sms_parts(text: str) -> int:
    """How many messages the text takes on the air."""
    units = sms_units(text)
    return 1 if units <= SMS_SINGLE else -(-units // SMS_PART)


def check_sms(text: str) -> None:
    """Raises InputError (`sms_too_long`) for a text of more parts than the gateway takes."""
    parts = sms_parts(text)
    if parts > SMS_MOST_PARTS:
        raise InputError(
            "sms_too_long",
            f"the SMS would take {parts} parts, at most {SMS_MOST_PARTS} are sent. Shorten the text.",
        )


@dataclass(frozen=True, slots=True)
class LedPages:
    """A text fitted to one screen: pages of lines."""

    columns: int
    rows: int
    pages: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """As the command carries it: lines parted by line feed, pages by form feed."""
        return "\f".join("\n".join(page) for page in self.pages)


def fit_led(text: str, *, columns: int, rows: int, drill: bool) -> LedPages:
    """Breaks a text into lines of `columns` full-width characters and pages of `rows` lines.

    Half-width characters count one half. In a drill every page begins with 【演练】, because a page is
    seen alone, and the last one ends with it. Raises InputError (`led_too_small`) if the screen cannot
    hold the mark and some text.
    """
    if columns < 1 or rows < 1 or (drill and columns * rows < 2 * len(DRILL_MARK) + 1):
        raise InputError("led_too_small", f"a screen of {columns} × {rows} characters cannot show this text")
    if not drill:
        return LedPages(columns, rows, _paged(_lines(text.strip(), columns), rows))
    rest = text.strip().removeprefix(DRILL_MARK).removesuffix(DRILL_MARK) + DRILL_MARK
    pages: list[tuple[str, ...]] = []
    while rest:
        taken = _longest_fit(rest, columns, rows)
        pages.append(tuple(_lines(DRILL_MARK + rest[:taken], columns)))
        rest = rest[taken:].lstrip()
    return LedPages(columns, rows, tuple(pages))


def _longest_fit(rest: str, columns: int, rows: int) -> int:
    """How many characters of `rest` one marked page takes; the closing mark is never torn apart."""
    taken = len(rest)
    while taken > 1 and len(_lines(DRILL_MARK + rest[:taken], columns)) > rows:
        taken -= 1
    left = len(rest) - taken
    if 0 < left < len(DRILL_MARK) and taken > len(DRILL_MARK):
        taken = len(rest) - len(DRILL_MARK)
    return taken


def _paged(lines: list[str], rows: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lines[start : start + rows]) for start in range(0, len(lines), rows)) or ((),)


def _lines(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.replace("\f", "\n").split("\n"):
        line = ""
        for character in paragraph:
            if led_width(line + character) > columns:
                keep = line
                if character in _NEVER_FIRST and len(line) > 1:
                    keep, line = line[:-1], line[-1]
                else:
                    line = ""
                lines.append(keep)
            line += character
        lines.append(line)
    return lines


def led_width(text: str) -> float:
    """Width in full-width characters."""
    return sum(1.0 if unicodedata.east_asian_width(one) in "WFA" else 0.5 for one in text)


def utc(moment: datetime) -> str:
    """A moment as hashes take it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
