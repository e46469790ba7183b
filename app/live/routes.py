"""What a page asks of its live stream outside the WebSocket."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

if TYPE_CHECKING:
    from app.context import AppContext


def live_routes(context: AppContext) -> APIRouter:
    """POST /live/{stream}/resync: the page saw a gap in the numbers and wants a whole snapshot."""
    router = APIRouter(include_in_schema=False)

    @router.post("/live/{stream}/resync")
    async def resync(request: Request, stream: str) -> Response:
        context.hub.resync(stream, context.person(request).session)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router
