"""The skeleton of the list of stations: what each says now, how old it is, and how it stands to its limits."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.stations import MEASURING_KINDS

COLUMNS = ("station", "kind", "place", "river", "value", "limits", "trend", "age")
STATES = ("all", "reached", "suspect", "stale", "missing", "unset", "normal", "off")


def skeleton(words: Words, basis: Basis) -> Any:
    """Search, filters, counters and a table whose heads sort it; the scripts fill it."""
    heads = [
        html.Th(
            html.Button(words(f"station column {name}"), className="link sort", **{"data-sort": name}),
            scope="col",
            className=f"col-{name}",
        )
        for name in COLUMNS
    ]
    table = html.Table(
        [html.Thead(html.Tr(heads)), html.Tbody(id="station-rows")], className="table", id="station-table"
    )
    body = html.Section(
        [
            html.Header(
                [_filters(words), part("count", className="muted")], className="list-head", id="station-head"
            ),
            html.Div(
                [table, html.Div(words("loading"), id="station-none", className="empty")], className="scroll"
            ),
        ],
        className="panel order-list",
        **{"aria-label": words("page stations")},
    )
    return shell.page(words, basis, "stations", [html.Main(body, className="single")], fixed=True)


def _filters(words: Words) -> Any:
    return html.Div(
        [
            html.Div(id="station-search-place"),
            html.Select(
                [html.Option(words("all kinds"), value="")]
                + [
                    html.Option(words(f"kind of station {kind.value}"), value=kind.value)
                    for kind in MEASURING_KINDS
                ],
                id="station-kind",
                **{"aria-label": words("station column kind")},
            ),
            html.Select(
                [html.Option(words("all towns"), value="")],
                id="station-town",
                **{"aria-label": words("town")},
            ),
            html.Div(
                [
                    html.Button(
                        [words(f"stations {state}"), " ", part(state, className="muted")],
                        **{"data-state": state, "aria-pressed": str(state == "all").lower()},
                    )
                    for state in STATES
                ],
                id="station-state",
                className="switch",
                role="group",
                **{"aria-label": words("state")},
            ),
        ],
        className="filters station-filters",
    )
