"""How much is kept of what comes by connections and belongs to no station: enough to see who it is.

Anybody in the network can reach the port. Without a bound anybody could fill the disk, and whoever tends the
quarantine would find nothing else in it.
"""

from __future__ import annotations

import time
from collections import Counter

import structlog

log = structlog.get_logger("anlan.ingest.sl651")

MOST_OF_ADDRESS = 200
MOST = 2_000
"""Messages of one address, and of all together, that are kept within an hour."""
_WINDOW_S = 3_600.0


class Strangers:
    """Counts of one writer; not for several threads."""

    def __init__(self) -> None:
        self._kept: Counter[str] = Counter()
        self._total = 0
        self._until = 0.0
        self._told: set[str] = set()

    def may_keep(self, address: str) -> bool:
        """Whether one more message of nobody known from this address is kept; said once an hour if not."""
        now = time.monotonic()
        if now >= self._until:
            self._kept.clear()
            self._told.clear()
            self._total, self._until = 0, now + _WINDOW_S
        full = "" if self._total >= MOST else address if self._kept[address] >= MOST_OF_ADDRESS else None
        if full is None:
            self._kept[address] += 1
            self._total += 1
            return True
        if full not in self._told:
            self._told.add(full)
            log.warning("no more of what strangers say is kept for now", address=full or "any")
        return False
