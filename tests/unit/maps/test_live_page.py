"""The map page asks this machine alone, and holds no data."""

import asyncio
import re
from pathlib import Path

import folium
import httpx
import pytest
from fastapi import FastAPI

from core.errors import NotFoundError
from maps import live_page, router
from maps.routes import STATIC


def links() -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', live_page())


def get(path: str) -> httpx.Response:
    """One request to the routes; what they raise comes through."""
    server = FastAPI()
    server.include_router(router())

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://map") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_no_link_leads_to_another_host() -> None:
    assert links()
    assert [link for link in links() if not link.startswith("/")] == []
    assert "http" not in live_page().replace("http-equiv", "")


def test_every_linked_file_is_served() -> None:
    for link in links():
        assert get(link).status_code == 200, link


def test_leaflet_comes_before_what_needs_it() -> None:
    scripts = [link for link in links() if link.endswith(".js")]
    assert scripts[0].endswith("/leaflet.js")
    styles = [link for link in links() if link.endswith(".css")]
    assert styles == ["/vendor/leaflet/leaflet.css", "/maps/static/live.css"]


def test_other_folium_maps_keep_their_own_lists() -> None:
    assert any("http" in url for _, url in folium.Map.default_js)


def test_the_page_is_the_same_for_everybody() -> None:
    assert live_page() is live_page()


def test_the_largest_zoom_is_given() -> None:
    assert '"maxZoom": 16' in live_page()


@pytest.mark.parametrize("folder", ["/maps/static/", "/vendor/leaflet/"])
@pytest.mark.parametrize("name", ["..%2Flive.py", "nothing.js", "..%2F..%2Fcore%2Ferrors.py"])
def test_no_file_outside_is_served(folder: str, name: str) -> None:
    try:
        assert get(folder + name).status_code == 404
    except NotFoundError as error:
        assert "no file" in str(error)


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_data_as_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)
    assert "window.location.origin" in text or "postMessage" not in text
