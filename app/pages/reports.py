"""The skeleton of reports from the field: what was reported, and a form made for a tablet in the rain."""

from __future__ import annotations

import json
from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.reports import ReportKind
from core.severity import Severity

VIEWS = ("open", "all")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left the reports, right the form or the chosen one; the scripts fill both."""
    body = html.Main([_list(words), _side(words)], className="reports")
    return shell.page(words, basis, "reports", [body], fixed=True)


def _list(words: Words) -> Any:
    views = {view: words(f"reports {view}") for view in VIEWS}
    return html.Section(
        [
            shell.list_head(
                words("page reports"),
                shell.switch("reports-view", "view", views, words("show only")),
                html.Span(className="space"),
                html.Span(id="reports-found", className="muted small", role="status"),
                html.Button(words("report danger"), id="report-new", className="primary tall"),
            ),
            html.Ol(id="report-rows", className="scroll report-rows"),
            html.Div(words("loading"), id="reports-none", className="empty"),
        ],
        className="panel reports-list",
    )


def _side(words: Words) -> Any:
    return html.Section(
        [_form(words), _detail(words)], className="panel reports-side", **{"aria-live": "polite"}
    )


def _form(words: Words) -> Any:
    kinds = [
        html.Button(
            [html.I(className=kind.severity.value), words(f"report kind {kind.value}")],
            **{"data-kind": kind.value, "aria-pressed": "false"},
        )
        for kind in ReportKind
    ]
    colours = [
        html.Button(
            words(f"colour {severity.value}"),
            className=severity.value,
            **{"data-severity": severity.value, "aria-pressed": "false"},
        )
        for severity in sorted(Severity, key=lambda each: -each.rank)
    ]
    defaults = json.dumps({kind.value: kind.severity.value for kind in ReportKind})
    return html.Div(
        [
            html.H2(words("report danger")),
            html.H3(words("report what")),
            html.Div(kinds, className="report-kinds", id="report-kinds", role="group",
                     **{"aria-label": words("report what"), "data-defaults": defaults}),
            html.H3(words("report how bad")),
            html.Div(colours, className="report-colours", id="report-colours", role="group",
                     **{"aria-label": words("report how bad")}),
            html.H3(words("report where")),
            html.Div(
                [
                    html.Button(words("use my position"), id="report-locate", className="tall"),
                    html.Select([html.Option(words("choose a place"), value="")], id="report-area",
                                **{"aria-label": words("choose a place")}),
                    html.Span(id="report-place-box", **{"data-label": words("report place in words")}),
                ],
                className="report-where",
            ),
            html.Div(id="report-position", className="muted small", role="status"),
            html.H3(words("report what is seen")),
            html.Textarea(id="report-text", rows=3, maxLength=1000, placeholder=words("report text hint")),
            html.Div(
                [html.Span(id="report-photo-box", **{"data-label": words("take or choose pictures")}),
                 html.Ul(id="report-photos", className="report-photos")],
                className="report-photo-line",
            ),
            html.Div(id="report-fault", className="report-fault", role="alert", hidden=True),
            html.Div(
                [html.Button(words("send report"), id="report-send", className="act tall"),
                 html.Button(words("cancel"), id="report-cancel", className="tall")],
                className="report-send-line",
            ),
        ],
        id="report-form",
        className="scroll",
        hidden=True,
    )  # fmt: skip


def _detail(words: Words) -> Any:
    acts = [
        html.Button(words("add a note"), id="report-note", className="tall"),
        html.Span(id="report-more-photos-box", **{"data-label": words("add a picture")}),
        html.Button(words("correct report"), id="report-edit", className="tall"),
        html.Button(words("join report"), id="report-join", className="tall"),
        html.Button(words("danger is over"), id="report-close", className="tall"),
        html.A(words("its alarm"), id="report-alarm", className="button tall"),
    ]
    return html.Div(
        [
            html.Div(
                [html.Strong(words("choose a report")), words("choose a report hint")],
                id="report-empty",
                className="empty",
            ),
            html.Div(
                [
                    html.Div(
                        [part("pill", className="pill"), " ", part("title", html.H2)],
                        className="detail-title",
                    ),
                    part("note", html.Div, className="muted"),
                    part("text", html.P, className="report-text"),
                    html.Div(acts, className="report-acts"),
                    html.Ul(id="report-pictures", className="report-pictures"),
                    html.Div(id="report-joined-box"),
                    html.H3(words("course")),
                    html.Ol(id="report-events", className="course"),
                ],
                id="report-detail",
                className="scroll",
                hidden=True,
            ),
        ],
        id="report-chosen",
    )
