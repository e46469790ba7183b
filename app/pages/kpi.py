"""The skeleton of 告警绩效: what desks were asked and how quickly they answered, over a chosen time."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words

SPANS = ("day", "week", "month", "year", "own")
TILES = ("rate", "peak", "floods", "answer", "within", "uncalled", "stale", "top")
LISTS = ("top", "chattering", "fleeting", "stale")


def skeleton(words: Words, basis: Basis) -> Any:
    """Head, tiles, chart and lists; the scripts fill them."""
    body = html.Main(
        html.Section(
            [
                _head(words),
                html.Div(words("loading"), id="kpi-none", className="empty"),
                html.Div([_tiles(words), _chart(words), _tables(words), _lists(words)], id="kpi-found", hidden=True),
            ],
            className="panel kpi",
        ),
        className="single",
    )  # fmt: skip
    return shell.page(words, basis, "kpi", [body], fixed=True)


def _head(words: Words) -> Any:
    spans = [
        html.Button(
            words(f"kpi span {span}"), **{"data-span": span, "aria-pressed": str(span == "week").lower()}
        )
        for span in SPANS
    ]
    return html.Header(
        [
            html.H2(words("page kpi")),
            html.Div(
                spans, className="switch", id="kpi-span", role="group",
                **{"aria-label": words("length of time")},
            ),
            html.Span(id="kpi-own", hidden=True, className="kpi-own"),
            html.Select(
                [html.Option(words("whole county or all of mine"), value="")], id="kpi-desk",
                **{"aria-label": words("duty desk")},
            ),
            html.Span(className="space"),
            part("as-of", className="muted small", id="kpi-as-of"),
            html.A(words("as CSV"), id="kpi-csv", className="button", download=""),
        ],
        className="list-head kpi-head",
    )  # fmt: skip


def _tiles(words: Words) -> Any:
    tiles = [
        html.Div(
            [
                html.Div(words(f"kpi {name}"), className="what"),
                html.Div([part("value", html.B), part("unit", className="muted")], className="figure"),
                html.Div([part("verdict", html.Strong), part("limit")], className="judged"),
            ],
            id=f"kpi-{name}",
            className="tile",
        )
        for name in TILES
    ]
    return html.Div(tiles, className="tiles")


def _chart(words: Words) -> Any:
    return html.Div(
        [
            html.Header([html.H3(id="kpi-chart-title"), html.Span(words("kpi chart hint"), className="muted small")]),
            html.Div(id="kpi-chart", className="kpi-chart", role="img"),
        ],
        className="kpi-chart-box",
    )  # fmt: skip


def _table(words: Words, name: str, columns: tuple[str, ...]) -> Any:
    heads = [
        html.Th(words(f"kpi column {column}"), scope="col", className="" if place == 0 else "number")
        for place, column in enumerate(columns)
    ]
    return html.Table(
        [html.Thead(html.Tr(heads)), html.Tbody(id=f"kpi-{name}-rows")], className="table small kpi-table"
    )


def _tables(words: Words) -> Any:
    return html.Div(
        [
            html.Div(
                [
                    html.H3(words("kpi answering")),
                    _table(words, "answering", ("colour", "alarms", "median", "p95", "limit", "within", "waiting")),
                ]
            ),
            html.Div(
                [
                    html.H3(words("kpi desks")),
                    _table(words, "desks", ("desk", "alarms", "hourly", "peak", "floods", "median", "within", "uncalled")),
                ]
            ),
            html.Div([html.H3(words("kpi flood list")), _table(words, "floods", ("began", "lasted", "alarms", "peak"))]),
        ],
        className="kpi-tables",
    )  # fmt: skip


def _lists(words: Words) -> Any:
    return html.Div(
        [
            html.Div(
                [
                    html.H3([words(f"kpi list {name}"), " ", part("count", id=f"kpi-{name}-count")]),
                    html.P(words(f"kpi hint {name}"), className="muted small"),
                    html.Ul(id=f"kpi-{name}-list"),
                ]
            )
            for name in LISTS
        ],
        className="kpi-lists",
    )
