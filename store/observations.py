"""Observations: written exactly once, revised without loss, and read back by windows.

A reading that is already there is nothing. A different value for the same series and time replaces it
and the old one goes to `observation_revision`, with three exceptions where the *new* one goes there: a
machine never overwrites a person's correction, a bad or missing value never overwrites a better one, and
what was received before the value that holds (the backlog of an outage, a retry) never overwrites it.
`latest` follows in the same transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.observations import Observation
from core.quality import Quality
from store import latest
from store.columns import Integers, Smallints, Times, doubles
from store.observation_rows import copy_new

_WORTH_COPYING = 100
"""Rows; a few are inserted as quickly."""

_INCOMING: LiteralString = """
(select series, time, value, quality, (%b::text[])[kind] as reason, received_at,
        (%b::text[])[kind] as source, (%b::text[])[kind] as by_user
 from unnest(%b::integer[], %b::timestamptz[], %b::double precision[], %b::smallint[], %b::timestamptz[],
             %b::integer[]) as coded (series, time, value, quality, received_at, kind)) as incoming
"""

_INSERT_NEW: LiteralString = f"""
insert into observation (series, time, value, quality, reason, received_at, source, by_user)
select * from {_INCOMING} order by series, time
on conflict (series, time) do nothing
returning series, time
"""

_LOCK_HELD: LiteralString = """
select series, time, value, quality, reason, received_at, source, by_user as by
from observation
where (series, time) in (select * from unnest(%b::integer[], %b::timestamptz[]))
order by series, time
for update
"""

_REPLACE: LiteralString = f"""
update observation set
    value = incoming.value, quality = incoming.quality, reason = incoming.reason,
    received_at = incoming.received_at, source = incoming.source, by_user = incoming.by_user
from {_INCOMING}
where observation.series = incoming.series and observation.time = incoming.time
"""

_REFLAG: LiteralString = """
update observation set quality = 3, reason = concat_ws(',', nullif(observation.reason, ''), doubted.reason)
from unnest(%b::integer[], %b::timestamptz[], %b::double precision[], %b::text[])
    as doubted (series, time, value, reason)
where observation.series = doubted.series and observation.time = doubted.time
    and observation.value = doubted.value and observation.by_user is null and observation.quality in (1, 2, 3)
    and doubted.reason <> all (string_to_array(observation.reason, ','))
returning observation.series, observation.time, observation.value, observation.quality, observation.reason,
    observation.received_at, observation.source, observation.by_user as by
"""

_KEEP_REVISIONS: LiteralString = f"""
insert into observation_revision (series, time, value, quality, reason, received_at, source, by_user)
select * from {_INCOMING}
where not exists (
    select from observation_revision as known
    where known.series = incoming.series and known.time = incoming.time
        and known.value is not distinct from incoming.value and known.source = incoming.source
        and known.received_at = incoming.received_at)
