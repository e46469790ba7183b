"""Pages that have nothing to show, and say why and what to do."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words


def not_found(words: Words, basis: Basis) -> Any:
    """An address without a page."""
    return _state(words, basis, "no such page", "no such page hint")


def unknown_exercise(words: Words, basis: Basis) -> Any:
    """An exercise that never was: nothing real may be shown in its stead."""
    return _state(words, basis, "no such exercise", "no such exercise hint")


def unknown_station(words: Words, basis: Basis) -> Any:
    """A station that is not there, or not for this person."""
    return _state(words, basis, "no such station", "no such station hint")


def not_allowed(words: Words, basis: Basis) -> Any:
    """The role does not include what this page is for."""
    return _state(words, basis, "not allowed", "not allowed hint")


def _state(words: Words, basis: Basis, title: str, hint: str) -> Any:
    text = words(hint, role=words("role " + basis.person.role.value))
    return shell.page(
        words,
        basis,
        "state",
        [html.Main(html.Div([html.Strong(words(title)), text], className="empty"))],
    )
