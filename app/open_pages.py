"""WebSockets of open pages by session, so that a page closes when its session ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.clock import Clock
from store import sessions

SIGNED_OUT = 4001
"""Close code on which Dash's page does not try again."""
_FAREWELL_S = 0.3
"""Time for the last push (`signed_out`) to leave before the socket is closed."""


class OpenPages:
    """Sockets that are open now, by session (hex of its hash)."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[tuple[Any, ...]]],
        clock: Clock,
        say_farewell: Callable[[set[str]], None],
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._say_farewell = say_farewell
        self._sockets: dict[str, set[asyncio.Event]] = {}

    def __len__(self) -> int:
        return sum(len(sockets) for sockets in self._sockets.values())

    async def carry(self, session: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the app on one socket until the page or the session ends."""
        over = asyncio.Event()
        self._sockets.setdefault(session, set()).add(over)
        try:
            await app(scope, _until(over, receive, send), _unless(over, send))
        finally:
            sockets = self._sockets[session]
            sockets.discard(over)
            if not sockets:
                del self._sockets[session]

    async def recheck(self) -> None:
        """Closes the pages of sessions that ended: signed out, expired, user disabled, token revoked."""
        known = list(self._sockets)
        if not known:
            return
        living = await asyncio.to_thread(self._living, known)
        ended = set(known) - living
        if not ended:
            return
        self._say_farewell(ended)
        await asyncio.sleep(_FAREWELL_S)
        for session in ended:
            for over in self._sockets.get(session, ()):
                over.set()

    def _living(self, known: list[str]) -> set[str]:
        with self._pool.connection() as connection:
            found = sessions.living(connection, [bytes.fromhex(one) for one in known], self._clock())
        return {one.hex() for one in found}


def _until(over: asyncio.Event, receive: Receive, send: Send) -> Receive:
    """Receives for the app; when the session is over, closes the socket and tells the app it is gone."""

    async def until() -> Message:
        message = asyncio.ensure_future(receive())
        end = asyncio.create_task(over.wait())
        try:
            await asyncio.wait({message, end}, return_when=asyncio.FIRST_COMPLETED)
            if not end.done():
                return message.result()
        finally:
            end.cancel()
            if not message.done():
                message.cancel()
        await send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"})
        return {"type": "websocket.disconnect", "code": SIGNED_OUT, "reason": "signed out"}

    return until


def _unless(over: asyncio.Event, send: Send) -> Send:
    async def unless(message: Message) -> None:
        if not over.is_set():
            await send(message)

    return unless
