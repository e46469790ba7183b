"""The alarms of one subject while a transaction moves them: steps, history, calls, rows.

The readings' points go in (`observe`, `remember`); `write` puts everything down at the end, so that
a burst in one transaction calls for its worst once and not for every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import dated, stand, standing
from alerts.alarms.course import Point, Reading
from alerts.alarms.happenings import Observed
from alerts.alarms.lines import Line, loudest
from alerts.alarms.machine import Change, Standing, step
from alerts.annunciation import announce
from alerts.notices import Wording
from alerts.rules.levels import LimitRule
from core.alarms import Alarm, AlarmEventKind, AlarmState
from store import alarms, service


@dataclass(frozen=True, slots=True)
class Subject:
    """A station under one rule, in one exercise or for real; `hidden`: the state into which its alarms are born;
    `shut`: other alarms that the rule needs do not hold, so nothing is raised."""

    rule: LimitRule
    station_name: str
    area: str | None
    exercise: str | None
    hidden: AlarmState | None = None
    shut: bool = False


@dataclass
class Book:
    """Moves the alarms of a subject in memory; `known` are its open and recent ones, the open locked."""

    connection: Connection[Any]
    subject: Subject
    known: Sequence[Alarm]
    now: datetime
    wording: Wording
    _alarms: dict[int, Alarm] = field(init=False)
    _lines: list[Line] = field(init=False, default_factory=list)
    _restated: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._alarms = {alarm.id: alarm for alarm in self.known}

    @property
    def open(self) -> Alarm | None:
        """The subject's open alarm."""
        return next((alarm for alarm in self._alarms.values() if alarm.closed_at is None), None)

    def observe(self, point: Point, *, late: bool | None = None) -> None:
        """Moves the present by a point; with `late` set it calls nobody, however soon it came."""
        alarm = self.open
        if self.subject.shut and (alarm is None or not alarm.abnormal):
            return
        fresh = point.fresh if late is None else not late
        at = standing(alarm) if alarm else Standing()
        after, changes = step(at, observed(point, fresh=fresh, hidden=self.subject.hidden))
        if not changes:
            return
        if alarm is None:
            alarm = self._create(point)
        limit = point.limit
        moved = replace(
            stand(alarm, after),
            observed_at=point.reading.time,
            value=point.reading.value,
            threshold=limit.value if limit else alarm.threshold,
            threshold_name=limit.name if limit else alarm.threshold_name,
        )
        for change in changes:
            moved = dated(moved, change, at=self.now, observed_at=point.reading.time)
            self._line(moved, change, replace(point, fresh=fresh))
        self._alarms[moved.id] = moved

    def remember(self, points: Sequence[Point]) -> None:
        """Takes in what was observed before the present and reached a limit: late history.

        What an alarm stands for already is nothing new, unless it is worse than all that alarm knew.
        The rest belongs to the open alarm, or makes one that has returned by the present.
        """
        news: dict[int, list[Point]] = {}
        unknown: list[Point] = []
        for point in points:
            alarm = self._covering(point.reading.time)
            if alarm is None:
                unknown.append(point)
            elif alarm.highest_severity is None or _reached_rank(point) > alarm.highest_severity.rank:
                news.setdefault(alarm.id, []).append(point)
        if unknown:
            alarm = self.open
            if alarm is None:
                self._raise_late(unknown)
            else:
                news.setdefault(alarm.id, []).extend(unknown)
        for number, found in news.items():
            self._late(self._alarms[number], found)

    def restate(self, revised: Sequence[Reading], present: Sequence[Point]) -> None:
        """Lets the open alarm stand with the present value, where the one that it stood with was corrected."""
        alarm = self.open
        known = [point for point in present if point.reading.spoken is not None]
        if alarm is None or not known:
            return
        if any(r.time == alarm.observed_at and r.spoken != alarm.value for r in revised):
            point = _worst(known)
            reading, limit = point.reading, point.limit
            moved = replace(alarm, observed_at=reading.time, value=reading.value)
            if limit is not None:
                moved = replace(moved, threshold=limit.value, threshold_name=limit.name)
            self._alarms[alarm.id] = moved
            self._restated.add(alarm.id)

    def write(self) -> int:
        """Saves the alarms, writes the history and asks for people; returns how many lines."""
        moved = {line.alarm for line in self._lines}
        actor = self.subject.rule.signature()
        for line in self._lines:
            alarms.add_event(self.connection, line.event(actor, self.now))
        for number in moved | self._restated:
            alarms.save(self.connection, self._alarms[number])
        for number in sorted(moved):
            loud = loudest(line for line in self._lines if line.alarm == number)
            if loud is not None:
                property = self.subject.rule.property
                cause = loud.cause(self.subject.station_name, property, self.wording, self.now)
                announce(self.connection, self._alarms[number], cause, at=self.now)
        return len(self._lines)

    def _create(self, point: Point) -> Alarm:
        for known in self._alarms.values():
            if known.closed_at is not None:
                # Closed by this very batch: only one of a subject may stand open, also between two statements.
                alarms.save(self.connection, known)
        rule = self.subject.rule
        hidden = self.subject.hidden is AlarmState.OUT_OF_SERVICE
        absent = service.absence_of(self.connection, "station", rule.station) if hidden else None
        alarm = Alarm(
            id=0,
            alarm_class=rule.alarm_class,
            subject_kind="station",
            subject=rule.station,
            station=rule.station,
            property=rule.property,
            area=self.subject.area,
            rule=rule.code,
            rule_version=rule.version,
            exercise=self.subject.exercise,
            severity=None,
            highest_severity=None,
            state=AlarmState.NORMAL,
            raised_at=self.now,
            observed_at=point.reading.time,
            returned_at=None,
            acknowledged_at=None,
            acknowledged_by=None,
            closed_at=None,
            value=point.reading.value,
            threshold=None,
            threshold_name=None,
            shelved_until=None,
            reached_from=point.reading.time,
            service_until=absent.until if absent else None,
        )
        return replace(alarm, id=alarms.create(self.connection, alarm))

    def _covering(self, time: datetime) -> Alarm | None:
        found = [
            alarm
            for alarm in self._alarms.values()
            if alarm.reached_from is not None
            and alarm.reached_from <= time
            and (alarm.reached_until is None or time <= alarm.reached_until)
        ]
        return max(found, key=lambda alarm: alarm.reached_from or time, default=None)

    def _raise_late(self, points: Sequence[Point]) -> None:
        """An alarm for a danger that was over before it became known; the present returns it."""
        worst = _worst(points)
        self.observe(replace(worst, limit=worst.reached), late=True)
        alarm = self.open
        if alarm is not None:
            times = [point.reading.time for point in points]
            self._alarms[alarm.id] = replace(alarm, reached_from=min(times))

    def _late(self, alarm: Alarm, points: Sequence[Point]) -> None:
        worst = _worst(points)
        if worst.reached is None:
            return
        highest = worst.reached.severity
        if alarm.highest_severity is not None and alarm.highest_severity.rank > highest.rank:
            highest = alarm.highest_severity
        times = [point.reading.time for point in points]
        until = alarm.reached_until
        moved = replace(
            alarm,
            highest_severity=highest,
            reached_from=min([*times, *([alarm.reached_from] if alarm.reached_from else [])]),
            reached_until=max([until, *times]) if until is not None else None,
        )
        self._alarms[alarm.id] = moved
        change = Change(AlarmEventKind.LATE, alarm.state, worst.reached.severity)
        self._line(moved, change, replace(worst, limit=worst.reached, fresh=False))

    def _line(self, alarm: Alarm, change: Change, point: Point) -> None:
        limit = point.limit
        self._lines.append(
            Line(
                alarm.id,
                change,
                point,
                limit.value if limit else alarm.threshold,
                limit.name if limit else alarm.threshold_name,
                alarm.to_verify,
            )
        )


def observed(point: Point, *, fresh: bool, hidden: AlarmState | None = None) -> Observed:
    """A point as the state machine takes it."""
    return Observed(
        severity=point.severity,
        reached=point.reached.severity if point.reached else None,
        certain=point.reading.certain,
        fresh=fresh,
        hidden=hidden,
    )


def _reached_rank(point: Point) -> int:
    return point.reached.severity.rank if point.reached else 0


def _worst(points: Sequence[Point]) -> Point:
    """The most severe point, the highest of equals, the first of equally high ones."""
    return max(points, key=lambda point: (_reached_rank(point), point.reading.value or 0.0))
