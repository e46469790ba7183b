"""Texts that people read: gettext catalogues, one domain per room, Chinese first.

A room keeps `ROOM/locale/{zh,en}.po`; msgids are short English keys or English sentences. Catalogues
are read straight from the `.po` files, so a text can be mended without a build step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
ROOMS = Path(__file__).resolve().parent.parent

Translate = Callable[..., str]


@cache
def catalogue(room: str, language: str) -> NullTranslations:
    """The catalogue of a room; an unknown language falls back to Chinese."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    path = ROOMS / room / "locale" / f"{chosen}.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as source:
        parsed = read_po(source, locale="zh_CN" if chosen == "zh" else "en")
    compiled = BytesIO()
    write_mo(compiled, parsed)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translator(room: str, language: str) -> Translate:
    """A function `t(msgid, **values)` for one room and language; values fill `{names}`."""
    texts = catalogue(room, language)

    def translate(msgid: str, /, **values: object) -> str:
        text = texts.gettext(msgid)
        return text.format(**values) if values else text

    return translate
