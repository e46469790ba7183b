"""The live map: one folium page without data; `static/live.js` draws what the page around it posts."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import folium
from branca.element import MacroElement
from folium.template import Template

LEAFLET = "/vendor/leaflet"
STATIC = "/maps/static"
MAX_ZOOM = 16
"""Beyond this the county's outline (drawn to about 100 m) says nothing."""


class _LocalMap(folium.Map):
    """A folium map that asks for Leaflet alone, from this machine.

    Folium's own lists name other hosts, and add jQuery, Bootstrap and icon fonts that only its
    stock markers use. They are class attributes, so a subclass replaces them without touching
    other maps.
    """

    default_js: ClassVar[list[tuple[str, str]]] = [  # type: ignore[misc]
        ("leaflet", f"{LEAFLET}/leaflet.js"),
        *((name, f"{STATIC}/{name}.js") for name in ("symbols", "typhoon", "weather", "labels", "live")),
    ]
    default_css: ClassVar[list[tuple[str, str]]] = [  # type: ignore[misc]
        ("leaflet_css", f"{LEAFLET}/leaflet.css"),
        ("live_css", f"{STATIC}/live.css"),
    ]


class _Live(MacroElement):
    """Hands the map object to `static/live.js`."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.anlanLiveMap({{ this._parent.get_name() }});{% endmacro %}"
    )


@cache
def live_page() -> str:
    """The whole page as HTML. The same for everybody: it holds no data and no words."""
    figure = folium.Figure(title="map")
    drawn = _LocalMap(
        location=(29.4, 121.85),
        zoom_start=10,
        tiles=None,
        zoom_control=False,
        prefer_canvas=False,
        zoom_snap=0.1,
        attribution_control=False,
    )
    drawn.options["max_zoom"] = MAX_ZOOM
    drawn.options["min_zoom"] = 4
    figure.add_child(drawn)
    drawn.add_child(_Live())  # type: ignore[no-untyped-call]
    return str(figure.render())
