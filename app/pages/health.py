"""The skeleton of data health: how every station reports, worst first."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.station_health import Reporting
from core.stations import MEASURING_KINDS

HOURS = (1, 24, 168)
COLUMNS = (
    "station", "report", "completeness", "by hour", "received", "late", "flagged", "missing", "revised",
    "last value", "battery", "signal", "clock error", "raw",
)  # fmt: skip
NUMBERS = frozenset({"received", "late", "flagged", "missing", "revised", "battery", "signal", "clock error"})


def skeleton(words: Words, basis: Basis) -> Any:
    """Summary, filters and a table that the scripts fill."""
    body = html.Main(
        html.Section([_summary(words, basis), _filters(words), _table(words)], className="panel health-list"),
        className="single",
    )
    return shell.page(words, basis, "health", [body], fixed=True)


def hours_switch(words: Words) -> Any:
    """1 h, 24 h, 7 d."""
    return html.Div(
        [
            html.Button(
                words(f"health hours {n}"), **{"data-hours": str(n), "aria-pressed": str(n == 24).lower()}
            )
            for n in HOURS
        ],
        className="switch",
        id="health-hours",
        role="group",
        **{"aria-label": words("length of time")},
    )


def _summary(words: Words, basis: Basis) -> Any:
    states = [
        html.Button(
            [words(f"reporting {state.value}"), " ", part(state.value, html.B)],
            className=f"reporting-{state.value}",
            **{"data-state": state.value, "aria-pressed": "false"},
        )
        for state in Reporting
    ]
    return html.Header(
        [
            html.Div(
                [html.Span([words("stations in all"), " ", part("all", html.B)], className="all"), *states],
                id="health-states",
                className="health-states",
                role="group",
                **{"aria-label": words("show only")},
            ),
            html.Span(className="space"),
            html.Div(
                [
                    part("receiver"),
                    part("counting"),
                    html.A(
                        [words("page quarantine"), " ", part("quarantined", html.B)],
                        href=shell.inside(basis, "/quarantine"),
                    ),
                    part("as-of", className="muted"),
                ],
                id="health-receiver",
                className="health-receiver small",
            ),
        ],
        className="list-head health-head",
    )


def _filters(words: Words) -> Any:
    kinds = [
        html.Option(words(f"kind of station {kind.value}"), value=kind.value) for kind in MEASURING_KINDS
    ]
    return html.Div(
        [
            hours_switch(words),
            html.Select([html.Option(words("all towns"), value="")], id="health-town",
                        **{"aria-label": words("town")}),
            html.Select([html.Option(words("all kinds"), value=""), *kinds], id="health-kind",
                        **{"aria-label": words("kind of station")}),
            html.Button(words("only with faults"), id="health-faulty", className="toggle",
                        **{"aria-pressed": "false"}),
            shell.search("health-search", words("name or code")),
            html.Span(id="health-found", className="muted small", role="status"),
            html.Span(className="space"),
            html.Span(
                [html.I(className="full"), words("hour complete"), html.I(className="none"),
                 words("hour missing")],
                className="strip-legend muted small",
            ),
        ],
        className="filters",
    )  # fmt: skip


def _table(words: Words) -> Any:
    heads = [
        html.Th(words(f"health column {name}"), scope="col", className="number" if name in NUMBERS else "")
        for name in COLUMNS
    ]
    return html.Div(
        [
            html.Table(
                [html.Thead(html.Tr(heads)), html.Tbody(id="health-rows")], className="table health-table"
            ),
            html.Div(words("loading"), id="health-none", className="empty"),
            html.Button(words("show more"), id="health-more", hidden=True),
        ],
        className="scroll",
        id="health-scroll",
    )
