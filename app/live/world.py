"""What is known of the real world or of one exercise: the cache from which snapshots are made.

Reading (in a thread) and accepting (on the event loop) are two steps, so that a snapshot never sees a
cache that is being changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from app.live.pending import Delta, Entry, difference
from core import notices
from store import live

BOUND_TO_AREA = frozenset(
    {"stations", "latest", "alarms", "floods", "orders", "devices", "cameras", "requests"}
)
"""Kinds whose entries carry the area that decides who sees them."""

_ANNOUNCED = {
    notices.LATEST: "latest",
    notices.ALARM: "alarms",
    notices.FLOOD: "floods",
    notices.ORDER: "orders",
    notices.DEVICE: "devices",
    notices.CAMERA: "cameras",
    notices.TYPHOON: "typhoons",
    notices.WARNING: "warnings",
    notices.WEATHER_IMAGE: "images",
    notices.RESPONSE: "response",
    notices.EXERCISE: "exercises",
    notices.STATION: "stations",
    notices.REQUEST: "requests",
}
KINDS = tuple(_ANNOUNCED.values())
_WHOLE = frozenset({"warnings", "images"})
"""Kinds whose readers give all entries whatever was announced: a new message may end another."""


class World:
    """Entries by kind and key, and the details of orders that somebody looks at."""

    def __init__(self, exercise: str | None, zone: str) -> None:
        self.exercise = exercise
        self.zone = zone
        self.entries: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
        self.details: dict[int, dict[str, dict[str, Entry]]] = {}
        self.health: Entry = {}
        self.watched: Counter[int] = Counter()

    def read(self, connection: Connection[Any], changes: Mapping[str, set[str]] | None) -> Delta:
        """Reads what was announced (notice kind → keys), or everything; returns what differs."""
        if changes is None:
            return self.reread(connection, *KINDS)
        delta: Delta = {}
        for announced, keys in changes.items():
            if kind := _ANNOUNCED.get(announced):
                self._difference(connection, kind, None if kind in _WHOLE else keys, delta)
        if moved := changes.get(notices.STATION):
            for kind in ("latest", "alarms"):
                of_them = {key for key, entry in self.entries[kind].items() if entry["station"] in moved}
                self._difference(connection, kind, of_them, delta)
        return delta

    def reread(self, connection: Connection[Any], *kinds: str) -> Delta:
        """Reads whole kinds; returns what differs."""
        delta: Delta = {}
        for kind in kinds:
            self._difference(connection, kind, None, delta)
        return delta

    def read_details(self, connection: Connection[Any], order: int) -> Delta:
        """Reads deliveries and events of one order; returns what differs."""
        known = self.details.get(order, {})
        found = {
            "deliveries": live.deliveries(connection, order),
            "events": live.order_events(connection, order),
        }
        delta = {kind: difference(known.get(kind, {}), entries, None) for kind, entries in found.items()}
        return {kind: entries for kind, entries in delta.items() if entries}

    def accept(self, delta: Mapping[str, Mapping[str, Entry | None]]) -> None:
        """Takes what was read into the cache."""
        for kind, entries in delta.items():
            _accept(self.entries[kind], entries)

    def accept_details(self, order: int, delta: Mapping[str, Mapping[str, Entry | None]]) -> None:
        """Takes an order's details into the cache."""
        known = self.details.setdefault(order, {"deliveries": {}, "events": {}})
        for kind, entries in delta.items():
            _accept(known[kind], entries)

    def watch(self, order: int) -> None:
        """Somebody looks at this order."""
        self.watched[order] += 1

    def unwatch(self, order: int) -> None:
        """One who looked at this order has gone; the last one takes its details along."""
        self.watched[order] -= 1
        if self.watched[order] <= 0:
            del self.watched[order]
            self.details.pop(order, None)

    def snapshot(self, areas: frozenset[str] | None, order: int | None) -> dict[str, Any]:
        """Everything that one may see whose role is held for these areas (None: all)."""
        whole: dict[str, Any] = {kind: _visible(kind, found, areas) for kind, found in self.entries.items()}
        if order is not None:
            whole |= {kind: dict(found) for kind, found in self.details.get(order, {}).items()}
        return whole | {"health": self.health}

    def _difference(
        self, connection: Connection[Any], kind: str, keys: set[str] | None, delta: Delta
    ) -> None:
        if keys is not None and not keys:
            return
        if kind == "orders":
            found = live.orders(connection, self.exercise, keys, set(self.watched))
        else:
            found = live.READERS[kind](connection, self.exercise, keys, self.zone)
        if changed := difference(self.entries[kind], found, keys):
            delta.setdefault(kind, {}).update(changed)


def visible(delta: Mapping[str, Mapping[str, Entry | None]], areas: frozenset[str] | None) -> Delta:
    """The part of a delta that one whose role is held for these areas may see (None: all)."""
    seen = {kind: _visible(kind, entries, areas) for kind, entries in delta.items()}
    return {kind: entries for kind, entries in seen.items() if entries}


def _visible(
    kind: str, entries: Mapping[str, Entry | None], areas: frozenset[str] | None
) -> dict[str, Entry | None]:
    if areas is None or kind not in BOUND_TO_AREA:
        return dict(entries)
    return {key: entry for key, entry in entries.items() if entry is None or entry["area"] in areas}


def _accept(known: dict[str, Entry], entries: Mapping[str, Entry | None]) -> None:
    for key, entry in entries.items():
        if entry is None:
            known.pop(key, None)
        else:
            known[key] = entry
