"""The one persistent callback of a page: live pushes of the hub, and the county's situation beside them."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from dash import Dash, ctx, set_props
from psycopg import Error
from psycopg_pool import PoolTimeout

from app.context import AppContext
from app.live.scope import Scope
from app.pages.entrance import entrance, exercise_of
from core.errors import NotFoundError
from store.situation import Situation, situation

SITUATION_S = 10.0
"""Sums over the last hours change slowly; one reading in this time serves every page of the process."""

log = structlog.get_logger("anlan.web.pages")


class Situations:
    """Reads a situation at most once per `SITUATION_S`, however many pages ask for it."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._found: dict[tuple[str | None, str | None], tuple[float, dict[str, Any]]] = {}
        self._locks: dict[tuple[str | None, str | None], asyncio.Lock] = {}

    async def now(self, exercise: str | None, area: str | None) -> dict[str, Any]:
        """The situation as plain JSON, not older than `SITUATION_S`."""
        key = (exercise, area)
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._found.get(key)
            if known is not None and time.monotonic() - known[0] < SITUATION_S * 0.9:
                return known[1]
            found = as_json(await asyncio.to_thread(self._read, exercise, area))
            self._found[key] = (time.monotonic(), found)
            return found

    def _read(self, exercise: str | None, area: str | None) -> Situation:
        with self._context.transaction() as connection:
            zone = ZoneInfo(self._context.settings.time_zone)
            return situation(connection, exercise, area, self._context.clock(), zone)


def as_json(found: Situation) -> dict[str, Any]:
    """The situation as the scripts take it."""
    plain = asdict(found)
    for row in plain["rain"]:
        row["as_of"] = row["as_of"].isoformat()
    for row in plain["area_rain"]:
        row["time"] = row["time"].isoformat()
    return plain | {"at": found.at.isoformat()}


def register(dash_app: Dash, context: AppContext) -> None:
    """The persistent callback. It has no input, so the browser starts it anew after every reconnect."""
    situations = Situations(context)

    @dash_app.callback(websocket=True, persistent=True)  # type: ignore[untyped-decorator,unused-ignore]
    async def feed() -> None:
        websocket = ctx.websocket
        path = await websocket.get_prop("address", "pathname") or "/"
        search = await websocket.get_prop("address", "search") or ""
        found = entrance(path)
        if found is None:
            set_props("live", {"data": {"kind": "refused"}})
            return
        exercise = exercise_of(search)
        if found.order is not None and exercise is None:
            exercise = await asyncio.to_thread(_exercise_of, context, found.order)
        beside = None
        if found.name in ("wall", "desk"):
            beside = asyncio.create_task(_situations(situations, exercise, context.person().area))
        try:
            await context.stream(
                Scope(exercise=exercise, order=found.order), lambda push: set_props("live", {"data": push})
            )
        except NotFoundError:
            set_props("live", {"data": {"kind": "refused"}})
        finally:
            if beside is not None:
                beside.cancel()
                with suppress(asyncio.CancelledError):
                    await beside


async def _situations(situations: Situations, exercise: str | None, area: str | None) -> None:
    while True:
        try:
            set_props("situation", {"data": await situations.now(exercise, area)})
        except (Error, PoolTimeout, OSError) as error:
            log.warning("situation not read", error=str(error))
        await asyncio.sleep(SITUATION_S)


def _exercise_of(context: AppContext, order: int) -> str | None:
    with context.transaction() as connection:
        found = connection.execute("select exercise from orders where id = %s", (order,)).fetchone()
    return found[0] if found else None
