"""One transaction of the evaluator: marks in, alarms moved, faults kept.

Every subject is evaluated under its own savepoint, so that one that cannot be evaluated harms no
other: its range is kept with the reason and tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import structlog
from psycopg import Connection

from alerts.alarms.acts import standing
from alerts.alarms.book import Book, Subject, observed
from alerts.alarms.course import Condition, Point, Reading, Terms, advance, late_after
from alerts.alarms.machine import Standing, step
from alerts.notices import Wording
from alerts.rules.levels import LevelRule, Limit, sort_limits, worst
from core.alarms import Alarm, AlarmClass
from core.call_chains import quiet_hours
from core.quality import Quality
from core.settings import Settings
from core.severity import Severity
from store import alarms, evaluation, exercises, marks
from store.evaluation import Corrected, Fault, MarkedSeries, Row, Track
from store.marks import Mark
from store.rules import RuleAtStation, ThresholdRow, rules_at_stations, threshold_rows

log = structlog.get_logger("anlan.alerts")

MOST_MARKS = 200
MOST_READINGS = 50_000
"""In one transaction, shared evenly by its ranges; what is left over is marked again."""

_RETRY_FIRST = timedelta(seconds=5)
_RETRY_LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every evaluation goes by: zone of seasons, language and zone of notices, when news is old."""

    wording: Wording
    late_floor_s: int

    @classmethod
    def of(cls, settings: Settings) -> Setting:
        """As the installation is configured."""
        quiet = quiet_hours(settings.alerts.quiet_hours)
        wording = Wording(settings.language, settings.time_zone, quiet)
        return cls(wording, settings.alerts.late_floor_s)

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


def evaluate(
    connection: Connection[Any], setting: Setting, now: datetime, *, fresh: bool | None = None
) -> Done:
    """Takes the oldest marks and whatever is due to be tried again, and moves the alarms.

    `fresh`: only marks of what is new, or only those of a backlog; None: both, what is new first.
    The caller's transaction. Raises psycopg.OperationalError where the database itself fails.
    """
    taken = marks.take(connection, marks.EVALUATOR, MOST_MARKS, fresh=fresh)
    faults = {fault.series: fault for fault in evaluation.faults(connection)}
    ranges = _ranges(taken, faults, now)
    if not ranges:
        return Done(len(taken))
    marked = evaluation.marked_series(connection, list(ranges))
    running = exercises.hold_running(connection)
    series = {entry.id: entry for entry in marked if entry.exercise is None or entry.exercise in running}
    evaluation.clear_faults(
        connection, [number for number in faults if number in ranges.keys() - series.keys()]
    )
    stations = sorted({entry.station for entry in series.values()})
    rules = _rules(connection, stations)
    subjects = _subjects(series.values(), rules)
    wanted = sorted({entry.id for members in subjects.values() for entry in members})
    readings = _readings(connection, [ranges[number] for number in wanted], fresh=fresh is not False)
    tracks = evaluation.tracks(connection, stations) if wanted else []
    earliest = min((reading.time for found in readings.values() for reading in found), default=now)
    known = alarms.open_and_recent(connection, stations, earliest) if wanted else []

    lines, failed, kept = 0, 0, []
    for (code, station, exercise), members in subjects.items():
        at_station = rules[station, code]
        subject = Subject(at_station.rule, at_station.place.station_name, at_station.place.area, exercise)
        mine = sorted(
            (reading for entry in members for reading in readings.get(entry.id, [])),
            key=lambda reading: (reading.time, reading.series),
        )
        work = _Work(
            connection,
            subject,
            Terms(
                at_station.rule.limits,
                setting.zone,
                late_after(at_station.place.period_s, setting.late_floor_s),
            ),
            [t for t in tracks if (t.rule, t.station, t.exercise) == (code, station, exercise)],
            [a for a in known if (a.rule, a.subject, a.exercise) == (code, station, exercise)],
            mine,
            now,
            setting.wording,
        )
        try:
            found, after = work.run()
        except psycopg.OperationalError:
            raise
        except Exception as error:
            failed += 1
            _keep(connection, [ranges[entry.id] for entry in members], faults, error, now)
            log.error("alarm.fault", station=station, rule=code, exercise=exercise, error=str(error))
            continue
        lines += found
        kept += after
        evaluation.clear_faults(connection, [e.id for e in members if e.id in faults])
    evaluation.save_tracks(connection, kept)
    return Done(len(taken), sum(len(found) for found in readings.values()), lines, failed)


