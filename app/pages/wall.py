"""The skeleton of the command hall's screen (sketch `wall`)."""

from __future__ import annotations

from typing import Any

from app.pages import pictures, shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words

COUNTERS = ("guarantee", "warning", "reservoir", "hour-rain")
HEALTH = ("data-age", "stations", "sms", "loudspeakers", "leds", "chain")
SYMBOLS = (("■", "river"), ("▼", "reservoir"), ("◆", "tide"), ("▲", "sluice"), ("●", "rain"))
STATES = (("●", "normal"), ("◌", "no data"), ("○", "no limit set"), ("◎", "to be verified"))


def skeleton(words: Words, basis: Basis) -> Any:
    """All places that the scripts fill; nothing in it changes its place afterwards."""
    return html.Div(
        [
            *shell.band(words, basis),
            _head(words, basis),
            html.Main(
                [_left(words), _map(words), _right(words), _pictures(), _cameras(words)],
                className="wall-body",
            ),
        ],
        className="wall",
        **{"data-page": "wall", "data-loading": words("loading")},
    )


def _head(words: Words, basis: Basis) -> Any:
    first = html.Div(
        [
            html.Div(basis.place(words.language), className="name"),
            *shell.demo(words, basis),
            html.Div(id="responses", className="responses"),
            html.Div(id="wall-warnings", className="warnings"),
        ],
        className="line",
    )
    second = html.Div(
        [
            html.Div(id="typhoon-line", className="typhoon"),
        ],
        className="line",
    )
    health = html.Div(
        [
            shell.catching_up(),
            *(html.Span([f"{words('health ' + name)} ", part(name, html.B)]) for name in HEALTH),
            part("watch", html.B, className="watch", hidden=True),
        ],
        id="wall-health",
        className="health",
    )
    return html.Header(
        [
            first,
            html.Div(
                [html.Div(id="date", className="date"), html.Div(id="clock", className="clock")],
                className="moment",
            ),
            second,
            health,
        ],
        className="wall-head",
    )


def _heading(title: str, part_name: str | None = None, note: str = "") -> Any:
    right = part(part_name) if part_name else html.Span(note)
    return html.Header([html.H2([title, part(f"{part_name}-left")] if part_name else title), right])


def _left(words: Words) -> Any:
    counters = [
        html.Div(
            [
                html.Div(
                    [part("value", html.B), part("of", className="of"), part("trend", className="trend")],
                    className="figure",
                ),
                html.Div(words(f"counter {name}"), className="what"),
            ],
            id=f"counter-{name}",
            className="counter",
        )
        for name in COUNTERS
    ]
    return html.Section(
        [
            html.Div(
                [
                    _heading(words("situation"), note=words("against one hour ago")),
                    html.Div(counters, className="counters"),
                ]
            ),
            html.Div(
                [
                    _heading(words("warnings in force"), "warning-count"),
                    html.Ul(id="wall-warning-list", className="wall-warnings"),
                ],
                id="wall-warning-box",
                hidden=True,
            ),
            html.Div(
                [
                    _heading(words("rain of 3 hours, mm"), "area-rain"),
                    html.Ul(id="ranking", className="ranking"),
                ],
                id="rain",
            ),
            html.Div(
                [
                    _heading(words("evacuation"), "to-move"),
                    html.Div([part("moved", html.B), part("share", className="muted")], className="moved"),
                    html.Div(html.I(className="answered"), className="bar"),
                ],
                id="evacuation",
            ),
            html.Div(
                [
                    _heading(words("alarm load"), note=words("last 10 minutes")),
                    html.Div([part("calls", html.B), part("judged", className="muted")], className="load"),
                ],
                id="load",
            ),
        ],
        className="panel wall-left",
    )


def _map(words: Words) -> Any:
    legend = [html.Span(mark + words("kind " + name)) for mark, name in SYMBOLS]
    legend += [
        html.Span([html.Span("●", className=f"sev-{severity}"), words(f"colour {severity}")])
        for severity in ("red", "orange", "yellow", "blue")
    ]
    legend += [html.Span(mark + words(name), className="muted") for mark, name in STATES]
    layers = [
        html.Button(
            words(f"layer {name}"), id=f"layer-{name}", **{"data-layer": name, "aria-pressed": pressed}
        )
        for name, pressed in (
            ("images", "false"),
            ("areas", "true"),
            ("typhoons", "true"),
            ("cameras", "false"),
            ("devices", "false"),
        )
    ]
    return html.Section(
        [
            html.Iframe(id="map", src="/maps/live", title=words("map")),
            html.Div(legend, className="legend"),
            html.Div(layers, className="layers"),
        ],
        className="panel wall-map",
    )


def _right(words: Words) -> Any:
    return html.Section(
        [
            html.Div(
                [
                    _heading(words("alarms"), "alarm-count"),
                    html.Div(id="wall-storm", className="wall-storm", role="status", hidden=True),
                    html.Ul(id="wall-alarms", className="wall-alarms"),
                ],
                id="wall-alarm-box",
            ),
            html.Div(
                [
                    _heading(words("orders and answers"), "order-time"),
                    html.Ul(id="wall-orders", className="wall-orders"),
                ],
                id="wall-order-box",
            ),
            html.Div(
                [
                    _heading(words("not answered yet"), "silent-count"),
                    html.Ul(id="silent", className="silent"),
                ],
                id="silent-box",
            ),
        ],
        className="panel wall-right",
    )


def _pictures() -> Any:
    cards = [
        html.Section(
            [
                html.Div(
                    [part("name", className="name"), part("value", className="value")], className="title"
                ),
                html.Div([part("over"), part("rain")], className="over"),
                html.Div(pictures.graph(slot), className="plot"),
            ],
            id=f"card-{slot}",
            className="panel card-hydro",
        )
        for slot in pictures.SLOTS[:3]
    ]
    return html.Div(cards, className="wall-hydro")


def _cameras(words: Words) -> Any:
    return html.Section(
        [_heading(words("cameras"), "cameras-online"), html.Div(id="cameras", className="cameras")],
        id="camera-box",
        className="panel wall-cameras",
    )
