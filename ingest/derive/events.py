"""Rain events of gauges, found anew around what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from hydrology.base_rain import BaseRain
from hydrology.hydrological_day import DAY_S
from hydrology.rain_events import rain_events
from ingest.derive.gauges import Gauge, Wanted, load
from ingest.derive.sums import Summed
from store import rain_events as store
from store.rain_events import Event

_FARTHEST_S = 90 * 86_400
"""It does not rain without a break for longer; a gauge that says so must not hold up the others."""
_STRIDE_S = 2 * 86_400


@dataclass(slots=True, eq=False)
class _Search:
    """The stretch of one gauge in which events are found anew, and the base rain that is known (from, to]."""

    gauge: Gauge
    first: float
    last: float
    farthest: tuple[float, float]
    base: BaseRain
    known: tuple[float, float]
    old: list[Event]

    @property
    def wanted(self) -> store.Wanted:
        return self.gauge.station, self.gauge.exercise, _time(self.first), _time(self.last)

    def widen(self, dry_s: int) -> bool:
        """Takes in whole old events, and rain at its edges; False when it begins and ends dry."""
        first = min([self.first, *(one.starts.timestamp() - 2 * dry_s for one in self.old)])
        last = max([self.last, *(one.ends.timestamp() + 2 * dry_s for one in self.old)])
        if first > self.farthest[0] and _wet(self.base, first, first + 2 * dry_s):
            first -= 4 * dry_s
        if last < self.farthest[1] and _wet(self.base, last - 2 * dry_s, last):
            last += 4 * dry_s
        wider = (first, last) != (self.first, self.last)
        self.first, self.last = first, last
        return wider

    @property
    def unread(self) -> bool:
        return self.first < self.known[0] or self.last > self.known[1]


def compute(connection: Connection[Any], summed: Sequence[Summed], dry_s: int) -> None:
    """Replaces the events that readings of these stretches have a part in.

    All gauges together, so that the number of queries does not grow with them.
    """
    searches = [_search(one, dry_s) for one in summed]
    for one, old in zip(
        searches, store.overlapping(connection, [each.wanted for each in searches]), strict=True
    ):
        one.old = old
    open_ = [one for one in searches if one.old or _wet(one.base, one.first, one.last)]
    done: list[_Search] = []
    while open_:
        done += [one for one in open_ if not one.widen(dry_s)]
        open_ = [one for one in open_ if one not in done]
        _read(connection, [one for one in open_ if one.unread])
        found = store.overlapping(connection, [one.wanted for one in open_])
        for one, old in zip(open_, found, strict=True):
            one.old = old
    store.replace(
        connection,
        [event for one in done for event in one.old],
        [event for one in done for event in _events(one, dry_s)],
    )


def _search(one: Summed, dry_s: int) -> _Search:
    """The stretch with the dry spells around it, in which it may join or part events."""
    pieces, outputs = one.stretch.pieces, one.stretch.outputs
    first, last = pieces[0] - 2 * dry_s, pieces[1] + 2 * dry_s
    farthest = (first - _FARTHEST_S, last + _FARTHEST_S)
    return _Search(
        one.stretch.gauge, first, last, farthest, one.loaded.base, (outputs[0] - DAY_S, outputs[1]), []
    )


def _read(connection: Connection[Any], searches: Sequence[_Search]) -> None:
    """Reads on in strides: an event of days is reached in a few of them."""
    wanted = [Wanted(one.gauge, one.first - _STRIDE_S, one.last + _STRIDE_S) for one in searches]
    for one, stretch, loaded in zip(searches, wanted, load(connection, wanted), strict=True):
        one.base, one.known = loaded.base, (stretch.from_s, stretch.to_s)


def _wet(base: BaseRain, first: float, last: float) -> bool:
    wet = base.labels[(base.millimetres + base.suspect) > 0]
    return bool(((wet > first) & (wet <= last)).any())


def _events(one: _Search, dry_s: int) -> list[Event]:
    base, gauge = one.base, one.gauge
    inside = (base.labels > one.first) & (base.labels <= one.last)
    cut = BaseRain(
        base.labels[inside], base.spans[inside], base.seconds[inside], base.millimetres[inside],
        base.suspect[inside], base.outputs, base.output_spans,
    )  # fmt: skip
    return [
        Event(
            gauge.station, gauge.exercise, _time(found.start_s), _time(found.end_s), found.total,
            found.peak_1h, _time(found.peak_s), found.suspect, found.coverage,
        )
        for found in rain_events(cut, dry_s)
    ]  # fmt: skip


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
