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


SHORT = 120
"""Characters of somebody else's text in a notice: an SMS has ten parts at most, and a longer one calls nobody."""


def sentence(text: str) -> dict[str, str]:
    """Somebody's own words as a sentence of a notice, shortened, in every language; empty if nothing was said."""
    said = " ".join(text.split())
    if len(said) > SHORT:
        said = said[: SHORT - 1] + "…"
    if not said:
        return dict.fromkeys(LANGUAGES, "")
    ended = said[-1] in "。！？.!?…"
    return {"zh": said if ended else f"{said}。", "en": said if ended else f"{said}."}
