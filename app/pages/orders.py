"""The skeleton of the list of orders: running ones first, then what was begun and what has ended."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words
from core.roles import Act

COLUMNS = ("number", "title", "area", "state", "answers", "progress", "last news")


def skeleton(words: Words, basis: Basis) -> Any:
    """Tabs by state, a table that the scripts fill, and the way to the composer."""
    tabs = [
        html.Button(
            words(f"orders {name}"), **{"data-tab": name, "aria-pressed": str(name == "running").lower()}
        )
        for name in ("running", "begun", "ended", "all")
    ]
    new = (
        [html.A(words("new order"), href=shell.inside(basis, "/orders/new"), className="button primary")]
        if basis.person.may(Act.DRAFT_ORDER)
        else []
    )
    kinds = html.Label(
        [html.Button(words("with notices"), id="with-notices", **{"aria-pressed": "true"})], className="chips"
    )
    return shell.page(
        words,
        basis,
        "orders",
        [
            html.Main(
                html.Section(
                    [
                        html.Header(
                            [
                                html.Div(tabs, className="switch", id="order-tabs", role="group"),
                                kinds,
                                html.Span(className="space"),
                                *new,
                            ],
                            className="list-head",
                        ),
                        html.Div(
                            [
                                html.Table(
                                    [
                                        html.Thead(
                                            html.Tr(
                                                [html.Th(words(f"column {c}"), scope="col") for c in COLUMNS]
                                            )
                                        ),
                                        html.Tbody(id="order-rows"),
                                    ],
                                    className="table",
                                ),
                                html.Div(words("loading"), id="order-none", className="empty"),
                            ],
                            className="scroll",
                        ),
                    ],
                    className="panel order-list",
                ),
                className="single",
            )
        ],
        fixed=True,
    )
