"""The skeleton of duty: who is on now and next, the hand-over with its test sound, who would be called."""

from __future__ import annotations

from typing import Any

from alerts.duty.handover import MOST_BEEPS
from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.alarms import AlarmClass
from core.severity import Severity

VIEWS = ("now", "fortnight")
TABS = ("handover", "roster", "chains")
COLUMNS = ("desk", "on duty", "until", "next")


def skeleton(words: Words, basis: Basis) -> Any:
    """Left the desks, right what a person does; the scripts fill both."""
    body = html.Main([_desks(words), _side(words)], className="duty")
    return shell.page(words, basis, "duty", [body], fixed=True)


def _switch(words: Words, name: str, values: tuple[str, ...]) -> Any:
    texts = {value: words(f"duty {name} {value}") for value in values}
    return shell.switch(f"duty-{name}", name, texts, words(f"duty {name}"))


def _desks(words: Words) -> Any:
    heads = [html.Th(words(f"duty column {name}"), scope="col") for name in COLUMNS]
    return html.Section(
        [
            shell.list_head(
                words("duty who is on"),
                _switch(words, "view", VIEWS),
                html.Span(className="space"),
                html.Span(id="duty-as-of", className="muted small", role="status"),
            ),
            html.Ol(id="duty-faults", className="duty-faults", **{"aria-live": "polite"}),
            html.Div(
                [
                    html.Table([html.Thead(html.Tr(heads)), html.Tbody(id="duty-desks")], className="table",
                               id="duty-now"),
                    html.Table([html.Thead(id="fortnight-days"), html.Tbody(id="fortnight-desks")],
                               className="table fortnight", id="duty-fortnight", hidden=True),
                    html.Div(words("loading"), id="duty-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel duty-desks",
    )  # fmt: skip


def _side(words: Words) -> Any:
    return html.Section(
        [
            html.Header([_switch(words, "tab", TABS)], className="list-head"),
            html.Div(
                [_handover(words), html.Div(_roster(words), id="tab-roster", hidden=True),
                 html.Div(_chains(words), id="tab-chains", hidden=True)],
                className="scroll",
            ),
        ],
        className="panel duty-side",
    )  # fmt: skip


def _handover(words: Words) -> Any:
    return html.Div(
        [
            html.Div(
                [html.Label(words("duty desk"), htmlFor="handover-desk"), html.Select(id="handover-desk"),
                 html.Span(className="space"), html.Span(id="handover-state", className="pill")],
                className="duty-line",
            ),
            html.Div(id="handover-brief", className="duty-brief"),
            html.Div(id="handover-note-box"),
            html.Pre(id="handover-read", className="duty-note", hidden=True),
            html.P(id="handover-said", className="muted"),
            _listening(words),
            html.Div(
                [html.Button(words("duty sign"), id="handover-sign", className="primary"),
                 html.Button(words("duty take back"), id="handover-back")],
                className="duty-acts",
            ),
            html.H3(words("duty history")),
            html.Ol(id="handover-history", className="duty-history"),
            html.Div(words("duty history empty"), id="handover-history-none", className="empty"),
        ],
        id="tab-handover",
    )  # fmt: skip


def _listening(words: Words) -> Any:
    def group(number: int) -> Any:
        buttons = [
            html.Button(str(n), **{"data-beeps": str(n), "aria-pressed": "false"})
            for n in range(1, MOST_BEEPS + 1)
        ]
        label = words("duty beeps first" if number == 0 else "duty beeps second")
        return html.Div(
            [html.Span(label), html.Div(buttons, className="beeps", role="group", **{"aria-label": label})],
            className="duty-line",
            id=f"beeps-{number}",
        )

    return html.Div(
        [
            html.H3(words("duty listen title")),
            html.P(words("duty listen how"), className="muted"),
            html.Button(words("duty play"), id="handover-play", className="primary big"),
            group(0),
            group(1),
            html.Div(id="handover-remark-box"),
            html.P(id="handover-heard", className="state-bad", hidden=True, role="alert"),
            html.Button(words("duty confirm"), id="handover-confirm", className="act big", disabled=True),
        ],
        id="handover-listen",
        className="duty-listen",
        hidden=True,
    )


def _roster(words: Words) -> list[Any]:
    return [
        html.Div(
            [html.Button(words("duty add away"), id="away-add", className="primary"),
             html.Button(words("duty add turn"), id="turn-add"),
             html.Button(words("duty shift new"), id="shift-add")],
            className="duty-acts", id="roster-acts", hidden=True,
        ),
        html.H3(words("duty away title")),
        html.Ol(id="away-rows", className="duty-rows"),
        html.Div(words("duty away empty"), id="away-none", className="empty"),
        html.H3(words("duty shifts title")),
        html.Ol(id="shift-rows", className="duty-rows"),
        html.Div([html.Strong(words("duty shifts empty")), words("duty shifts hint")], id="shift-none",
                 className="empty"),
    ]  # fmt: skip


def _chains(words: Words) -> list[Any]:
    hazards = [html.Option(words(f"class {one.value}"), value=one.value) for one in AlarmClass]
    severities = [
        *[html.Option(words(f"colour {one.value}"), value=one.value) for one in reversed(Severity)],
        html.Option(words("duty without colour"), value=""),
    ]

    def field(name: str, control: Any) -> Any:
        return html.Div([html.Label(words(f"duty ask {name}"), htmlFor=f"callees-{name}"), control])

    return [
        html.P(words("duty dry run"), className="muted"),
        html.Div(
            [
                field("hazard", html.Select(hazards, id="callees-hazard")),
                field("area", html.Select(id="callees-area")),
                field("severity", html.Select(severities, id="callees-severity")),
                field("at", html.Span(id="callees-at-box")),
            ],
            className="duty-form",
        ),
        html.Div([part("head"), html.Ol(id="callees-persons", className="duty-rows"), part("more", html.P)],
                 id="callees-found", className="duty-found", hidden=True),
        html.P(id="callees-fault", className="state-bad", hidden=True, role="alert"),
        html.H3(words("duty why")),
        html.Ol(id="callees-steps", className="course"),
        html.H3(words("duty chains title")),
        html.Div(html.Button(words("duty chain new"), id="chain-add"), className="duty-acts", id="chain-acts",
                 hidden=True),
        html.Ol(id="chain-rows", className="duty-rows"),
        html.Div([html.Strong(words("duty chains empty")), words("duty chains hint")], id="chain-none",
                 className="empty"),
    ]  # fmt: skip
