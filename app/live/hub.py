"""The hub: hears what changed, reads it once per process, and tells every open page its part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import structlog
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool, PoolTimeout

from app.live.listener import Changes, listening
from app.live.pending import Delta, Entry
from app.live.pulse import Pulse
from app.live.scope import Scope
from app.live.subscription import Subscription
from app.live.world import World, visible
from core import notices
from core.clock import Clock
from core.errors import NotFoundError
from core.settings import Watch
from store import live

BEAT_S = 5.0
"""A page that hears nothing for longer than this knows that it has lost the server."""
_REFRESH_BEATS = 3
"""Every so many beats, what ages by itself (cameras, ended orders, warnings) is read anew."""
_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)

T = TypeVar("T")
Areas = frozenset[str] | None

log = structlog.get_logger("anlan.web.hub")


class Hub:
    """One per process. All methods belong to the event loop on which `start` was awaited."""

    def __init__(
        self,
        url: str,
        pool: ConnectionPool[Connection[tuple[Any, ...]]],
        clock: Clock,
        zone: str,
        watch: Watch | None = None,
    ) -> None:
        self._url = url
        self._zone = zone
        self._pool = pool
        self._clock = clock
        self.pulse = Pulse(watch or Watch())
        """How the centre itself is; the same for all worlds."""
        self._worlds: dict[str | None, World] = {}
        self._subscriptions: set[Subscription] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._reading = asyncio.Lock()
        self.on_users: Callable[[], Awaitable[None]] | None = None
        """Called when users, sessions or tokens changed, and on every beat (sessions also expire)."""
        self.connected = False
        self._pushes_of_closed = 0
        self.reads = 0
        self.read_s = 0.0
        self.lag_s = 0.0

    @property
    def pages(self) -> int:
        """Number of open pages that are fed."""
        return len(self._subscriptions)

    @property
    def pushes(self) -> int:
        """Pushes since the process started."""
        return self._pushes_of_closed + sum(subscription.count for subscription in self._subscriptions)

    async def start(self) -> None:
        """Begins to listen; does not wait for the database, which may come later."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="anlan-hub-listen"),
            asyncio.create_task(self._beat(), name="anlan-hub-beat"),
        ]

    async def stop(self) -> None:
        """Ends the hub's tasks; open pages reconnect to the next process."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    @asynccontextmanager
    async def subscribe(self, scope: Scope, *, session: str | None = None) -> AsyncIterator[Subscription]:
        """Pushes for one open page; waits for the database if it is away.

        Raises NotFoundError for an order that is not in this exercise or not in these areas.
        """
        while True:
            try:
                subscription, world = await self._enter(scope, session)
                break
            except (Error, PoolTimeout, OSError):
                await asyncio.sleep(1)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            self._pushes_of_closed += subscription.count
            if scope.order is not None:
                world.unwatch(scope.order)
            if not any(other.scope.exercise == scope.exercise for other in self._subscriptions):
                self._worlds.pop(scope.exercise, None)

    def resync(self, stream: str, session: str | None) -> None:
        """Sends a page that missed a push a whole snapshot. Raises NotFoundError for another's stream."""
        for subscription in self._subscriptions:
            if subscription.name == stream and subscription.session == session:
                subscription.resync()
                return
        raise NotFoundError("this page's stream is no longer open: reload the page")

    def dismiss(self, sessions: set[str]) -> None:
        """Tells the pages of ended sessions that nobody is signed in there any more."""
        for subscription in self._subscriptions:
            if subscription.session in sessions:
                subscription.dismiss()

    async def _enter(self, scope: Scope, session: str | None) -> tuple[Subscription, World]:
        async with self._reading:
            world = self._worlds.get(scope.exercise) or World(scope.exercise, self._zone)
            is_new = scope.exercise not in self._worlds
            area, order = scope.area, scope.order
            areas: Areas = None
            if area is not None:
                areas = await self._in_thread(lambda connection: live.areas_within(connection, area))
            if is_new:
                await self._renew(world, None)
            if order is not None:
                await self._enter_order(world, order, areas)
            self._worlds[scope.exercise] = world

            def snapshot() -> dict[str, Any]:
                whole = world.snapshot(areas, order)
                return whole | {"health": self._completed(whole["health"])}

            subscription = Subscription(scope, areas, session, self._clock, snapshot)
            self._subscriptions.add(subscription)
            return subscription, world

    async def _enter_order(self, world: World, order: int, areas: Areas) -> None:
        found = await self._in_thread(
            lambda connection: live.orders(connection, world.exercise, {str(order)}, {order})
        )
        entry = found.get(str(order))
        if entry is None or (areas is not None and entry["area"] not in areas):
            raise NotFoundError(f"there is no order {order} here")
        world.accept({"orders": dict(found)})
        world.accept_details(
            order, await self._in_thread(lambda connection: world.read_details(connection, order))
        )
        world.watch(order)

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async with listening(self._url) as listener:
                    await self._in_thread(self.pulse.read)
                    await self._reload()
                    self.connected, failures = True, 0
                    while True:
                        await self._changed(await listener.batch())
            except (Error, PoolTimeout, OSError) as error:
                if self.connected or not failures:
                    log.warning("the database is away; pages show what they have", error=str(error).strip())
                self.connected = False
                self._tell_health()
                await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
                failures += 1

    async def _reload(self) -> None:
        """After LISTEN was lost, nobody knows what was missed: everything is read, everybody told."""
        async with self._reading:
            for world in tuple(self._worlds.values()):
                await self._renew(world, None)
                for order in tuple(world.watched):
                    await self._renew_details(world, order)
            for subscription in self._subscriptions:
                subscription.resync()

    async def _changed(self, changes: Changes) -> None:
        heard = time.monotonic()
        if notices.USER in changes and self.on_users is not None:
            await self.on_users()
        async with self._reading:
            for world in tuple(self._worlds.values()):
                self._tell(world, await self._renew(world, changes))
                for key in changes.get(notices.ORDER, set()):
                    if key.isdigit() and int(key) in world.watched:
                        delta = await self._renew_details(world, int(key))
                        self._tell(world, delta, order=int(key))
        self.lag_s = time.monotonic() - heard

    async def _beat(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(BEAT_S)
            beats += 1
            try:
                if self.on_users is not None:
                    await self.on_users()
                async with self._reading:
                    await self._in_thread(self.pulse.read)
                    for world in tuple(self._worlds.values()):
                        world.health = await self._health(world)
                        if beats % _REFRESH_BEATS == 0:
                            self._tell(world, await self._reread(world))
            except (Error, PoolTimeout, OSError):
                self.connected = False
            self._tell_health()

    async def _reread(self, world: World) -> Delta:
        delta = await self._in_thread(
            lambda connection: world.reread(connection, "cameras", "orders", "warnings")
        )
        world.accept(delta)
        return delta

    async def _renew(self, world: World, changes: Changes | None) -> Delta:
        delta = await self._in_thread(lambda connection: world.read(connection, changes))
        world.accept(delta)
        if changes is None:
            world.health = await self._health(world)
        return delta

    async def _renew_details(self, world: World, order: int) -> Delta:
        delta = await self._in_thread(lambda connection: world.read_details(connection, order))
        world.accept_details(order, delta)
        return delta

    async def _health(self, world: World) -> dict[str, Any]:
        return await self._in_thread(lambda connection: live.health(connection, world.exercise))

    def _tell(self, world: World, delta: Delta, *, order: int | None = None) -> None:
        if not delta:
            return
        by_areas: dict[Areas, Delta] = {}
        for subscription in self._subscriptions:
            if subscription.scope.exercise != world.exercise:
                continue
            if order is not None:
                if subscription.scope.order == order:
                    subscription.tell(delta)
                continue
            areas = subscription.areas
            if areas not in by_areas:
                by_areas[areas] = visible(delta, areas)
            subscription.tell(by_areas[areas])

    def _tell_health(self) -> None:
        for subscription in self._subscriptions:
            world = self._worlds.get(subscription.scope.exercise)
            subscription.beat(self._completed(world.health if world is not None else {}))

    def _completed(self, health: Entry) -> Entry:
        return health | {"database": "ok" if self.connected else "lost", "watch": self.pulse.entry()}

    async def _in_thread(self, read: Callable[[Connection[Any]], T]) -> T:
        def run() -> T:
            with self._pool.connection() as connection:
                return read(connection)

        began = time.monotonic()
        try:
            return await asyncio.to_thread(run)
        finally:
            self.reads += 1
            self.read_s += time.monotonic() - began
