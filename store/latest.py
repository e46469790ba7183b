"""The latest of each series: last received and last usable. Wall screens read this, never the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString

from psycopg import Connection

from core.observations import Observation
from core.quality import Quality

_TIME = attrgetter("time")
_RECEIVED_AT = attrgetter("received_at")
_USABLE = frozenset(quality for quality in Quality if quality.usable)

_ADVANCE: LiteralString = """
insert into latest as held
    (series, time, value, quality, reason, received_at, usable_time, usable_value)
select * from unnest(%b::integer[], %b::timestamptz[], %b::double precision[], %b::smallint[], %b::text[],
                     %b::timestamptz[], %b::timestamptz[], %b::double precision[])
order by 1
on conflict (series) do update set
    time = case when excluded.time >= held.time then excluded.time else held.time end,
    value = case when excluded.time >= held.time then excluded.value else held.value end,
    quality = case when excluded.time >= held.time then excluded.quality else held.quality end,
    reason = case when excluded.time >= held.time then excluded.reason else held.reason end,
    received_at = greatest(held.received_at, excluded.received_at),
    usable_time = case when excluded.usable_time >= held.usable_time or held.usable_time is null
                       then excluded.usable_time else held.usable_time end,
    usable_value = case when excluded.usable_time >= held.usable_time or held.usable_time is null
                        then excluded.usable_value else held.usable_value end
"""

_LOCK: LiteralString = "select from latest where series = any(%s) order by series for update"

_RECOMPUTE: LiteralString = """
update latest set
    time = newest.time, value = newest.value, quality = newest.quality, reason = newest.reason,
    received_at = greatest(latest.received_at, newest.received_at),
    usable_time = usable.time, usable_value = usable.value
from unnest(%s::integer[]) as wanted (series)
cross join lateral (
    select time, value, quality, reason, received_at from observation
    where observation.series = wanted.series order by time desc limit 1
) as newest
left join lateral (
    select time, value from observation
    where observation.series = wanted.series and quality in (1, 2) order by time desc limit 1
) as usable on true
where latest.series = wanted.series
"""


def advance(connection: Connection[Any], entries: Iterable[Observation]) -> None:
    """Moves `latest` forward to new observations; older ones never move it back.

    Those of one series that stand together are in the order of their time.
    `received_at` is when anything new was last heard of the series: liveness goes by receive time.
    """
    newest: dict[int, Observation] = {}
    usable: dict[int, Observation] = {}
    heard: dict[int, Observation] = {}
    for series, run in groupby(entries, key=attrgetter("series")):
        found = list(run)
        _move(newest, series, found[-1], _TIME)
        _move(heard, series, max(found, key=_RECEIVED_AT), _RECEIVED_AT)
        if (last := next((entry for entry in reversed(found) if entry.quality in _USABLE), None)) is not None:
            _move(usable, series, last, _TIME)
    if not newest:
        return
    order = sorted(newest)
    connection.execute(
        _ADVANCE,
        (
            order,
            [newest[series].time for series in order],
            [newest[series].value for series in order],
            [int(newest[series].quality) for series in order],
            [str(newest[series].reason) for series in order],
            [heard[series].received_at for series in order],
            [usable[series].time if series in usable else None for series in order],
            [usable[series].value if series in usable else None for series in order],
        ),
    )


def _move(
    of: dict[int, Observation], series: int, entry: Observation, when: Callable[[Observation], datetime]
) -> None:
    """Puts in what is later than the one that is there, or as late."""
    held = of.get(series)
    if held is None or when(entry) >= when(held):
        of[series] = entry


def recompute(connection: Connection[Any], series: Sequence[int]) -> None:
    """Reads `latest` anew from the observations, after one of them was replaced by another value.

    Locked before the observations are looked at: else one who waits for another writer here would put back
    what was newest before that writer's.
    """
    if series:
        connection.execute(_LOCK, (list(series),))
        connection.execute(_RECOMPUTE, (list(series),))
