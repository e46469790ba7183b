"""The skeleton of one station's data health: series by hour, newest values, gaps, revisions, raw messages."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.health import hours_switch
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.roles import Act

COLUMNS = ("series", "by hour", "received", "late", "flagged", "missing", "revised", "last value", "quality")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left what was counted, right what came."""
    body = html.Main([_counted(words, basis), _raw(words, basis)], className="health-station")
    return shell.page(words, basis, "health-station", [body], fixed=True)


def _counted(words: Words, basis: Basis) -> Any:
    heads = [html.Th(words(f"health column {name}"), scope="col") for name in COLUMNS]
    return html.Section(
        [
            html.Div(
                [
                    html.Div(
                        [part("name", html.H2), part("pill", className="pill"), part("place", className="muted")],
                        className="detail-title",
                    ),
                    html.Span(className="space"),
                    hours_switch(words),
                    html.A(words("hydrograph"), id="to-hydrograph", className="button"),
                    html.A(words("all stations"), href=shell.inside(basis, "/health"), className="button"),
                ],
                className="detail-head",
                id="health-station-head",
            ),
            html.Dl(id="health-facts", className="facts"),
            html.Div(
                [
                    html.Table(
                        [html.Thead(html.Tr(heads)), html.Tbody(id="series-rows")], className="table series-table"
                    ),
                    html.Div(words("loading"), id="series-none", className="empty"),
                    html.Div(
                        [
                            html.I(className="full"), words("hour complete"), html.I(className="none"),
                            words("hour missing"), html.I(className="flag"), words("hour flagged"),
                        ],
                        className="strip-legend muted small",
                    ),
                    html.H3(words("gaps")),
                    html.Ul(id="gap-rows", className="lines"),
                    html.H3(words("revisions")),
                    html.Ul(id="revision-rows", className="lines"),
                ],
                className="scroll",
            ),
        ],
        className="panel health-counted",
    )  # fmt: skip


def _raw(words: Words, basis: Basis) -> Any:
    may = basis.person.may(Act.READ_RAW)
    hint = [] if may else [html.P(words("payloads are for duty officers"), className="muted small")]
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words("raw messages"), id="raw", tabIndex="-1"),
                    html.Button(
                        words("only messages with faults"), id="raw-faulty", className="toggle",
                        **{"aria-pressed": "false"},
                    ),
                    html.Span(className="space"),
                    html.Button(words("newer messages"), id="raw-newer", hidden=True),
                    html.Span(id="raw-kept", className="small"),
                ],
                className="list-head",
            ),
            *hint,
            html.Div(
                [
                    html.Ol(id="raw-rows", className="messages"),
                    html.Div(words("loading"), id="raw-none", className="empty"),
                    html.Button(words("older messages"), id="raw-older", hidden=True),
                ],
                className="scroll",
            ),
        ],
        className="panel health-raw",
    )  # fmt: skip
