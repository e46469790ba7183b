"""Rain events of gauges, found anew around what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from hydrology.base_rain import BaseRain
from hydrology.rain_events import rain_events
from ingest.derive.gauges import Gauge, Wanted, load
from ingest.derive.sums import Summed
from store import rain_events as store

_FARTHEST_S = 90 * 86_400
"""It does not rain without a break for longer; a gauge that says so must not hold up the others."""


def compute(connection: Connection[Any], summed: Sequence[Summed], dry_s: int) -> None:
    """Replaces the events that readings of these stretches have a part in.

    Most stretches are dry and have no event: one query tells which.
    """
    around = [_around(one, dry_s) for one in summed]
    known = store.touched(
        connection,
        [
            (one.stretch.gauge.station, one.stretch.gauge.exercise, _time(first), _time(last))
            for one, (first, last) in zip(summed, around, strict=True)
        ],
    )
    for place, (one, (first, last)) in enumerate(zip(summed, around, strict=True)):
        if place in known or _wet(one.loaded.base, first, last):
            _replace(connection, one.stretch.gauge, first, last, dry_s)


def _around(one: Summed, dry_s: int) -> tuple[float, float]:
    """The stretch with the dry spells around it, in which it may join or part events."""
    first, last = one.stretch.pieces
    return first - 2 * dry_s, last + 2 * dry_s


def _wet(base: BaseRain, first: float, last: float) -> bool:
    wet = base.labels[(base.millimetres + base.suspect) > 0]
    return bool(((wet > first) & (wet <= last)).any())


def _replace(connection: Connection[Any], gauge: Gauge, first: float, last: float, dry_s: int) -> None:
    """Widens the stretch until it begins and ends dry, then puts its events in the place of the known ones."""
    earliest, latest = first - _FARTHEST_S, last + _FARTHEST_S
    while True:
        old = store.overlapping(connection, gauge.station, gauge.exercise, _time(first), _time(last))
        wider = (
            min([first, *(one.starts.timestamp() - 2 * dry_s for one in old)]),
            max([last, *(one.ends.timestamp() + 2 * dry_s for one in old)]),
        )
        base = load(connection, [Wanted(gauge, wider[0], wider[1])])[0].base
        if first > earliest and _wet(base, wider[0], wider[0] + 2 * dry_s):
            wider = (wider[0] - 4 * dry_s, wider[1])
        if last < latest and _wet(base, wider[1] - 2 * dry_s, wider[1]):
            wider = (wider[0], wider[1] + 4 * dry_s)
        if wider == (first, last):
            break
        first, last = wider
    inside = (base.labels > first) & (base.labels <= last)
    cut = BaseRain(
        base.labels[inside], base.spans[inside], base.seconds[inside], base.millimetres[inside],
        base.suspect[inside], base.outputs, base.output_spans,
    )  # fmt: skip
    new = [
        store.Event(
            gauge.station, gauge.exercise, _time(one.start_s), _time(one.end_s), one.total, one.peak_1h,
            _time(one.peak_s), one.suspect, one.coverage,
        )
        for one in rain_events(cut, dry_s)
    ]  # fmt: skip
    store.replace(connection, old, new)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
