"""The skeleton of the silences (静默): what is muted and out of service, and the form of a new silence."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words
from core.roles import Act

SHOWN = ("now", "all")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left the silences and what is out of service, right a new silence with all that it would mute."""
    lists = html.Div([_silences(words), _absences(words)], className="silence-lists")
    return shell.page(
        words, basis, "silences", [html.Main([lists, _form(words, basis)], className="silences")], fixed=True
    )


def _silences(words: Words) -> Any:
    shown = {name: words(f"silences {name}") for name in SHOWN}
    return html.Section(
        [
            shell.list_head(
                words("page silences"), shell.switch("silences-shown", "shown", shown, words("show only"))
            ),
            html.P(words("silences explained"), className="muted small explained"),
            html.Div(
                [
                    html.Ol(id="silence-rows", className="silence-rows"),
                    html.Div(words("loading"), id="silence-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel",
    )  # fmt: skip


def _absences(words: Words) -> Any:
    return html.Section(
        [
            shell.list_head(words("out of service now")),
            html.Div(
                [
                    html.Ol(id="absence-rows", className="silence-rows"),
                    html.Div(words("loading"), id="absence-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel",
    )


def _form(words: Words, basis: Basis) -> Any:
    may = not basis.person.kiosk and basis.person.may(Act.SHELVE)
    inner = (
        html.Div(id="silence-form", className="scroll")
        if may
        else html.Div(
            [html.Strong(words("you may look at silences only")), words("silences are made by")],
            id="silence-denied",
            className="empty",
        )
    )
    return html.Section(
        [shell.list_head(words("new silence")), inner],
        className="panel",
        **{"aria-label": words("new silence")},
    )
