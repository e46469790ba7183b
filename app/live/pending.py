"""The merged map of what one browser has not been told yet: latest wins, memory is bounded.

A browser that is slow (or asleep) costs at most one entry per thing that exists, however long the
pause: what it missed in between is nothing it could still act on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Entry = dict[str, Any]
"""One thing as pages see it, plain JSON; prepared once per process, never changed afterwards."""

Delta = dict[str, dict[str, Entry | None]]
"""kind → key → entry, or None where the thing is gone."""


class Pending:
    """Collects deltas until they are taken."""

    def __init__(self) -> None:
        self._kinds: Delta = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def merge(self, delta: Mapping[str, Mapping[str, Entry | None]]) -> None:
        """Adds what changed; of two states of one thing the later stays."""
        for kind, entries in delta.items():
            self._kinds.setdefault(kind, {}).update(entries)

    def take(self) -> Delta:
        """All that is pending; afterwards nothing is."""
        taken, self._kinds = self._kinds, {}
        return taken


def difference(
    known: Mapping[str, Entry], found: Mapping[str, Entry], asked: set[str] | None
) -> dict[str, Entry | None]:
    """What changed between what was known and what a query found.

    `asked` are the keys that were asked for (None: all); an asked key that was known and is not found
    is gone.
    """
    changed: dict[str, Entry | None] = {key: entry for key, entry in found.items() if known.get(key) != entry}
    for key in known.keys() if asked is None else asked & known.keys():
        if key not in found:
            changed[key] = None
    return changed