@dataclass(frozen=True, slots=True)
class _AtStation:
    place: RuleAtStation
    rule: LevelRule


@dataclass
class _Work:
    """The evaluation of one subject."""

    connection: Connection[Any]
    subject: Subject
    terms: Terms
    tracks: Sequence[Track]
    known: Sequence[Alarm]
    readings: Sequence[Reading]
    now: datetime
    wording: Wording

    def run(self) -> tuple[int, list[Track]]:
        """Moves the subject's alarms; returns the lines of history written and the tracks to keep."""
        before = self._conditions()
        old = [r for r in self.readings if r.series in before and r.time <= before[r.series].observed_at]
        new = [r for r in self.readings if r.series not in before or r.time > before[r.series].observed_at]
        if not old and not self._stale():
            after, points = advance(self.terms, before, new)
            if self._quiet(points):
                return 0, self._tracks(after, new)
        with self.connection.transaction():
            return self._move(before, old, new)

    def _move(
        self, before: dict[int, Condition], old: Sequence[Reading], new: Sequence[Reading]
    ) -> tuple[int, list[Track]]:
        book = Book(self.connection, self.subject, self.known, self.now, self.wording)
        conditions = before
        revised = sorted({reading.series for reading in old} | self._stale())
        newest = {series: self._newest(series, before[series]) for series in revised}
        for series in revised:
            conditions = {**conditions, series: self._again(series, before[series], newest[series])}
        now = [newest[series] or self._left(series, before[series], old) for series in revised]
        present = [self.terms.point(reading, conditions) for reading in now if reading]
        for point in present:
            book.observe(point)
        book.remember(self._reached(old))
        for point in present:
            book.observe(point)
        book.restate(old, present)
        after, points = advance(self.terms, conditions, new)
        for point in points:
            book.observe(point)
        return book.write(), self._tracks(after, self.readings)

    def _newest(self, series: int, was: Condition) -> Reading | None:
        found = evaluation.newest(self.connection, series, was.observed_at)
        return _reading(found) if found else None

    def _left(self, series: int, was: Condition, old: Sequence[Reading]) -> Reading | None:
        """What a series without any usable value says at present: its newest doubtful one, else, where
        persons have voided everything, the last that they voided; it bears nothing out."""
        found = evaluation.newest(self.connection, series, was.observed_at, usable=False)
        if found:
            return _reading(found)
        gone = [reading for reading in old if reading.series == series and reading.by is not None]
        return gone[-1] if gone else None

    def _again(self, series: int, was: Condition, newest: Reading | None) -> Condition:
        """Judges the present of a series anew from its history: that was revised, or its limits were.

        What newly holds by a revision must be borne out by the newest usable value itself. Limits that
        took the place of others hold by history alone: theirs are other ids.
        """
        limits = self.terms.limits
        held = evaluation.limits_held(
            self.connection,
            series,
            was.observed_at,
            [(limit.id, limit.value, limit.value - limit.deadband) for limit in limits],
        )
        value = newest.value if newest else None
        borne_out = {limit.id for limit in limits if value is not None and value >= limit.value}
        stays = held if series in self._stale() else was.active | borne_out
        active = held & stays
        limit = worst(limits, active, self.terms.day(was.observed_at))
        return Condition(was.observed_at, active, limit, was.value if value is None else value)

    def _reached(self, readings: Iterable[Reading]) -> list[Point]:
        points = [Point(r, None, self.terms.reached(r), fresh=False) for r in readings]
        return [point for point in points if point.reached is not None]

    def _quiet(self, points: Sequence[Point]) -> bool:
        """True if no point changes anything: the way of nearly all readings, without a savepoint."""
        opened = next((alarm for alarm in self.known if alarm.closed_at is None), None)
        at = standing(opened) if opened else Standing()
        return not any(step(at, observed(point, fresh=point.fresh))[1] for point in points)

    def _conditions(self) -> dict[int, Condition]:
        found = {}
        for track in self.tracks:
            active = frozenset(track.active)
            limit = worst(self.terms.limits, active, self.terms.day(track.observed_at))
            found[track.series] = Condition(track.observed_at, active, limit, track.value)
        return found

    def _stale(self) -> set[int]:
        """Series of which a limit holds that is no longer set: they are judged anew."""
        ids = {limit.id for limit in self.terms.limits}
        return {track.series for track in self.tracks if not ids.issuperset(track.active)}

    def _tracks(self, after: Mapping[int, Condition], readings: Sequence[Reading]) -> list[Track]:
        touched = {reading.series for reading in readings} | self._stale()
        return [self._track(series, after[series]) for series in sorted(touched)]

    def _track(self, series: int, condition: Condition) -> Track:
        limit = condition.limit
        return Track(
            series=series,
            station=self.subject.rule.station,
            exercise=self.subject.exercise,
            rule=self.subject.rule.code,
            observed_at=condition.observed_at,
            active=sorted(condition.active),
            severity=limit.severity if limit else None,
            value=condition.value,
            threshold=limit.value if limit else None,
            threshold_name=limit.name if limit else None,
        )


