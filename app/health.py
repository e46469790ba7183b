"""/healthz (does the process live), /readyz (can it serve), /metrics (figures for Prometheus)."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from psycopg import Error
from psycopg_pool import PoolTimeout
from starlette.responses import JSONResponse, Response

from app.auth.addresses import is_local
from app.auth.identity import SignInNeeded, present
from app.metrics import Figures
from app.open_pages import OpenPages
from core.errors import AnlanError
from store.migrate import pending

if TYPE_CHECKING:
    from app.context import AppContext


def health_routes(context: AppContext, open_pages: OpenPages) -> APIRouter:
    """The three; /readyz and /metrics for this machine, a metrics token, or whoever is signed in."""
    router = APIRouter(include_in_schema=False)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(context, open_pages))

    def allow(request: Request) -> None:
        web = context.settings.web
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        token = web.metrics_token.get_secret_value().encode() if web.metrics_token else b""
        if token and hmac.compare_digest(given, token):
            return
        if present.get() is None and not is_local(request, web.trusted_proxies):
            raise SignInNeeded("ask from the machine itself, or with the token of web.metrics_token")

    @router.get("/healthz")
    async def healthz() -> Response:
        return JSONResponse({"status": "ok", "watch": context.hub.pulse.states()})

    @router.get("/readyz")
    def readyz(request: Request) -> Response:
        allow(request)
        problems = []
        try:
            with context.pool.connection(timeout=3) as connection:
                connection.execute("select 1")
            missing = pending(context.settings.need_database())
            if missing:
                problems.append(f"{len(missing)} migrations are missing: run ./anlan migrate")
        except (Error, PoolTimeout, AnlanError) as error:
            problems.append(f"the database does not answer: {str(error).strip()}")
        if not context.hub.connected:
            problems.append("the hub does not hear the database yet")
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        return JSONResponse({"ready": not problems, "problems": problems}, status_code=status)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        allow(request)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
