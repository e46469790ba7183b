"""The skeleton of the requests: suppressions that wait for a second person, and what became of earlier ones."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words

SHOWN = ("open", "all")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left the requests, right the chosen one with all that it silences."""
    body = html.Main([_list(words), _detail(words)], className="requests")
    return shell.page(words, basis, "requests", [body], fixed=True)


def _list(words: Words) -> Any:
    shown = {name: words(f"requests {name}") for name in SHOWN}
    return html.Section(
        [
            shell.list_head(
                words("page requests"), shell.switch("requests-shown", "shown", shown, words("show only"))
            ),
            html.P(words("requests explained"), className="muted small explained"),
            html.Div(
                [html.Ol(id="request-rows", className="request-rows"), html.Div(words("loading"), id="request-none", className="empty")],
                className="scroll",
            ),
        ],
        className="panel request-list",
    )  # fmt: skip


def _detail(words: Words) -> Any:
    return html.Section(
        [
            html.Div(
                [html.Strong(words("choose a request")), words("choose a request hint")],
                id="request-empty",
                className="empty",
            ),
            html.Div(id="request-detail", className="request-detail scroll", hidden=True),
        ],
        className="panel",
        **{"aria-label": words("request in full")},
    )
