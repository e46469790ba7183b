"""Corrections: what persons did to values. The value that holds, its revision, and the act, in one transaction.

A person acts on what was seen: `stamp` is the fingerprint of it, and if anything else holds by now nothing is
done (ChangedError tells what holds). The rows are locked before they are looked at, so of two persons at once the
second is told. The same request again does nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from core.corrections import Correction, CorrectionAct, check, outcome, stamp
from core.errors import ChangedError, ConflictError, InputError, NotFoundError
from core.observations import Observation
from core.quality import Quality
from store import marks, observations
from store.connection import rows

MOST_VALUES = 5_000
"""Of one series in one act: more than two weeks at five minutes."""
_TOLD = 20
"""Values that a preview and a conflict list one by one."""

_SERIES: LiteralString = """
select series.id, series.station, series.property, series.sensor, series.period_s, series.exercise,
       station.area, exercise.ended_at is not null as ended
from series join station on station.code = series.station
left join exercise on exercise.code = series.exercise
where series.station = %s and series.property = %s and series.sensor = %s and series.period_s = %s
  and series.exercise is not distinct from %s
"""

_HELD: LiteralString = """
select series, time, value, quality, reason, received_at, source, by_user as by from observation
where series = %s and time >= %s and time <= %s order by time limit %s
"""

_SPOKEN: LiteralString = """
select series, time, value, quality, reason, received_at, source, by_user as by from observation_revision
where series = %s and time >= %s and time <= %s and by_user is null order by received_at, id
"""

_ACTS_UPON: LiteralString = """
select count(*) from correction where series = %s and from_time <= %s and to_time >= %s
"""

_REPEATED: LiteralString = """
select id, changed from correction
where stamp = %s and actor = %s and act = %s and series = %s and from_time = %s and to_time = %s
  and value is not distinct from %s and shift is not distinct from %s
"""

_ADD: LiteralString = """
insert into correction (at, actor, act, series, from_time, to_time, value, shift, reason, stamp, changed)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id
"""

_ADD_VALUES: LiteralString = """
insert into correction_value
    (correction, time, old_value, old_quality, old_reason, new_value, new_quality, new_reason)
select %b, * from unnest(%b::timestamptz[], %b::double precision[], %b::smallint[], %b::text[],
                         %b::double precision[], %b::smallint[], %b::text[])
"""


@dataclass(frozen=True, slots=True)
class Target:
    """The series that is acted upon; `ended` says that it belongs to an exercise that is over."""

    id: int
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
    area: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an act would do: the values of the range, those that it changes, and the stamp to act under."""

    count: int
    changes: tuple[tuple[Observation, Observation], ...]
    stamp: str


@dataclass(frozen=True, slots=True)
class Acted:
    """An act that was done; `repeated` if it had been done already by the same request."""

    id: int
    changed: int
    repeated: bool
    changes: tuple[tuple[Observation, Observation], ...] = ()


def target(
    connection: Connection[Any],
    station: str,
    property: str,
    sensor: int,
    period_s: int,
    exercise: str | None,
) -> Target:
    """The series of these names. Raises NotFoundError: a real series is no exercise's, and the other way round."""
    found = rows(connection, Target, _SERIES, (station, property, sensor, period_s, exercise))
    if not found:
        raise NotFoundError(
            f"station {station!r} has no such series: {property}, sensor {sensor}, {period_s} s"
        )
    return found[0]


def preview(
    connection: Connection[Any], series: Target, since: datetime, until: datetime, act: Correction, by: str
) -> Prospect:
    """What the act would do to the observations within [since, until].

    Raises InputError (nothing there, too many, no such value), ConflictError where it may not be done at all.
    """
    return _prospect(connection, series, since, until, act, by, lock=False)


def correct(
    connection: Connection[Any],
    series: Target,
    since: datetime,
    until: datetime,
    act: Correction,
    *,
    seen: str,
    by: str,
    reason: str,
    at: datetime,
) -> Acted:
    """Does it, in the caller's transaction: values, revisions, latest, marks for every consumer, and the act.

    Raises ChangedError where anything but what was `seen` holds; ConflictError where nothing would change; and
    as `preview`. Who may do it, the audit and the alarms' histories are the caller's.
    """
    request = (seen, by, act.act, series.id, since, until, act.value, act.shift)
    if done := _done(connection, request):
        return done
    prospect = _prospect(connection, series, since, until, act, by, lock=True)
    if prospect.stamp != seen:
        if done := _done(connection, request):
            return done
        present = held(connection, series.id, since, until)
        raise ChangedError(
            "these values changed since you saw them: look at what holds now, then decide again",
            [as_json(entry) for entry in present[:_TOLD]],
        )
    if not prospect.changes:
        raise ConflictError(f"nothing to do: no value of this range would change by {act.act}")
    observations.revise(connection, prospect.changes)
    number = _keep(connection, series, since, until, act, prospect, by, reason, at)
    marks.changed(connection, [new for _, new in prospect.changes])
    return Acted(number, len(prospect.changes), repeated=False, changes=prospect.changes)


