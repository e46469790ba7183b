"""What the last readings of each series were: what a new one is judged against, without asking the store.

A series is remembered for `REMEMBERED_S` after it was looked up. It is looked up again when that time is
over, and when a reading does not follow directly: after a gap (another ingest may have stored what lies
between), before the newest one, or twice with another value. Two ingest processes that share a
subscription see every second reading of a series each: to both that is a gap, so both look, and what the
other has committed is there; what it has in hand is not, and then a rate is taken over two steps and a
spike may be missed. After a transaction that failed everything is forgotten.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from core.judgement_limits import JudgementLimit
from core.observations import Reading
from core.stations import SeriesKey, StationKind
from hydrology.judgement import Lag, SeriesLimits, Trail, limits_of
from store import judgement_limits, surroundings

REMEMBERED_S = 30.0
MOST_SERIES = 50_000
"""About 1 kB each; beyond, everything is forgotten and looked up again."""
_SIDES = {1: 2, 2: 1}
"""The other sensor of a station."""


@dataclass(slots=True)
class Followed:
    """A series that is followed; `until` is when it is looked up again, in monotonic seconds.

    `newest_s` is the newest reading that the store held: what is older came out of order.
    """

    trail: Trail
    until: float
    beside: int | None
    beside_last: tuple[float, float] | None
    newest_s: float


class Memory:
    """Of one writer; not for several threads."""

    def __init__(self) -> None:
        self.followed: dict[int, Followed] = {}
        self.lags: defaultdict[tuple[str, str | None], Lag] = defaultdict(Lag)
        self.wrong_clocks: set[tuple[str, str | None]] = set()
        self._limits: dict[int, SeriesLimits] = {}
        self._set: dict[tuple[str, str], list[JudgementLimit]] = {}
        self._looked = -REMEMBERED_S

    def forget(self) -> None:
        """Everything is looked up anew."""
        self.followed.clear()
        self._looked = -REMEMBERED_S

    def refresh(self, connection: Connection[Any], clock_limit_s: float) -> None:
        """Reads limits and clocks anew once they are older than `REMEMBERED_S`."""
        now = time.monotonic()
        if now - self._looked < REMEMBERED_S:
            return
        self._looked = now
        if len(self.followed) > MOST_SERIES or len(self._limits) > 2 * MOST_SERIES:
            self.followed.clear()
            self._limits.clear()
        self.wrong_clocks = surroundings.wrong_clocks(connection, clock_limit_s, datetime.now(UTC))
        standing: dict[tuple[str, str], list[JudgementLimit]] = defaultdict(list)
        for limit in judgement_limits.standing(connection):
            standing[limit.station, limit.property].append(limit)
        if standing != self._set:
            self._set = dict(standing)
            self._limits.clear()
            self.followed.clear()

    def limits(self, series: int, key: SeriesKey, kind: str | None = None) -> SeriesLimits:
        """The limits of a series; its station's kind is known once it was looked up."""
        found = self._limits.get(series)
        if found is None or kind is not None:
            rows = [
                row
                for row in self._set.get((key.station, key.property), ())
                if row.sensor in (None, key.sensor)
            ]
            known = StationKind(kind) if kind is not None else None
            found = self._limits[series] = limits_of(key.property, known, key.period_s, rows)
        return found

    def wanted(
        self, series: int, key: SeriesKey, first: Reading, last: Reading, count: int
    ) -> surroundings.Wanted:
        """What to look up of a series for so many new readings from `first` to `last`."""
        value = first.value
        limits = self.limits(series, key)
        longest = limits.stuck_s if limits.stuck_s < float("inf") else 0.0
        if value == 0 and limits.zero_s < float("inf"):
            longest = max(longest, limits.zero_s)
        beside = None
        if limits.neighbour_difference < float("inf"):
            beside = _neighbour(key, limits.neighbour)
        known = series in self.followed
        run_s = longest + 3600 if longest and value is not None and not known else None
        return surroundings.Wanted(series, first.time, last.time, value, count, run_s, beside)

    def follow(self, key: SeriesKey, around: surroundings.Surroundings, first: datetime) -> Followed:
        """A trail that has taken what the store holds before the first new reading."""
        trail = Trail(self.limits(around.series, key, around.kind))
        for held in around.held:
            if held.time < first:
                trail.recall(held.time, held.time.timestamp(), held.value, held.quality, held.reason)
        old = self.followed.get(around.series)
        if around.since is not None:
            trail.run_since = around.since.timestamp()
        elif old is not None and old.trail.value == trail.value and trail.is_all_the_same:
            trail.run_since = min(trail.run_since, old.trail.run_since)
        last = around.beside_last
        beside_last = None if last is None else (last[0].timestamp(), last[1])
        newest_s = around.held[-1].time.timestamp() if around.held else -math.inf
        found = Followed(trail, time.monotonic() + REMEMBERED_S, around.beside, beside_last, newest_s)
        self.followed[around.series] = found
        trail.watch(beside_last, power_low=around.power_low)
        return found


def _neighbour(key: SeriesKey, named: str | None) -> tuple[str, int] | None:
    if named is None:
        other = _SIDES.get(key.sensor)
        return (key.station, other) if other else None
    station, _, sensor = named.partition(":")
    return station, int(sensor or 1)