"""

_KEEP_EVERY: LiteralString = f"""
insert into observation_revision (series, time, value, quality, reason, received_at, source, by_user)
select * from {_INCOMING} order by series, time
"""

_KEEP_REFUSED: LiteralString = f"""
insert into observation_revision (series, time, value, quality, reason, received_at, source, by_user)
select * from {_INCOMING}
where not exists (
    select from (
        select known.value, known.source from observation_revision as known
        where known.series = incoming.series and known.time = incoming.time and known.by_user is null
        order by known.received_at desc, known.id desc limit 1
    ) as last_said
    where last_said.value is not distinct from incoming.value and last_said.source = incoming.source)
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A machine's second thought: the value that is held is suspect, with one more reason."""

    series: int
    time: datetime
    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch changed: rows that hold now, new ones and those that replaced another.

    `refused` are values that were only kept beside the one that holds. `all_new`: nothing was there already.
    """

    inserted: tuple[Observation, ...]
    replaced: tuple[Observation, ...]
    refused: tuple[Observation, ...] = ()
    all_new: bool = True

    @property
    def applied(self) -> tuple[Observation, ...]:
        """All rows of the batch that hold now."""
        return self.inserted + self.replaced


def store(connection: Connection[Any], batch: Iterable[Observation], *, likely_new: bool = False) -> Stored:
    """Writes observations as if they came one after the other, and moves `latest`.

    The rows are written in the order of their keys, so that two writers never lock each other out. `likely_new`
    only makes it quicker, where it is true.
    """
    entries = sorted(batch, key=attrgetter("series", "time"))
    return store_parts(connection, [entries], likely_new=likely_new)


def store_parts(
    connection: Connection[Any], parts: Iterable[list[Observation]], *, likely_new: bool = False
) -> Stored:
    """As `store`, for parts that are whole series, in the order of series and time.

    Where they are likely new the database writes one part while the next is made: meanwhile nothing else may be
    asked on the connection.
    """
    entries: list[Observation] = []
    coming = _gathered(parts, entries)
    first = next(coming, [])
    if likely_new and len(first) >= _WORTH_COPYING and copy_new(connection, chain([first], coming)):
        latest.advance(connection, entries)
        return Stored(tuple(entries), ())
    deque(coming, maxlen=0)
    inserted: list[Observation] = []
    replaced: list[Observation] = []
    refused: list[Observation] = []
    rounds = _rounds(entries)
    for round_ in rounds:
        new, changed, aside = _store_round(connection, round_)
        inserted += new
        replaced += changed
        refused += aside
    latest.advance(connection, inserted)
    latest.recompute(connection, sorted({entry.series for entry in replaced}))
    all_new = len(inserted) == len(entries)
    return Stored(tuple(inserted), tuple(replaced), tuple(refused), all_new)


def _gathered(parts: Iterable[list[Observation]], into: list[Observation]) -> Iterator[list[Observation]]:
    for part in parts:
        into.extend(part)
        yield part


def reflag(connection: Connection[Any], doubts: Iterable[Doubt]) -> list[Observation]:
    """Makes observations suspect that were held for good; returns those that changed, for their marks.

    Values stay, so nothing becomes a revision. What a person entered or confirmed is left alone, and so is a
    value that is no longer the one that was doubted. `latest` follows.
    """
    found = sorted(doubts, key=lambda doubt: (doubt.series, doubt.time))
    if not found:
        return []
    columns = (
        [doubt.series for doubt in found],
        [doubt.time for doubt in found],
        [doubt.value for doubt in found],
        [doubt.reason for doubt in found],
    )
    changed = _observations(connection, _REFLAG, columns)
    latest.recompute(connection, sorted({entry.series for entry in changed}))
    return changed


def revise(connection: Connection[Any], pairs: Sequence[tuple[Observation, Observation]]) -> None:
    """Puts the second of each pair in the place of the first, which the caller holds locked.

    By a person's act, never by a machine: the first is always kept as a revision, even one that was kept
    before, so that the sequence of acts can be read. `latest` follows.
    """
    connection.execute(_KEEP_EVERY, _columns([old for old, _ in pairs]))
    connection.execute(_REPLACE, _columns([new for _, new in pairs]))
    latest.recompute(connection, sorted({new.series for _, new in pairs}))


def _rounds(batch: Iterable[Observation]) -> list[list[Observation]]:
    """Splits a batch so that every key comes at most once in each part; repeats of a value vanish.

    One SQL statement must not touch a row twice. Nearly always nothing comes twice.
    """
    entries = list(batch)
    if len({(entry.series, entry.time) for entry in entries}) == len(entries):
        return [entries] if entries else []
    rounds: list[dict[tuple[int, datetime], Observation]] = []
    depth: dict[tuple[int, datetime], int] = {}
    for entry in entries:
        key = (entry.series, entry.time)
        level = depth.get(key, 0)
        if level and _repeats(rounds[level - 1][key], entry):
            continue
        if level == len(rounds):
            rounds.append({})
        rounds[level][key] = entry
        depth[key] = level + 1
    return [[part[key] for key in sorted(part)] for part in rounds]


def _store_round(
    connection: Connection[Any], entries: list[Observation]
) -> tuple[list[Observation], list[Observation], list[Observation]]:
    written = connection.execute(_INSERT_NEW, _columns(entries), binary=True)
    if written.rowcount == len(entries):
        return entries, [], []
    fresh = set(written.fetchall())
    inserted = [entry for entry in entries if (entry.series, entry.time) in fresh]
    others = {
        (entry.series, entry.time): entry for entry in entries if (entry.series, entry.time) not in fresh
    }
    held = _observations(
        connection, _LOCK_HELD, ([series for series, _ in others], [time for _, time in others])
    )
    revisions, replacing, refused = [], [], []
    for old in held:
        new = others[old.series, old.time]
        if _same(old, new):
            continue
        if replaces(old, new):
            revisions.append(old)
            replacing.append(new)
        else:
            refused.append(new)
    if replacing:
        connection.execute(_KEEP_REVISIONS, _columns(revisions))
        connection.execute(_REPLACE, _columns(replacing))
    if refused:
        connection.execute(_KEEP_REFUSED, _columns(refused))
    return inserted, replacing, refused


def _repeats(one: Observation, next_: Observation) -> bool:
    """True if the second of two can change nothing, whatever became of the first."""
    return (one.value, one.quality, one.by) == (next_.value, next_.quality, next_.by)


def _same(old: Observation, new: Observation) -> bool:
    """The same reading again; a person who confirms a machine's value says something new, and what a machine
    says beside a person's value is what would hold without the person."""
    return old.value == new.value and (old.by is None) == (new.by is None)


def replaces(old: Observation, new: Observation) -> bool:
    """True if a different value takes the place of the one that is held."""
    if new.by is not None:
        return True
    if old.by is not None or new.received_at < old.received_at:
        # A backlog is drained beside what is new: what was received before it is no correction of it.
        return False
    worse = (Quality.BAD, Quality.MISSING)
    return not (new.quality in worse and old.quality not in worse)


def _observations(connection: Connection[Any], query: LiteralString, values: Any) -> list[Observation]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return [
            Observation(**{**row, "quality": Quality(row["quality"])})
            for row in cursor.execute(query, values).fetchall()
        ]


def _columns(entries: Sequence[Observation]) -> tuple[Any, ...]:
    """As `_INCOMING` takes them: what is said of many alike (reason, source, person) once, and its number."""
    kinds: dict[tuple[str, str, str | None], int] = {}
    kind = [kinds.setdefault((entry.reason, entry.source, entry.by), len(kinds) + 1) for entry in entries]
    return (
        [str(reason) for reason, _, _ in kinds],
        [str(source) for _, source, _ in kinds],
        [by for _, _, by in kinds],
        Integers([entry.series for entry in entries]),
        Times([entry.time for entry in entries]),
        doubles([entry.value for entry in entries]),
        Smallints([entry.quality for entry in entries]),
        Times([entry.received_at for entry in entries]),
        Integers(kind),
    )
