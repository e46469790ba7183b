"""The skeleton of one station: hydrograph, values with their quality, limits, alarms, and what persons did."""

from __future__ import annotations

from typing import Any

from app.pages import pictures, shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.station_picture import HOURS, SLOT
from app.pages.words import Words
from core.corrections import CorrectionAct
from core.roles import Act

TABS = ("values", "verify", "limits", "alarms", "acts")
VALUE_COLUMNS = ("time", "value", "quality", "reason")


def skeleton(words: Words, basis: Basis) -> Any:
    """Places that the scripts fill; acts only for who may correct."""
    may = basis.person.may(Act.CORRECT_VALUE) and not basis.person.kiosk
    body = html.Main([_head(words), _picture(words), _beside(words, may)], className="station")
    return shell.page(words, basis, "station", [body], fixed=True)


def _head(words: Words) -> Any:
    return html.Section(
        [
            html.Div([part("name", html.H2), part("place", className="muted")], className="station-name"),
            html.Div([part("value", html.B), part("unit", className="muted")], className="station-value"),
            html.Div(
                [part("standing", html.Div, className="strong"), part("age", html.Div, className="muted")]
            ),
            part("state", className="pill"),
            html.Span(className="space"),
            html.A(words("all stations"), id="to-stations", className="button"),
        ],
        className="panel station-head",
        id="station-head",
    )


def _picture(words: Words) -> Any:
    hours = [
        html.Button(words(f"span {n}"), **{"data-hours": str(n), "aria-pressed": str(n == 24).lower()})
        for n in HOURS
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.Select(id="series", **{"aria-label": words("series")}),
                    html.Div(
                        hours,
                        className="switch",
                        id="station-hours",
                        role="group",
                        **{"aria-label": words("length of time")},
                    ),
                    html.Span(className="space"),
                    html.A("CSV", id="export-csv", className="button small", download=""),
                    html.A("Excel", id="export-xlsx", className="button small", download=""),
                    html.Button("PNG", id="export-png", className="small"),
                ],
                className="station-tools",
            ),
            _forecast(words),
            html.Div(html.Div(pictures.graph(SLOT)), className="plot", id="station-plot"),
            html.Div(
                [
                    html.Span([html.I(className="hollow"), words("legend suspect")]),
                    html.Span([html.I("×", className="crossed"), words("legend voided")]),
                    html.Span([html.I(className="dashed"), words("legend forecast")]),
                    html.Span(words("legend roll-up"), id="legend-rollup", hidden=True),
                ],
                className="station-legend muted small",
            ),
        ],
        className="panel station-picture",
        **{"aria-label": words("hydrograph")},
    )


def _forecast(words: Words) -> Any:
    """What the level will do within three hours, as far as anybody can say."""
    return html.Div(
        [
            html.Span(words("forecast"), className="muted"),
            part("said", html.B),
            part("before"),
            part("basis", className="muted small"),
            html.A(part("skill"), id="forecast-skill", className="small"),
        ],
        id="station-forecast",
        className="station-forecast",
        hidden=True,
        role="status",
    )


def _beside(words: Words, may: bool) -> Any:
    tabs = [
        html.Button(
            [words(f"tab {tab}"), " ", part(tab, className="muted")],
            **{"data-tab": tab, "aria-pressed": str(tab == "values").lower()},
        )
        for tab in TABS
    ]
    heads = [html.Th(words(f"value column {name}"), scope="col") for name in VALUE_COLUMNS]
    panes = [
        html.Div(
            [
                html.Table(
                    [html.Thead(html.Tr(heads)), html.Tbody(id="value-rows")],
                    className="table",
                    id="value-table",
                ),
                html.Div(words("loading"), id="value-none", className="empty"),
                html.Button(words("older values"), id="value-older", hidden=True),
            ],
            id="pane-values",
            className="scroll",
        ),
        *(
            html.Div(
                html.Ul(html.Li(words("loading"), className="muted"), id=f"list-{tab}"),
                id=f"pane-{tab}",
                className="scroll",
                hidden=True,
            )
            for tab in TABS[1:]
        ),
    ]
    return html.Section(
        [
            html.Header(
                html.Div(tabs, className="switch", id="station-tabs", role="group"), className="list-head"
            ),
            *panes,
            _chosen(words, may),
        ],
        className="panel station-beside",
    )


def _chosen(words: Words, may: bool) -> Any:
    """What is known of the chosen value or range, and what may be done to it."""
    acts = [html.Button(words(f"value act {act}"), id=f"value-{act}") for act in CorrectionAct] if may else []
    return html.Div(
        [
            html.Div(
                [
                    part("what", className="strong"),
                    html.Span(className="space"),
                    html.Button(words("range from here"), id="value-range", className="link"),
                    html.Button("×", id="value-close", className="link", **{"aria-label": words("close")}),
                ],
                className="chosen-head",
            ),
            html.Ol(id="value-past", className="course"),
            html.Div(acts, className="acts", hidden=not may),
        ],
        id="chosen",
        className="chosen",
        hidden=True,
    )
