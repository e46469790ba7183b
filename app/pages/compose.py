"""The skeleton of the composer: first what and to whom, then exactly what would happen."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words
from core.orders import Channel
from core.severity import Severity

HOURS = (1, 2, 4, 6, 12, 24)
CHANNELS = tuple(channel.value for channel in (Channel.SMS, Channel.LED, Channel.LOUDSPEAKER))
"""What a person chooses: the second number goes with the first, and the canary is nobody's."""


def skeleton(words: Words, basis: Basis) -> Any:
    """Two steps beside each other: the form, and the preview that follows it."""
    steps = html.Ol(
        [html.Li(words(f"step {name}"), **{"data-step": name}) for name in ("write", "look", "submit")],
        id="steps",
        className="steps",
    )
    return shell.page(
        words,
        basis,
        "compose",
        [
            html.Main(
                [
                    html.Div(
                        [steps, part("from", className="muted")], id="compose-head", className="compose-head"
                    ),
                    _form(words),
                    _preview(words),
                ],
                className="compose",
            )
        ],
        fixed=True,
    )


def _field(words: Words, label: str, *children: Any, key: str) -> Any:
    return html.Div([html.Label(words(label), htmlFor=key), *children], className="field")


def _form(words: Words) -> Any:
    colours = [
        html.Button(
            [html.I(className=severity.value), words(f"colour {severity.value}")],
            **{"data-severity": severity.value, "aria-pressed": "false"},
        )
        for severity in sorted(Severity, key=lambda each: -each.rank)
    ]
    first = html.Div(
        [
            _field(words, "template", html.Select(id="template"), key="template"),
            _field(
                words,
                "severity",
                html.Div(colours, className="chips", id="severity", role="group"),
                key="severity",
            ),
            _field(
                words,
                "runs for",
                html.Select(
                    [html.Option(words("{n} h", n=n), value=str(n), selected=n == 2) for n in HOURS],
                    id="hours",
                ),
                key="hours",
            ),
        ],
        className="three",
    )
    texts = [
        html.Div(
            [
                html.Label(
                    [
                        html.Button(
                            words(f"channel {channel}"),
                            id=f"use-{channel}",
                            className="toggle",
                            **{"data-channel": channel, "aria-pressed": "true"},
                        ),
                        part("count", className="muted small"),
                    ],
                    className="text-head",
                ),
                html.Textarea(
                    id=f"text-{channel}",
                    rows={"sms": 4, "led": 2, "loudspeaker": 3}[channel],
                    **{"aria-label": words(f"text for {channel}")},
                ),
            ],
            id=f"box-{channel}",
            className="field channel",
        )
        for channel in CHANNELS
    ]
    return html.Section(
        [
            html.Header([html.H2(words("what and to whom"))]),
            first,
            html.Div(
                [html.Label(words("title"), htmlFor="title"), html.Div(id="title-place")], className="field"
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(
                                [
                                    html.H3(words("areas")),
                                    html.Button(words("whole county"), id="all-towns", className="link"),
                                ],
                                className="section-head",
                            ),
                            html.Div(
                                id="towns", className="picks", role="group", **{"aria-label": words("areas")}
                            ),
                        ]
                    ),
                    html.Div(
                        [
                            html.Div(
                                [
                                    html.H3(words("posts")),
                                    html.Button(words("everybody"), id="all-posts", className="link"),
                                ],
                                className="section-head",
                            ),
                            html.Div(
                                id="posts", className="picks", role="group", **{"aria-label": words("posts")}
                            ),
                        ]
                    ),
                ],
                className="pickers",
            ),
            *texts,
        ],
        id="form",
        className="panel compose-form",
    )


def _preview(words: Words) -> Any:
    return html.Section(
        [
            html.Header([html.H2(words("what would happen")), part("age")]),
            html.Div(
                html.Div(words("choose areas and write a text first"), className="empty"), id="preview-none"
            ),
            html.Div(
                [
                    html.Div([part("sentence")], id="preview-sentence", className="sentence"),
                    html.Ul(id="preview-faults", className="faults"),
                    html.Div(
                        [html.H3(words("sms as it arrives")), html.Div(id="preview-sms", className="bubble")],
                        id="preview-sms-box",
                    ),
                    html.Div(
                        [
                            html.H3(words("screens as they show it")),
                            html.Div(id="preview-led", className="led-row"),
                        ],
                        id="preview-led-box",
                    ),
                    html.Div(
                        [
                            html.H3(words("loudspeakers as they speak")),
                            html.Div(id="preview-spoken", className="spoken"),
                            html.Div(
                                [
                                    html.Button(words("listen"), id="listen"),
                                    part("audio", className="muted small"),
                                ],
                                id="listen-box",
                                className="listen",
                            ),
                        ],
                        id="preview-spoken-box",
                    ),
                    html.Div(
                        [html.H3(words("to whom exactly")), html.Div(id="preview-people", className="people")]
                    ),
                ],
                id="preview",
                hidden=True,
            ),
            html.Footer(
                [
                    part("hint", className="muted small"),
                    html.Span(className="space"),
                    html.Button(words("submit the draft"), id="submit", className="act", disabled=True),
                ],
                id="compose-foot",
                className="compose-foot",
            ),
        ],
        id="preview-box",
        className="panel compose-preview",
    )
