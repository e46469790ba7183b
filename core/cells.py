"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula: whoever named a station or gave a reason is not trusted.

    An apostrophe before it makes it text (OWASP, CSV injection).
    """
    return "'" + text if text.startswith(_FORMULA) else text
