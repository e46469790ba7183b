"""Facts that read differently in each language: a catalogue text takes `{fact[zh]}` or `{fact[en]}`."""

from __future__ import annotations

from core.language import LANGUAGES, translator
from core.severity import Severity


def both(msgid: str, /, **values: object) -> dict[str, str]:
    """A text of the catalogue in every language."""
    return {language: translator("alerts", language)(msgid, **values) for language in LANGUAGES}


def colours(severity: Severity) -> dict[str, str]:
    """The colour's name in every language."""
    return both(f"severity.{severity}")
