"""The skeleton of the duty desk: alarms at the left, what to do about the chosen one at the right."""

from __future__ import annotations

from typing import Any

from app.pages import pictures, shell, verify
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.alarms import AlarmClass
from core.severity import Severity

STATES = ("active", "unacknowledged", "acknowledged", "returned", "latched", "verify")
HIDDEN = ("shelved", "suppressed", "out_of_service")
"""Not in the list of what calls; their counts always are."""
GROUPS = ("town", "river", "none", "storm")
HOURS = (6, 12, 24, 72)


def skeleton(words: Words, basis: Basis) -> Any:
    """Places for filters, list, bulk acts and detail; the scripts fill them."""
    body = html.Main([_list(words), _detail(words)], className="desk")
    return shell.page(words, basis, "desk", [body], fixed=True)


def _list(words: Words) -> Any:
    return html.Section(
        [
            html.Header(
                [
                    html.H2([words("alarms"), " ", part("count", className="strong")]),
                    html.Span(
                        [words("alarm load"), " ", part("load", html.B), " ", part("judged")], id="desk-load"
                    ),
                ],
                id="desk-head",
            ),
            _states(words),
            _filters(words),
            html.Div(
                [part("text"), html.Button(id="storm-switch", className="link")],
                id="storm",
                className="storm",
                role="status",
                hidden=True,
            ),
            html.Button(id="fresh", className="fresh", hidden=True),
            html.Div(
                html.Div(words("loading"), className="loading"),
                id="alarm-list",
                className="alarm-list",
                role="listbox",
                tabIndex=0,
                **{"aria-label": words("alarms"), "aria-multiselectable": "true"},
            ),
            html.Footer(
                [
                    html.Label([html.Button(words("choose all shown"), id="choose-all", className="link")]),
                    part("chosen", className="muted"),
                    html.Span(className="space"),
                    html.Button(words("hush"), id="desk-hush", title=words("hush hint"), hidden=True),
                    html.Button(id="desk-sound", title=words("sound hint"), className="link", hidden=True),
                    html.Button(
                        words("acknowledge"), id="bulk-acknowledge", className="primary", disabled=True
                    ),
                    html.Button(words("shelve …"), id="bulk-shelve", disabled=True),
                ],
                id="bulk",
                className="bulk",
            ),
        ],
        className="panel desk-list",
        **{"aria-label": words("alarms")},
    )


def _states(words: Words) -> Any:
    """A switch of all states with their counts; what is hidden stands apart, and is always counted."""

    def buttons(states: tuple[str, ...]) -> list[Any]:
        return [
            html.Button(
                [words(f"show {state}"), " ", part(state, html.B)],
                **{"data-state": state, "aria-pressed": str(state == "active").lower()},
            )
            for state in states
        ]

    return html.Div(
        [*buttons(STATES), html.Span(className="space"), *buttons(HIDDEN)],
        id="filter-state",
        className="states",
        role="group",
        **{"aria-label": words("state")},
    )


def _filters(words: Words) -> Any:
    colours = [
        html.Button(
            [html.I(className=severity.value), words(f"colour {severity.value}"), " ", part(severity.value)],
            **{"data-severity": severity.value, "aria-pressed": "true"},
        )
        for severity in sorted(Severity, key=lambda each: -each.rank)
    ]
    colours.append(
        html.Button(
            [html.I(className="none"), words("no colour"), " ", part("none")],
            **{"data-severity": "none", "aria-pressed": "true"},
        )
    )
    return html.Div(
        [
            html.Div(
                colours,
                id="filter-severity",
                className="chips",
                role="group",
                **{"aria-label": words("severity")},
            ),
            html.Select(
                [html.Option(words("all towns"), value="")],
                id="filter-town",
                **{"aria-label": words("town")},
            ),
            html.Select(
                [html.Option(words("all classes"), value="")]
                + [html.Option(words(f"class {each.value}"), value=each.value) for each in AlarmClass],
                id="filter-class",
                **{"aria-label": words("class")},
            ),
            html.Select(
                [html.Option(words(f"group by {by}"), value=by) for by in GROUPS],
                id="group-by",
                **{"aria-label": words("grouping")},
            ),
        ],
        className="filters",
    )


def _detail(words: Words) -> Any:
    hours = [
        html.Button(words("{n} h", n=n), **{"data-hours": str(n), "aria-pressed": str(n == 24).lower()})
        for n in HOURS
    ]
    acts = [
        html.Button(words("acknowledge"), id="detail-acknowledge", className="primary"),
        html.Button(words("reset"), id="detail-reset", className="primary"),
        html.Button(words("take back the acknowledgement"), id="detail-unacknowledge"),
        html.Button(words("shelve …"), id="detail-shelve"),
        html.Button(words("put back"), id="detail-unshelve"),
        html.Button(words("take out of service …"), id="detail-take-out"),
        html.A(words("page station"), id="detail-station", className="button"),
        html.A(words("its report"), id="detail-report", className="button"),
        html.A(words("make an order"), id="detail-order", className="button primary"),
    ]
    return html.Section(
        [
            html.Div(
                [html.Strong(words("choose an alarm")), words("choose an alarm hint")],
                id="detail-empty",
                className="empty",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(
                                [
                                    html.Div(
                                        [part("pill", className="pill"), " ", part("title", html.H2)],
                                        className="detail-title",
                                    ),
                                    part("note", html.Div, className="muted small"),
                                ]
                            ),
                            html.Div(acts, className="acts"),
                        ],
                        className="detail-head",
                    ),
                    verify.box(words),
                    html.Dl(id="detail-facts", className="facts"),
                    html.Div(
                        [
                            html.Div(
                                [
                                    part("reading"),
                                    html.Span(className="space"),
                                    html.Div(
                                        hours,
                                        className="switch",
                                        id="detail-hours",
                                        role="group",
                                        **{"aria-label": words("length of time")},
                                    ),
                                ],
                                className="detail-picture-head",
                            ),
                            html.Div(html.Div(pictures.graph("picture-detail")), className="plot"),
                        ],
                        id="detail-picture",
                        className="detail-picture",
                    ),
                    html.Div(
                        [
                            html.Div(
                                [html.H3(words("what the rule advises")), html.Div(id="detail-card")],
                                id="detail-card-box",
                            ),
                            html.Div(
                                [html.H3(words("orders of this alarm")), html.Ul(id="detail-orders")],
                                id="detail-orders-box",
                            ),
                            html.Div(
                                [html.H3(words("course")), html.Ol(id="detail-events", className="course")]
                            ),
                        ],
                        className="detail-columns",
                    ),
                ],
                id="detail",
                hidden=True,
            ),
        ],
        className="panel desk-detail",
        **{"aria-label": words("detail")},
    )
