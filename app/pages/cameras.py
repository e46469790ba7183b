"""The skeleton of the cameras: a mosaic of last pictures with their age, and one camera large."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words

SHOWN = ("all", "online", "offline", "unsteady", "patrols")


def skeleton(words: Words, basis: Basis) -> Any:
    """Filters and an empty mosaic; the scripts fill it."""
    tabs = html.Div(
        [
            html.Button(
                [words(f"cameras {name}"), " ", part("n")],
                **{"data-shown": name, "aria-pressed": str(name == "all").lower()},
            )
            for name in SHOWN
        ],
        className="switch",
        id="camera-tabs",
        role="group",
        **{"aria-label": words("which cameras")},
    )
    body = html.Section(
        [
            html.Header(
                [tabs, html.Div(id="camera-search-place"), html.Span(className="space")],
                className="list-head",
            ),
            html.Div(
                [
                    html.Div(id="mosaic", className="mosaic"),
                    html.Div(words("loading"), id="mosaic-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel order-list",
        **{"aria-label": words("page cameras")},
    )
    return shell.page(words, basis, "cameras", [html.Main(body, className="single")], fixed=True)
