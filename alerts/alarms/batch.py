"""One transaction of the evaluator: marks in, alarms moved, faults kept.

Nearly all readings change nothing: they are sifted out by a comparison with the band within which all stays as it
is. Every subject of which something may change is evaluated under its own savepoint, so that one that cannot be
evaluated harms no other: its range is kept with the reason and tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import structlog
from psycopg import Connection

from alerts.alarms.course import Reading
from alerts.alarms.limits import NO_DELAYS, Delays
from alerts.alarms.memory import Memory, Strand, Watched, refit
from alerts.alarms.sift import Sifted, sift
from alerts.alarms.work import Work
from alerts.annunciation import flush
from alerts.notices import Wording
from alerts.rules.rates import spoken
from core.alarms import Alarm
from core.call_chains import quiet_hours
from core.quality import Quality
from core.settings import Settings
from store import evaluation, exercises, marks, open_alarms, tracks
from store.evaluation import Corrected, Fault, ObservationRow
from store.marks import Mark
from store.tracks import Track

log = structlog.get_logger("anlan.alerts")

MOST_MARKS = 5_000
"""In one transaction."""
MOST_READINGS = 50_000
"""In one transaction, shared evenly by its ranges; what is left over is marked again."""

_RETRY_FIRST = timedelta(seconds=5)
_RETRY_LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every evaluation goes by: zone of seasons, language and zone of notices, when news is old, delays."""

    wording: Wording
    late_floor_s: int
    delays: Delays = NO_DELAYS

    @classmethod
    def of(cls, settings: Settings) -> Setting:
        """As the installation is configured."""
        quiet = quiet_hours(settings.alerts.quiet_hours)
        wording = Wording(settings.language, settings.time_zone, quiet, settings.alerts.cadence)
        delays = Delays(settings.alerts.delays, settings.alerts.off_delay_s)
        return cls(wording, settings.alerts.late_floor_s, delays)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.wording.time_zone)


@dataclass(frozen=True, slots=True)
class Done:
    """What a transaction did."""

    marks: int = 0
    readings: int = 0
    lines: int = 0
    faults: int = 0
    busy: int = 0


def evaluate(
    connection: Connection[Any],
    setting: Setting,
    now: datetime,
    *,
    fresh: bool | None = None,
    memory: Memory | None = None,
    most: int = MOST_MARKS,
) -> Done:
    """Takes the oldest marks and whatever is due (to be tried again, or by its delay), moves the alarms and
    tells whom they concern.

    `fresh`: only marks of what is new, or only those of a backlog; None: both, what is new first. `memory` is
    kept from one transaction to the next; the caller drops it when one fails.
    The caller's transaction. Raises psycopg.OperationalError where the database itself fails.
    """
    done = _move(connection, setting, now, fresh=fresh, held=memory or Memory(), most=most)
    flush(connection, setting.wording, now)
    return done


def _move(
    connection: Connection[Any],
    setting: Setting,
    now: datetime,
    *,
    fresh: bool | None,
    held: Memory,
    most: int,
) -> Done:
    held.refresh(connection)
    taken = marks.take(connection, marks.EVALUATOR, most, fresh=fresh)
    faults = {fault.series: fault for fault in evaluation.faults(connection)}
    ranges = _ranges(taken, faults, now)
    due = [] if fresh is False else tracks.due_series(connection, now, most)
    if not ranges and not due:
        return Done(len(taken))
    zone = setting.zone
    held.load(connection, {*ranges, *due}, zone=zone, floor_s=setting.late_floor_s, delays=setting.delays)
    running = exercises.hold_running(connection)
    evaluation.clear_faults(
        connection, [s for s in faults.keys() & ranges.keys() if not _wanted(held, s, running)]
    )
    tracks.forget_due(connection, [number for number in due if not _wanted(held, number, running)])
    wanted = [ranges[number] for number in sorted(ranges) if _wanted(held, number, running)]
    found = _observations(connection, wanted, fresh=fresh is not False)
    sifted = sift(found, held.strands, zone)
    sifted.busy.update(
        strand.subject for number in due if _wanted(held, number, running) for strand in held.strands[number]
    )
    round_ = _Round(connection, setting, now, ranges, faults)
    round_.run(found, sifted)
    tracks.save_tracks(connection, round_.tracks)
    tracks.save_calm_tracks(connection, *sifted.calm_columns())
    sifted.accept()
    return Done(len(taken), len(found), round_.lines, round_.failed, len(sifted.busy))


def _wanted(memory: Memory, series: int, running: frozenset[str]) -> bool:
    strands = memory.strands.get(series, ())
    return bool(strands) and (strands[0].subject.exercise is None or strands[0].subject.exercise in running)


