"""Files of the map pages, and the browser library that they load."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from core.errors import NotFoundError

STATIC = Path(__file__).parent / "static"
LEAFLET = Path(__file__).resolve().parent.parent / "node_modules" / "leaflet" / "dist"
_DAY = {"Cache-Control": "private, max-age=86400"}
_CHECKED = {"Cache-Control": "no-cache"}


def router() -> APIRouter:
    """`/maps/static/…` and `/vendor/leaflet/…`. Raises NotFoundError for other names."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/maps/static/{name}")
    def static(name: str) -> FileResponse:
        return FileResponse(_within(STATIC, name), headers=_CHECKED)

    @routes.get("/vendor/leaflet/{path:path}")
    def leaflet(path: str) -> FileResponse:
        return FileResponse(_within(LEAFLET, path), headers=_DAY)

    return routes


def _within(folder: Path, name: str) -> Path:
    """The file `name` below `folder`, and never one outside of it."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise NotFoundError(
            f"there is no file {name!r} here; run ./anlan once to fetch the browser libraries"
        )
    return path
