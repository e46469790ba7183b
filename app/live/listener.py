"""Hears what the database announces: one connection of its own, batches of kind → keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import Error

from core.notices import CHANGES
from store.connection import OPTIONS

COALESCE_S = 0.03
"""After the first announcement wait this long for its companions: one query instead of many."""

Changes = dict[str, set[str]]


class Listener:
    """Announcements since the last call of `batch`, merged. A lost connection raises OperationalError."""

    def __init__(self, connection: AsyncConnection[object]) -> None:
        self._connection = connection
        self._changes: Changes = {}
        self._heard = asyncio.Event()
        self._reader = asyncio.create_task(self._read(), name="anlan-listen")

    async def batch(self) -> Changes:
        """Waits for an announcement and returns it with all that came along."""
        while not self._changes:
            if self._reader.done():
                self._reader.result()
                raise OperationalError("the database closed the connection that listens")
            waiting = asyncio.create_task(self._heard.wait())
            try:
                await asyncio.wait({waiting, self._reader}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
            self._heard.clear()
        await asyncio.sleep(COALESCE_S)
        changes, self._changes = self._changes, {}
        return changes

    async def _read(self) -> None:
        async for notice in self._connection.notifies():
            try:
                parsed = json.loads(notice.payload)
                kind, keys = str(parsed["kind"]), {str(key) for key in parsed["keys"]}
            except (ValueError, KeyError, TypeError):
                continue
            self._changes.setdefault(kind, set()).update(keys)
            self._heard.set()

    async def close(self) -> None:
        self._reader.cancel()
        with suppress(asyncio.CancelledError, Error):
            await self._reader


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listener]:
    """Opens the connection and listens. Raises OperationalError where the database does not answer."""
    connection = await AsyncConnection.connect(
        url, application_name="anlan-web-listen", autocommit=True, **OPTIONS
    )
    try:
        await connection.execute(f"listen {CHANGES}")
        listener = Listener(connection)
        try:
            yield listener
        finally:
            await listener.close()
    finally:
        await connection.close()
