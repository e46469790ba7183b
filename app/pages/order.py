"""The skeleton of one order (sketch `order`): who was reached, who has answered, and the whole course."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words

COUNTS = ("answered", "delivered", "undelivered")
COLUMNS = ("place", "recipient", "post or channel", "state", "last news")
ACTS = (
    "check",
    "issue",
    "emergency",
    "countersign",
    "edit",
    "call-again",
    "correct",
    "withdraw",
    "end",
    "cancel",
)


def skeleton(words: Words, basis: Basis) -> Any:
    """Places for head, counters, recipients and timeline; the scripts fill them."""
    return shell.page(
        words, basis, "order", [html.Main([_order(words), _beside(words)], className="order")], fixed=True
    )


def _order(words: Words) -> Any:
    acts = [html.Button(words(f"act {act}"), id=f"act-{act}", hidden=True) for act in ACTS]
    counts = [
        html.Div(
            [
                part(name, html.B),
                part(f"{name}-of", className="muted"),
                html.Span(words(f"count {name}"), className="muted"),
            ],
            className=f"count {name}",
        )
        for name in COUNTS
    ]
    times = [
        html.Div([html.Span(words("first round took"), className="muted"), part("round", html.B)]),
        html.Div(
            [
                html.Span(words("running for"), className="muted"),
                part("since", html.B),
                part("until", className="muted"),
            ]
        ),
    ]
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(words(f"column {name}"), scope="col") for name in COLUMNS])),
            html.Tbody(id="delivery-rows"),
        ],
        className="table",
    )
    return html.Section(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(
                                [
                                    part("pill", className="pill"),
                                    part("state", className="pill"),
                                    part("title", html.H2),
                                ],
                                className="detail-title",
                            ),
                            part("facts", html.Div, className="muted small"),
                        ]
                    ),
                    html.Div(acts, className="acts"),
                ],
                id="order-head",
                className="detail-head",
            ),
            html.Div([*counts, *times], id="order-counts", className="counts"),
            html.Div(
                [html.I(className=name) for name in ("answered", "delivered", "going", "failed")],
                id="order-bar",
                className="bar tall",
            ),
            html.Div(
                html.Div(
                    [
                        html.Button(
                            words(f"only {name}"),
                            **{"data-only": name, "aria-pressed": str(name == "all").lower()},
                        )
                        for name in ("all", "unanswered", "failed", "people", "devices")
                    ],
                    className="switch",
                    id="delivery-filter",
                    role="group",
                ),
                className="delivery-tools",
            ),
            html.Div(
                [table, html.Div(words("loading"), id="delivery-none", className="empty")], className="scroll"
            ),
        ],
        className="panel order-main",
    )


def _beside(words: Words) -> Any:
    return html.Aside(
        [
            html.Section(
                [
                    html.Header([html.H2(words("what is said")), html.Span(id="text-parts")]),
                    html.Div(id="order-texts", className="texts"),
                    html.Div(id="order-alarms", className="texts", hidden=True),
                ],
                className="panel",
            ),
            html.Section(
                [
                    html.Header([html.H2(words("timeline")), html.Span(words("observation to action"))]),
                    html.Ol(id="timeline", className="course"),
                ],
                className="panel timeline",
            ),
        ],
        className="order-beside",
    )
