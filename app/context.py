"""What pages and routes are given: settings, clock, database, hub, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool
from starlette.requests import HTTPConnection

from app.auth.identity import SignedIn, signed_in
from app.backtests import BacktestRunner
from app.live.hub import Hub
from app.live.scope import Scope
from app.live.stream import stream
from core.clock import Clock
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """One per web process.

    The pool is synchronous. Dash runs ordinary (`def`) HTTP callbacks on the event loop, where a
    query would hold up every page: write `async def` callbacks and `await asyncio.to_thread(...)`.
    """

    settings: Settings
    clock: Clock
    pool: ConnectionPool[Connection[tuple[Any, ...]]]
    hub: Hub
    backtests: BacktestRunner

    def person(self, connection: HTTPConnection | None = None) -> SignedIn:
        """Who asks. Works in routes, layouts and Dash callbacks (HTTP and WebSocket).

        A route may pass its request; a callback has none to pass. Raises SignInNeeded.
        """
        if connection is not None:
            known = connection.scope.get("state", {}).get("signed_in")
            if isinstance(known, SignedIn):
                return known
        return signed_in()

    @contextmanager
    def transaction(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """One transaction on a pooled connection: committed at the end, rolled back on an error."""
        with self.pool.connection() as connection, connection.transaction():
            yield connection

    async def stream(self, scope: Scope, set_push: Callable[[dict[str, Any]], None]) -> None:
        """Runs for as long as the page is open: hands every push to `set_push`.

        For the body of a persistent WebSocket callback:
        `await context.stream(Scope(), lambda push: set_props("live", {"data": push}))`.
        The scope is narrowed to the area of whoever opened the page.
        """
        person = signed_in()
        if person.area is not None:
            scope = replace(scope, area=person.area)
        await stream(self.hub, scope, person.session, set_push)
