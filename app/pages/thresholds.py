"""The skeleton of the limits: what every station has and lacks; one station's limits, history and back-test."""

from __future__ import annotations

from typing import Any

from alerts.limits.completeness import Completeness
from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words

STATES = ("all", *(state.value for state in Completeness))
COLUMNS = ("state", "station", "kind", "limits", "changed")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left all stations, the worst first; right the chosen one."""
    body = html.Main([_stations(words), _station(words)], className="thresholds")
    return shell.page(words, basis, "thresholds", [body], fixed=True)


def _stations(words: Words) -> Any:
    buttons = [
        html.Button(
            [words(f"limits {state}"), " ", html.Span("", **{"data-count": state})],
            **{"data-state": state, "aria-pressed": str(state == "all").lower()},
        )
        for state in STATES
    ]
    heads = [html.Th(words(f"limits column {name}"), scope="col") for name in COLUMNS]
    return html.Section(
        [
            html.Div(
                [
                    html.Div(buttons, className="switch", id="threshold-states", role="group",
                             **{"aria-label": words("show only")}),
                    shell.search("threshold-search", words("name, code, river")),
                    html.Span(className="space"),
                    html.Span(id="threshold-found", className="muted small", role="status"),
                ],
                className="filters",
            ),
            html.Div(
                [
                    html.Table(
                        [html.Thead(html.Tr(heads)), html.Tbody(id="threshold-rows")],
                        className="table thresholds-table",
                    ),
                    html.Div(words("loading"), id="threshold-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel threshold-list",
    )  # fmt: skip


def _station(words: Words) -> Any:
    return html.Section(
        [
            html.Div(
                [html.Strong(words("choose a station")), words("choose a station hint")],
                id="threshold-empty",
                className="empty",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(
                                [
                                    html.H2(id="threshold-title"),
                                    html.Div(id="threshold-facts", className="muted small"),
                                ]
                            ),
                            html.Div(
                                [
                                    html.Button(words("new limit"), id="threshold-new", hidden=True),
                                    html.A(
                                        words("hydrograph"), id="threshold-hydrograph", className="button"
                                    ),
                                ],
                                className="acts",
                            ),
                        ],
                        className="detail-head",
                    ),
                    html.Ol(id="threshold-doubts", className="doubts"),
                    html.Div(id="limit-rows", className="limit-rows"),
                    html.H3(words("what would these limits have done")),
                    html.Div(id="threshold-backtest", className="backtest"),
                    html.H3(words("history of limits")),
                    html.Ol(id="threshold-history", className="course"),
                ],
                id="threshold-detail",
                className="scroll threshold-detail",
                hidden=True,
            ),
        ],
        className="panel",
        **{"aria-label": words("limits of one station")},
    )