def _ranges(taken: Iterable[Mark], faults: Mapping[int, Fault], now: datetime) -> dict[int, Mark]:
    """One range per series: its marks, and what is kept of it as a fault once that is due."""
    found = marks.merged(taken)
    again = [
        Mark(fault.series, fault.from_time, fault.to_time)
        for fault in faults.values()
        if fault.retry_at <= now or fault.series in found
    ]
    return marks.merged([*found.values(), *again])


def _rules(connection: Connection[Any], stations: Sequence[str]) -> dict[tuple[str, str], _AtStation]:
    thresholds: dict[tuple[str, str], list[Limit]] = {}
    for row in threshold_rows(connection, stations):
        thresholds.setdefault((row.station, row.property), []).append(limit_of(row))
    found = {}
    for place in rules_at_stations(connection, stations):
        limits = sort_limits(place.property, place.datum, thresholds.get((place.station, place.property), []))
        rule = LevelRule(
            place.rule,
            place.version,
            AlarmClass(place.alarm_class),
            place.station,
            place.property,
            limits.limits,
        )
        found[place.station, place.rule] = _AtStation(place, rule)
    return found


def limit_of(row: ThresholdRow) -> Limit:
    """A stored threshold as the evaluator compares it."""
    return Limit(
        row.id, row.name, Severity(row.severity), row.value, row.deadband, row.datum,
        row.season_from, row.season_to,
    )  # fmt: skip


def _subjects(
    series: Iterable[MarkedSeries], rules: Mapping[tuple[str, str], _AtStation]
) -> dict[tuple[str, str, str | None], list[MarkedSeries]]:
    found: dict[tuple[str, str, str | None], list[MarkedSeries]] = {}
    for entry in series:
        for (station, code), at_station in rules.items():
            if station == entry.station and at_station.rule.property == entry.property:
                found.setdefault((code, station, entry.exercise), []).append(entry)
    return found


def _readings(
    connection: Connection[Any], ranges: Sequence[Mark], *, fresh: bool
) -> dict[int, list[Reading]]:
    if not ranges:
        return {}
    found: dict[int, list[Reading]] = {mark.series: [] for mark in ranges}
    asked = [(mark.series, mark.from_time, mark.to_time) for mark in ranges]
    share = max(1, MOST_READINGS // len(ranges))
    corrected = evaluation.corrected(connection, asked)
    for row in evaluation.observations(connection, asked, share):
        found[row.series].append(_known(_reading(row), corrected))
    left = [
        Mark(mark.series, found[mark.series][-1].time + timedelta(microseconds=1), mark.to_time)
        for mark in ranges
        if len(found[mark.series]) == share and found[mark.series][-1].time < mark.to_time
    ]
    marks.add(connection, marks.EVALUATOR, left, fresh=fresh)
    return found


def _reading(row: Row) -> Reading:
    return Reading(row.series, row.time, row.value, Quality(row.quality), row.reason, row.received_at, row.by)


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
