"""How often a series is heard: what its own receipts say, beside the period that somebody set.

A station that measures every five minutes and sends once an hour is not silent for fifty minutes of each hour:
liveness goes by receive time. So does what is usual for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Any

from psycopg import Connection

from store.liveness import receipts

BURST_S = 60.0
"""What comes within a minute came at once: a backlog, or an hour's values in several messages."""
AT_ONCE = 500
"""So many series are learnt of at a look, a hundred readings of each: when a whole county falls silent the water must
not wait for all of them."""
_KEPT = 100_000


def usual_gap_s(received: Sequence[float]) -> float | None:
    """The middle one of the gaps between receipts (ascending epoch seconds); None before there are two gaps.

    The middle, not the mean: an outage that is over is one long gap among many usual ones.
    """
    moments: list[float] = []
    for moment in received:
        if not moments or moment - moments[-1] >= BURST_S:
            moments.append(moment)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return median_low(gaps) if len(gaps) > 1 else None


class Habits:
    """Remembers what was learnt of a series until it is heard again; forgets nothing that cannot be learnt anew."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime, float]] = {}

    def every_s(
        self,
        connection: Connection[Any],
        heard: Iterable[tuple[int, datetime, int]],
        now: datetime,
        learn: timedelta,
    ) -> dict[int, float]:
        """Seconds between two receipts of each series (id, last heard, set period), never below that period.

        Of those that are missing nothing is known yet: the next look learns of them.
        """
        wanted = list(heard)
        if len(self._known) > _KEPT:
            asked = {series for series, _, _ in wanted}
            self._known = {series: known for series, known in self._known.items() if series in asked}
        new = [(series, at) for series, at, _ in wanted if self._known.get(series, (None,))[0] != at][
            :AT_ONCE
        ]
        learnt = receipts(connection, [series for series, _ in new], now, learn)
        for series, at in new:
            self._known[series] = (at, usual_gap_s(learnt.get(series, ())) or 0.0)
        return {
            series: max(float(period_s), self._known[series][1])
            for series, at, period_s in wanted
            if series in self._known and self._known[series][0] == at
        }