@dataclass
class _Round:
    """The subjects of which something may change, one after the other."""

    connection: Connection[Any]
    setting: Setting
    now: datetime
    ranges: Mapping[int, Mark]
    faults: Mapping[int, Fault]
    lines: int = 0
    failed: int = 0
    tracks: list[Track] = field(default_factory=list)

    def run(self, found: Sequence[ObservationRow], sifted: Sifted) -> None:
        """Evaluates every busy subject under its own savepoint."""
        if not sifted.busy:
            return
        busy = sorted(sifted.busy, key=lambda watched: (watched.rule.station, watched.rule.code))
        series = {number for watched in busy for number in watched.strands}
        rows = [row for row in found if row[0] in series]
        by_series = self._readings(rows)
        refit(self.connection, [strand for strand in sifted.revised if strand.subject in sifted.busy])
        stations = sorted({watched.rule.station for watched in busy})
        earliest = min((row[1] for row in rows), default=self.now)
        known = open_alarms.open_and_recent(self.connection, stations, earliest)
        for watched in busy:
            self._one(watched, known, by_series, sifted)

    def _one(
        self,
        watched: Watched,
        known: Sequence[Alarm],
        by_series: Mapping[int, Sequence[Reading]],
        sifted: Sifted,
    ) -> None:
        strands = watched.strands.values()
        mine = [reading for strand in strands for reading in _of(strand, by_series, sifted)]
        work = Work(
            self.connection,
            watched,
            [a for a in known if (a.rule, a.subject, a.exercise) == watched.key],
            sorted(mine, key=lambda reading: (reading.time, reading.series)),
            self.now,
            self.setting.wording,
            {strand.series: _refitted(strand, self.now) for strand in strands if strand in sifted.revised},
        )
        touched = [strand.series for strand in strands if strand.series in self.ranges]
        try:
            lines, after = work.run()
        except psycopg.OperationalError:
            raise
        except Exception as error:
            self.failed += 1
            refit(self.connection, list(strands))
            _keep(self.connection, [self.ranges[s] for s in touched], self.faults, error, self.now)
            log.error("alarm.fault", station=watched.rule.station, rule=watched.rule.code,
                      exercise=watched.exercise, error=str(error), exc_info=True)  # fmt: skip
            return
        self.lines += lines
        self.tracks += work.tracks(after)
        for series, condition in after.items():
            watched.strands[series].settle(condition)
        evaluation.clear_faults(self.connection, [s for s in touched if s in self.faults])

    def _readings(self, rows: Sequence[ObservationRow]) -> dict[int, list[Reading]]:
        asked = [(mark.series, mark.from_time, mark.to_time) for mark in self.ranges.values()]
        numbers = {row[0] for row in rows}
        corrected = evaluation.corrected(self.connection, [one for one in asked if one[0] in numbers])
        found: dict[int, list[Reading]] = {number: [] for number in numbers}
        for row in rows:
            found[row[0]].append(_known(_reading(row), corrected))
        return found


def _of(strand: Strand, by_series: Mapping[int, Sequence[Reading]], sifted: Sifted) -> Sequence[Reading]:
    """A strand's readings; of a rate the fitted ones."""
    if strand.window is None:
        return by_series.get(strand.series, ())
    return sifted.rates.get(strand, ())


def _refitted(strand: Strand, now: datetime) -> Reading | None:
    """The rate that ends a window which was read anew: it is known since now."""
    if strand.window is None or strand.observed_at is None:
        return None
    rate = strand.window.rate()
    if rate is None:
        return None
    time = strand.observed_at
    value = spoken(strand.subject.rule.property, rate)
    return Reading(strand.series, time, value, Quality.GOOD, "", max(time, now))


def _ranges(taken: Iterable[Mark], faults: Mapping[int, Fault], now: datetime) -> dict[int, Mark]:
    """One range per series: its marks, and what is kept of it as a fault once that is due."""
    found = marks.merged(taken)
    again = [
        Mark(fault.series, fault.from_time, fault.to_time)
        for fault in faults.values()
        if fault.retry_at <= now or fault.series in found
    ]
    return marks.merged([*found.values(), *again])


def _observations(
    connection: Connection[Any], ranges: Sequence[Mark], *, fresh: bool
) -> list[ObservationRow]:
    """Those of the ranges in order of time; what is beyond the share of a range is marked again."""
    if not ranges:
        return []
    asked = [(mark.series, mark.from_time, mark.to_time) for mark in ranges]
    share = max(1, MOST_READINGS // len(ranges))
    found = evaluation.observations(connection, asked, share)
    if len(found) < share:
        return found
    count: dict[int, int] = {}
    last: dict[int, datetime] = {}
    for row in found:
        count[row[0]] = count.get(row[0], 0) + 1
        last[row[0]] = row[1]
    left = [
        Mark(mark.series, last[mark.series] + timedelta(microseconds=1), mark.to_time)
        for mark in ranges
        if count.get(mark.series) == share and last[mark.series] < mark.to_time
    ]
    marks.add(connection, marks.EVALUATOR, left, fresh=fresh)
    return found


def _reading(row: ObservationRow) -> Reading:
    series, time, value, quality, reason, received_at, by = row
    return Reading(series, time, value, Quality(quality), reason, received_at, by)


def _known(reading: Reading, corrected: Sequence[Corrected]) -> Reading:
    """The reading with the time at which it became known: when a person acted upon it, if one did."""
    times = [
        act.at
        for act in corrected
        if act.series == reading.series and act.from_time <= reading.time <= act.to_time
    ]
    return replace(reading, received_at=max([reading.received_at, *times])) if times else reading


def _keep(
    connection: Connection[Any],
    ranges: Iterable[Mark],
    faults: Mapping[int, Fault],
    error: Exception,
    now: datetime,
) -> None:
    reason = f"{type(error).__name__}: {error}"[:500]
    for mark in ranges:
        attempts = faults[mark.series].attempts if mark.series in faults else 0
        wait = min(_RETRY_FIRST * 2 ** min(attempts, 10), _RETRY_LONGEST)
        evaluation.keep_fault(connection, (mark.series, mark.from_time, mark.to_time), reason, now + wait)
