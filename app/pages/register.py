"""Registers layout and callbacks. Always by `app.callback`: module-level callbacks freeze open pages
after a restart of the server, because Dash merges those only before its first HTTP request."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, dcc

from app.context import AppContext
from app.pages import entrance, feed, pictures, station_picture
from app.pages.markup import html


def register(dash_app: Dash, context: AppContext) -> None:
    """Gives the app its pages. Called once, after the routes of the server stand."""
    dash_app.title = "安澜"
    dash_app.layout = _root()
    dash_app.clientside_callback(  # type: ignore[no-untyped-call]
        "window.dash_clientside.anlan.receive", Output("heard", "data"), Input("live", "data")
    )
    dash_app.clientside_callback(  # type: ignore[no-untyped-call]
        "window.dash_clientside.anlan.situation",
        Output("heard", "data", allow_duplicate=True),
        Input("situation", "data"),
        prevent_initial_call=True,
    )
    dash_app.clientside_callback(  # type: ignore[no-untyped-call]
        "window.dash_clientside.anlan.enter", Output("entered", "data"), Input("page-data", "data")
    )
    entrance.register(dash_app, context)
    feed.register(dash_app, context)
    pictures.register(dash_app, context)
    station_picture.register(dash_app, context)


def _root() -> Any:
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="page-data"),
            dcc.Store(id="live"),
            dcc.Store(id="situation"),
            dcc.Store(id="heard"),
            dcc.Store(id="entered"),
            *(dcc.Store(id=f"{slot}-wish") for slot in (*pictures.SLOTS, station_picture.SLOT)),
            html.Div(id="page"),
        ]
    )
