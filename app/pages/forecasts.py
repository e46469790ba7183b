"""The skeleton of the forecasts: which levels reach a limit soon, and how good forecasts have been."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words

DAYS = (1, 7, 30, 365)
COLUMNS = ("source", "lead", "error", "unchanged", "bias", "within", "count")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left what is coming, right how far such words could be trusted."""
    return shell.page(
        words, basis, "forecasts", [html.Main([_coming(words), _skill(words)], className="forecasts")],
        fixed=True,
    )  # fmt: skip


def _coming(words: Words) -> Any:
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words("limits within three hours")),
                    html.Span(id="coming-count", className="muted", role="status"),
                ],
                className="list-head",
            ),
            html.Div(
                [html.Span(words("now")), html.Span("1 h"), html.Span("2 h"), html.Span("3 h")],
                id="coming-scale",
                className="muted small",
                **{"aria-hidden": "true"},
            ),
            html.Div(
                [
                    html.Ul(id="coming-list"),
                    html.Div(words("loading"), id="coming-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel coming",
        **{"aria-label": words("limits within three hours")},
    )


def _skill(words: Words) -> Any:
    days = [
        html.Button(words(f"days {n}"), **{"data-days": str(n), "aria-pressed": str(n == 30).lower()})
        for n in DAYS
    ]
    heads = [
        html.Th(words(f"skill column {name}"), scope="col", title=words(f"skill hint {name}"))
        for name in COLUMNS
    ]
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words("how good forecasts were")),
                    html.Div(
                        days,
                        className="switch",
                        id="skill-days",
                        role="group",
                        **{"aria-label": words("length of time")},
                    ),
                    html.Select(
                        html.Option(words("all stations"), value=""),
                        id="skill-station",
                        **{"aria-label": words("station")},
                    ),
                ],
                className="list-head",
            ),
            html.Div(
                [
                    html.Table(
                        [html.Thead(html.Tr(heads)), html.Tbody(id="skill-rows")],
                        className="table",
                        id="skill-table",
                    ),
                    html.Div(words("loading"), id="skill-none", className="empty"),
                    html.P(words("skill explained"), className="muted small", id="skill-explained"),
                ],
                className="scroll",
            ),
        ],
        className="panel skill",
        **{"aria-label": words("how good forecasts were")},
    )