def last_said(spoken: Iterable[Observation]) -> Observation | None:
    """What would hold if no person had acted, from everything that machines said, in the order of receipt."""
    held: Observation | None = None
    for entry in spoken:
        if held is None or observations.replaces(held, entry):
            held = entry
    return held


def as_json(entry: Observation) -> dict[str, object]:
    """A value as previews, conflicts and the audit tell it."""
    return {
        "time": entry.time.isoformat(), "value": entry.value, "quality": int(entry.quality),
        "reason": entry.reason, "by": entry.by,
    }  # fmt: skip


def _done(connection: Connection[Any], request: Sequence[Any]) -> Acted | None:
    """What the same request has done already."""
    found = connection.execute(_REPEATED, request).fetchone()
    return None if found is None else Acted(found[0], found[1], repeated=True)


def _prospect(
    connection: Connection[Any],
    series: Target,
    since: datetime,
    until: datetime,
    act: Correction,
    by: str,
    *,
    lock: bool,
) -> Prospect:
    check(act, series.property)
    if series.ended:
        raise ConflictError(f"exercise {series.exercise} has ended: its values stay as they were")
    if until < since:
        raise InputError("time_range", "`to` must not lie before `from`")
    found = held(connection, series.id, since, until, lock=lock)
    if not found:
        raise InputError("no_values", "there is no value in this range")
    if len(found) > MOST_VALUES:
        raise InputError("too_many", f"more than {MOST_VALUES} values lie in this range: take a shorter one")
    if any(entry.source == "derived" for entry in found):
        raise InputError("derived", "these values are computed: correct the readings they are computed from")
    machine = _machine(connection, series.id, since, until, found) if act.act is CorrectionAct.RESTORE else {}
    changes = []
    for entry in found:
        after = outcome(act, entry, machine.get(entry.time), by, series.property)
        if after is not None:
            changes.append((entry, after))
    before = connection.execute(_ACTS_UPON, (series.id, until, since)).fetchone()
    return Prospect(len(found), tuple(changes), stamp(found, before[0] if before else 0))


def held(
    connection: Connection[Any], series: int, since: datetime, until: datetime, *, lock: bool = False
) -> list[Observation]:
    """What holds within [since, until], at most one more than one act may change; locked if asked."""
    query: LiteralString = _HELD + " for update" if lock else _HELD
    return _observations(connection, query, (series, since, until, MOST_VALUES + 1))


def _machine(
    connection: Connection[Any], series: int, since: datetime, until: datetime, held: Sequence[Observation]
) -> dict[datetime, Observation]:
    spoken: dict[datetime, list[Observation]] = {}
    for entry in _observations(connection, _SPOKEN, (series, since, until)):
        spoken.setdefault(entry.time, []).append(entry)
    said = {time: last_said(entries) for time, entries in spoken.items()}
    wanted = {entry.time for entry in held}
    return {time: entry for time, entry in said.items() if entry is not None and time in wanted}


def _observations(
    connection: Connection[Any], query: LiteralString, values: Sequence[Any]
) -> list[Observation]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, values).fetchall()
    return [Observation(**{**row, "quality": Quality(row["quality"])}) for row in found]


def _keep(
    connection: Connection[Any],
    series: Target,
    since: datetime,
    until: datetime,
    act: Correction,
    prospect: Prospect,
    by: str,
    reason: str,
    at: datetime,
) -> int:
    changes = prospect.changes
    added = connection.execute(
        _ADD,
        (
            at, by, act.act, series.id, since, until, act.value, act.shift, reason, prospect.stamp, len(changes),
        ),
    ).fetchone()  # fmt: skip
    if added is None:
        raise RuntimeError("the correction returned no number")
    number = int(added[0])
    connection.execute(
        _ADD_VALUES,
        (
            number,
            [old.time for old, _ in changes],
            [old.value for old, _ in changes],
            [int(old.quality) for old, _ in changes],
            [old.reason for old, _ in changes],
            [new.value for _, new in changes],
            [int(new.quality) for _, new in changes],
            [new.reason for _, new in changes],
        ),
    )
    return number
