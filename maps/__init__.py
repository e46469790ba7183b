"""Map pages drawn by folium, with every file served from this machine.

`live_page()` is the page of the live map: built once, without data, and fed by `postMessage` from the
page around it. The server gives it out at `/maps/live` under its own content security policy (folium
writes an inline script); `router()` serves the files that it loads.
"""

from maps.live import live_page
from maps.routes import router

__all__ = ["live_page", "router"]
