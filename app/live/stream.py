"""Carries a subscription's pushes to one page of Dash, no faster than the browser takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dash import ctx

from app.live.hub import Hub
from app.live.scope import Scope

_LOOK_AGAIN_S = 0.05


async def stream(
    hub: Hub, scope: Scope, session: str | None, set_push: Callable[[dict[str, Any]], None]
) -> None:
    """Hands pushes to `set_push` until the page is closed or its person is signed out.

    Dash queues what a callback sends without bound. So the next push is taken from the hub only when
    the queue is empty: a slow browser then gets one merged push instead of a backlog.
    """
    async with hub.subscribe(scope, session=session) as pushes:
        async for push in pushes:
            set_push(push)
            while _unsent():
                await asyncio.sleep(_LOOK_AGAIN_S)


def _unsent() -> int:
    websocket = ctx.websocket
    if websocket is None or websocket.is_shutdown:
        return 0
    queue = websocket._get_outbound_queue()
    return 0 if queue is None or queue.closed else int(queue.async_q.qsize())
