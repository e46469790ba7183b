"""Serves the app with uvicorn: says where, beats, and ends within seconds although pages are open."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import structlog
import uvicorn
from fastapi import FastAPI
from psycopg import Error
from psycopg_pool import PoolTimeout

from app.context import AppContext
from app.server import build_app
from core.errors import UnavailableError
from core.settings import Settings
from store.heartbeats import beat
from store.sessions import forget_old

GRACE_S = 2
"""Requests that run when the server is told to end have this long; open pages are told to reconnect."""
BEAT_S = 10.0
_CLEAN_BEATS = 360

log = structlog.get_logger("anlan.web")


def serve(settings: Settings, host: str, port: int) -> int:
    """Runs until SIGTERM or SIGINT. Raises UnavailableError if the port is taken."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    listener = _listen(host, port)
    server = build_app(settings)
    context: AppContext = server.state.context
    config = uvicorn.Config(
        server,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ws_max_size=1_000_000,
        ws_ping_interval=10,
        ws_ping_timeout=20,
    )
    shown = f"[{host}]" if ":" in host else host
    print(f"http://{shown}:{listener.getsockname()[1]}", flush=True)
    asyncio.run(_run(_Server(config), listener, context, server))
    return 0


class _Server(uvicorn.Server):
    """Ends with exit code 0 when it is told to end; uvicorn's own would raise the signal once more."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT ask the server to end; a second one does not wait."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


async def _run(server: uvicorn.Server, listener: socket.socket, context: AppContext, app: FastAPI) -> None:
    beating = asyncio.create_task(_beat(context, app))
    try:
        await server.serve(sockets=[listener])
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(context: AppContext, app: FastAPI) -> None:
    """The role's sign of life; now and then what is long over is deleted."""
    instance = f"{socket.gethostname()}:{os.getpid()}"
    beats = 0

    def write() -> None:
        with context.transaction() as connection:
            detail = {
                "pages": context.hub.pages,
                "sockets": len(app.state.open_pages),
                "pushes": context.hub.pushes,
            }
            beat(connection, "web", instance, datetime.now(UTC), detail)
            if beats % _CLEAN_BEATS == 0:
                forget_old(connection, context.clock())

    while True:
        try:
            await asyncio.to_thread(write)
        except (Error, PoolTimeout) as error:
            log.warning("no sign of life written: the database is away", error=str(error).strip())
        beats += 1
        await asyncio.sleep(BEAT_S)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"{host}:{port} cannot be listened on ({error.strerror}). Choose another with --port or "
            "ANLAN_WEB__PORT; 0 takes a free one."
        ) from error
    listener.set_inheritable(True)
    return listener
