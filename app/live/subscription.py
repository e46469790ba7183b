"""One open page's place in the hub: what it has not been told yet, and its numbered pushes."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.live.pending import Entry, Pending
from app.live.scope import Scope
from core.clock import Clock

INTERVAL_S = 0.2
"""A page gets at most five pushes a second: more cannot be read, and costs the browser its main thread."""


class Subscription:
    """Iterates over pushes: `{"stream", "n", "at", "kind": snapshot|delta|signed_out, KIND: {key: entry}}`.

    `n` rises by one. The first push is a snapshot, and so is the one after a resync; in a delta a key
    whose entry is null is gone. `health` is always whole. `stream` names this subscription to
    `POST /live/{stream}/resync`.
    """

    def __init__(
        self,
        scope: Scope,
        areas: frozenset[str] | None,
        session: str | None,
        clock: Clock,
        snapshot: Callable[[], dict[str, Any]],
    ) -> None:
        self.scope = scope
        self.areas = areas
        self.session = session
        self.name = secrets.token_urlsafe(12)
        self.count = 0
        self._clock = clock
        self._snapshot = snapshot
        self._pending = Pending()
        self._health: Entry | None = None
        self._snapshot_due = True
        self._dismissed = False
        self._ended = False
        self._last = -INTERVAL_S
        self._wake = asyncio.Event()
        self._wake.set()

    def tell(self, delta: Mapping[str, Mapping[str, Entry | None]]) -> None:
        """Merges what changed; the page is told as soon as its pace allows."""
        if delta and not self._snapshot_due:
            self._pending.merge(delta)
            self._wake.set()

    def beat(self, health: Entry) -> None:
        """Lets the next push go out even if nothing else changed: so the page knows the server lives."""
        self._health = health
        self._wake.set()

    def resync(self) -> None:
        """The next push is a whole snapshot; what was pending is part of it."""
        self._pending.take()
        self._snapshot_due = True
        self._wake.set()

    def dismiss(self) -> None:
        """The next push says `signed_out` and is the last."""
        self._dismissed = True
        self._wake.set()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> dict[str, Any]:
        if self._ended:
            raise StopAsyncIteration
        await self._wake.wait()
        rest = self._last + INTERVAL_S - time.monotonic()
        if rest > 0 and not self._dismissed:
            await asyncio.sleep(rest)
        self._wake.clear()
        self._last = time.monotonic()
        self.count += 1
        push: dict[str, Any] = {"stream": self.name, "n": self.count, "at": self._clock().isoformat()}
        if self._dismissed:
            self._ended = True
            return push | {"kind": "signed_out"}
        if self._snapshot_due:
            self._snapshot_due = False
            push |= {"kind": "snapshot"} | self._snapshot()
        else:
            push |= {"kind": "delta"} | self._pending.take()
        if self._health is not None:
            push["health"], self._health = self._health, None
        return push
