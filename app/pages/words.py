"""Texts of the pages in one language, and all of them at once for the scripts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from babel.messages.pofile import read_po

from app.auth.identity import SignedIn
from core.faults import FaultReason
from core.language import LANGUAGES, ROOMS, translator

ROOM = "app"
LANGUAGE_COOKIE = "anlan_language"


@dataclass(frozen=True, slots=True)
class Words:
    """called with a message id and values it gives one text; `all()` the catalogue that the scripts get."""

    language: str

    def __call__(self, msgid: str, /, **values: object) -> str:
        return translator(ROOM, self.language)(msgid, **values)

    def all(self) -> dict[str, str]:
        """Message id → text, of the whole room."""
        return _all(self.language)


def words_of(language: str) -> Words:
    """The texts of a language; an unknown one falls back to Chinese."""
    return Words(language if language in LANGUAGES else LANGUAGES[0])


def language_of(person: SignedIn, cookies: dict[str, str]) -> str:
    """The cookie of the language switch wins over the user's own language."""
    chosen = cookies.get(LANGUAGE_COOKIE, person.language)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


@cache
def _all(language: str) -> dict[str, str]:
    path = ROOMS / ROOM / "locale" / f"{language}.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale="zh_CN" if language == "zh" else "en")
    own = {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
    return own | _faults(language)


def _faults(language: str) -> dict[str, str]:
    """`fault REASON`: the reasons of flags and of the quarantine, in the words of the room that gives them."""
    text = translator("ingest", language)
    return {f"fault {reason}": text(str(reason)) for reason in FaultReason}
