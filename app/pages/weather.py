"""The skeleton of the weather page: warnings and areal rain, a map with pictures over it, typhoons."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.shell import part
from app.pages.words import Words

RAIN = ("place", "1 h", "3 h", "24 h", "gauges")
FIXES = ("time", "position", "grade", "wind", "pressure", "moves", "circles", "off by")


def skeleton(words: Words, basis: Basis) -> Any:
    """Three columns; the scripts fill them."""
    return shell.page(
        words,
        basis,
        "weather",
        [
            html.Main(
                [
                    html.Div([_warnings(words), _area_rain(words)], className="weather-beside"),
                    _map(words),
                    _typhoons(words),
                ],
                className="weather",
            )
        ],
        fixed=True,
    )


def _tabs(words: Words, name: str, choices: tuple[str, ...]) -> Any:
    return html.Div(
        [
            html.Button(
                [words(f"{name} {choice}"), " ", part(f"n-{choice}")],
                **{f"data-{name}": choice, "aria-pressed": str(choice == choices[0]).lower()},
            )
            for choice in choices
        ],
        className="switch",
        id=f"{name}-tabs",
        role="group",
    )


def _warnings(words: Words) -> Any:
    return html.Section(
        [
            html.Header([_tabs(words, "warnings", ("standing", "history"))], className="list-head"),
            html.Div(
                [
                    html.Ul(id="warning-list", className="warning-list"),
                    html.Div(words("loading"), id="warning-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel",
        **{"aria-label": words("weather warnings")},
    )


def _area_rain(words: Words) -> Any:
    heads = [
        html.Th(words(f"areal {name}"), scope="col", className="" if name == "place" else "number")
        for name in RAIN
    ]
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words("areal rain")),
                    _tabs(words, "places", ("town", "basin", "river", "limits")),
                    html.Span(id="area-rain-time", className="muted small"),
                ],
                className="list-head",
            ),
            html.Div(
                [
                    html.Table(
                        [html.Thead(html.Tr(heads)), html.Tbody(id="area-rain-rows")], className="table small"
                    ),
                    html.Div(words("loading"), id="area-rain-none", className="empty"),
                ],
                className="scroll",
                id="area-rain-means",
            ),
            html.Div(
                [
                    html.Ol(id="rain-limit-rows", className="rain-limits"),
                    html.Div(words("loading"), id="rain-limits-none", className="empty"),
                ],
                className="scroll",
                id="area-rain-limits",
                hidden=True,
            ),
        ],
        className="panel area-rain",
        **{"aria-label": words("areal rain")},
    )


def _map(words: Words) -> Any:
    controls = html.Div(
        [
            html.Div(id="image-layers", className="chips", role="group"),
            html.Button(words("play"), id="image-play", **{"aria-pressed": "false"}),
            html.Span(id="image-slider-box", className="slider"),
            html.Span(id="image-time", className="image-time"),
            html.Label([words("opacity"), html.Span(id="image-opacity-box")], className="opacity"),
        ],
        className="image-controls",
        id="image-controls",
    )
    layers = html.Div(
        [
            html.Button(words(f"layer {name}"), **{"data-layer": name, "aria-pressed": pressed})
            for name, pressed in (("areas", "true"), ("typhoons", "true"), ("stations", "false"))
        ],
        className="layers",
    )
    return html.Section(
        [
            html.Div(
                [html.Iframe(id="map", src="/maps/live", title=words("map")), layers], className="framed"
            ),
            controls,
        ],
        className="panel weather-map",
        **{"aria-label": words("map")},
    )


def _typhoons(words: Words) -> Any:
    return html.Section(
        [
            html.Header(
                [
                    html.H2(words("typhoons")),
                    html.Select(id="typhoon-choice", **{"aria-label": words("typhoons")}),
                ],
                className="list-head",
            ),
            html.Div(id="typhoon-facts", className="typhoon-facts"),
            html.Div(
                [
                    html.Table(
                        [
                            html.Thead(html.Tr([html.Th(words(f"fix {one}"), scope="col") for one in FIXES])),
                            html.Tbody(id="typhoon-rows"),
                        ],
                        className="table fixes",
                    ),
                    html.Div(words("loading"), id="typhoon-none", className="empty"),
                ],
                className="scroll",
            ),
        ],
        className="panel",
        **{"aria-label": words("typhoons")},
    )
