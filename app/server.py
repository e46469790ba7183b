"""Assembles the one ASGI app: door, login, REST interface, health, speech, maps, and the Dash pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from app.api.problems import answer_problems
from app.api.routes import api_routes
from app.audio import audio_routes
from app.auth.login_page import login_routes
from app.backtests import BacktestRunner
from app.context import AppContext
from app.door import Door
from app.headers import policy_for
from app.health import health_routes
from app.live.hub import Hub
from app.live.routes import live_routes
from app.open_pages import OpenPages
from core.clock import Clock, system_clock
from core.errors import NotFoundError
from core.settings import Settings
from maps import live_page, router
from store.connection import open_pool

Pages = Callable[[Dash, AppContext], None]

NO_PAGES_BELOW = ("/api/", "/audio/", "/maps/", "/vendor/", "/assets/", "/_dash", "/login/", "/live/")
"""What is not found here is an error; elsewhere the pages answer, and say themselves what is missing."""

LONGEST_QUESTION_S = 30
"""The eight connections are everybody's: who asks for years of everything is told to ask for less."""

_DESCRIPTION = """
Stations, observations, alarms, orders and devices of a flood-control command centre.

Sign in with `Authorization: Bearer TOKEN` (`anlan token create`), or with the session cookie of the pages.
Times are RFC 3339 in UTC, values in SI units, errors RFC 9457 problem documents. A role is held for an
area: things outside it are not found. `exercise` selects an exercise; without it everything is real.
"""


def build_app(settings: Settings, clock: Clock = system_clock, *, pages: Pages | None = None) -> FastAPI:
    """The app, ready to be served; it opens the database when it starts and closes it when it ends.

    `pages` gives the Dash app its layout and callbacks; those of `app.pages` if none is named. The
    layout is made once, when nobody is signed in: what depends on the person comes by callback.

    Raises ConfigurationError without a database address. The database itself may come later.
    """
    url = settings.need_database()
    pool = open_pool(url, name="anlan-web", size=8, longest_s=LONGEST_QUESTION_S)
    hub = Hub(url, pool, clock, settings.time_zone, settings.watch)
    open_pages = OpenPages(pool, clock, hub.dismiss)
    hub.on_users = open_pages.recheck
    backtests = BacktestRunner(settings, clock, pool)
    context = AppContext(settings, clock, pool, hub, backtests)

    @asynccontextmanager
    async def lifespan(_server: FastAPI) -> AsyncIterator[None]:
        await hub.start()
        backtests.start()
        try:
            yield
        finally:
            await asyncio.to_thread(backtests.stop)
            await hub.stop()
            pool.close(timeout=2)

    server = FastAPI(
        title="Anlan 安澜",
        version=_version(),
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    answer_problems(server)
    server.include_router(health_routes(context, open_pages))
    for routes in (login_routes, audio_routes, live_routes, api_routes):
        server.include_router(routes(context))
    _add_pages(server, context, pages)
    server.add_middleware(Door, settings=settings, pool=pool, clock=clock, open_pages=open_pages)
    server.state.context = context
    server.state.open_pages = open_pages
    return server


def _add_pages(server: FastAPI, context: AppContext, pages: Pages | None) -> None:
    async def page(request: Request) -> Response:
        if request.url.path.startswith(NO_PAGES_BELOW):
            raise NotFoundError(f"there is nothing at {request.url.path}")
        mark = set_current_request(request)  # type: ignore[no-untyped-call]
        try:
            html: str = dash_app.index()  # type: ignore[no-untyped-call]
        finally:
            reset_current_request(mark)  # type: ignore[no-untyped-call]
        return HTMLResponse(html, headers={"Content-Security-Policy": policy_for(html)})

    # Before Dash, whose own route for "/" would answer without the policy.
    server.add_api_route("/", page, include_in_schema=False)
    dash_app = Dash(
        "app",
        server=server,  # type: ignore[arg-type]
        assets_folder=str(Path(__file__).parent / "assets"),
        title="安澜",
        update_title=None,  # type: ignore[arg-type]
        serve_locally=True,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        websocket_inactivity_timeout=0,
        websocket_heartbeat_interval=10_000,
        websocket_max_workers=8,
    )
    if pages is None:
        from app.pages import register

        pages = register
    pages(dash_app, context)
    _add_maps(server)
    server.add_api_route("/{path:path}", page, include_in_schema=False)
    # Without this a page that was open before a restart is refused its callbacks until somebody
    # loads a page anew: Dash merges callbacks before the first HTTP request only.
    dash_app._setup_server()  # type: ignore[no-untyped-call]


def _add_maps(server: FastAPI) -> None:
    html = live_page()
    headers = {"Content-Security-Policy": policy_for(html), "Cache-Control": "no-cache"}

    async def live_map() -> Response:
        return HTMLResponse(html, headers=headers)

    # Before the map's own route, which does not know the policy of this server.
    server.add_api_route("/maps/live", live_map, include_in_schema=False)
    server.include_router(router())


def _version() -> str:
    try:
        return version("anlan")
    except PackageNotFoundError:
        return "0"
