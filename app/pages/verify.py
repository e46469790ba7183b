"""The box of the desk in which a doubtful alarm is decided: what stands beside it, and the two verdicts."""

from __future__ import annotations

from typing import Any

from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words


def box(words: Words) -> Any:
    """Hidden while nothing of the chosen alarm waits to be verified; the scripts fill it."""
    columns = [
        html.Div([html.H3(words("verify readings")), html.Ul(id="verify-readings")]),
        html.Div([html.H3(words("verify neighbours")), html.Ul(id="verify-neighbours")]),
        html.Div([html.H3(words("verify rain")), html.Ul(id="verify-rain")]),
        html.Div([html.H3(words("verify picture")), html.Div(id="verify-picture")]),
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.Strong(words("verify head")),
                    part("who", className="muted"),
                    html.Span(className="space"),
                    html.Div(
                        [
                            html.Button(words("verdict true"), id="verify-true", className="tall primary"),
                            html.Button(words("verdict false"), id="verify-false", className="tall"),
                        ],
                        className="verify-acts",
                        id="verify-acts",
                    ),
                ],
                className="verify-head",
                id="verify-head",
            ),
            html.Div(columns, className="verify-columns"),
        ],
        id="detail-verify",
        className="verify",
        hidden=True,
        **{"aria-label": words("verify head")},
    )
