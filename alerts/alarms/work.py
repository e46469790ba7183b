"""The evaluation of one subject of which something may change: late history, the present, what follows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.alarms.acts import standing
from alerts.alarms.book import Book, Subject, observed
from alerts.alarms.course import Condition, Point, Reading, Terms, advance, due_at, ripen
from alerts.alarms.machine import Standing, step
from alerts.alarms.memory import Watched, highest_doubtful, last_reading
from alerts.gatekeeper import Gatekeeper
from alerts.notices import Wording
from alerts.rules.gates import Asker
from alerts.rules.levels import Held, hold
from core.alarms import Alarm, AlarmState
from core.quality import Quality
from store import evaluation
from store.tracks import Track


@dataclass(frozen=True, slots=True)
class Said:
    """What a series says at present: its newest usable reading, of one that has none its newest doubtful one.

    `doubtful`: the highest of the doubtful readings that came since, by which nothing good was said.
    """

    newest: Reading | None
    doubtful: Reading | None = None

    @property
    def highest(self) -> float:
        """The highest value that is said."""
        values = [one.value for one in (self.newest, self.doubtful) if one and one.value is not None]
        return max(values, default=-math.inf)

    def worst(self, terms: Terms) -> Reading | None:
        """The reading that the present stands on: the newest, unless a doubtful one since then reaches worse."""
        if self.newest is None or self.doubtful is None:
            return self.newest or self.doubtful
        reached = [terms.reached(reading) for reading in (self.newest, self.doubtful)]
        newest, doubtful = (limit.severity.rank if limit else 0 for limit in reached)
        return self.doubtful if doubtful > newest else self.newest


@dataclass
class Work:
    """`readings` are those of the subject's series in order of time, of a rate the fitted ones.

    `refit`: of rates whose window holds a revised reading, the rate that now ends it (None: too little is known).
    """

    connection: Connection[Any]
    watched: Watched
    known: Sequence[Alarm]
    readings: Sequence[Reading]
    now: datetime
    wording: Wording
    refit: Mapping[int, Reading | None] = field(default_factory=dict)

    def run(self) -> tuple[int, dict[int, Condition]]:
        """Moves the subject's alarms; returns the lines of history written, and the conditions at the end."""
        before = self.watched.conditions()
        old = [r for r in self.readings if r.series in before and r.time <= before[r.series].observed_at]
        new = [r for r in self.readings if r.series not in before or r.time > before[r.series].observed_at]
        if not old and not self.refit and not self._stale(before):
            after, points = self._on(before, new)
            if self._quiet(points):
                self._settle(self._open)
                return 0, after
        with self.connection.transaction():
            return self._move(before, old, new)

    def tracks(self, after: Mapping[int, Condition]) -> list[Track]:
        """The conditions as they are kept."""
        return [self._track(series, condition) for series, condition in sorted(after.items())]

    def _on(
        self, conditions: Mapping[int, Condition], new: Sequence[Reading]
    ) -> tuple[dict[int, Condition], list[Point]]:
        after, points = advance(self.watched.terms, conditions, new)
        after, ripened = ripen(self.watched.terms, after, self.now)
        return after, [*points, *ripened]

    def _move(
        self, before: dict[int, Condition], old: Sequence[Reading], new: Sequence[Reading]
    ) -> tuple[int, dict[int, Condition]]:
        place = self.watched.place
        subject = Subject(
            self.watched.rule, place.station_name, place.area, self.watched.exercise, self._hidden, self._shut
        )
        book = Book(self.connection, subject, self.known, self.now, self.wording)
        conditions = before
        revised = sorted({reading.series for reading in old} | self._stale(before) | self.refit.keys())
        said = {series: self._said(series, before[series]) for series in revised}
        for series in revised:
            conditions = {**conditions, series: self._again(series, before[series], said[series])}
        now = [said[series].worst(self.watched.terms) or self._left(series, old) for series in revised]
        present = [self.watched.terms.point(reading, conditions) for reading in now if reading]
        for point in present:
            book.observe(point)
        book.remember(self._reached(old))
        for point in present:
            book.observe(point)
        book.restate(old, present)
        after, points = self._on(conditions, new)
        for point in points:
            book.observe(point)
        lines = book.write()
        self._settle(book.open)
        return lines, after

    @property
    def _hidden(self) -> AlarmState | None:
        return AlarmState.OUT_OF_SERVICE if self.watched.place.out_of_service else None

    @property
    def _shut(self) -> bool:
        """True if the rule needs other alarms too, and they do not hold."""
        place = self.watched.place
        keeper = Gatekeeper.of(self.connection, place.requires, self.now)
        asker = Asker(self.watched.exercise, place.station, place.station, place.area)
        return keeper is not None and not keeper.ask(asker).open

    @property
    def _is_rate(self) -> bool:
        return self.watched.rule.kind == "rate"

    def _said(self, series: int, was: Condition) -> Said:
        if self._is_rate:
            return Said(self.refit.get(series))
        newest = last_reading(self.connection, series, was.observed_at, usable=True)
        since = newest.time if newest else None
        doubtful = highest_doubtful(self.connection, series, was.observed_at, since)
        return Said(newest or last_reading(self.connection, series, was.observed_at), doubtful)

    def _left(self, series: int, old: Sequence[Reading]) -> Reading | None:
        """Of a series of which persons have voided everything, the last that they voided; it bears nothing out."""
        if self._is_rate:
            return None
        gone = [reading for reading in old if reading.series == series and reading.by is not None]
        return gone[-1] if gone else None

    def _again(self, series: int, was: Condition, said: Said) -> Condition:
        """Judges the present of a series anew from its history: that was revised, or its limits were.

        What newly holds by a revision must be borne out by what is said at present. Limits that
        took the place of others hold by history alone: theirs are other ids.
        """
        terms = self.watched.terms
        limits = terms.of(series)
        newest = said.newest if said.newest and said.newest.certain else None
        value = newest.value if newest else None
        if self._is_rate:
            held = was.held if value is None else hold(limits, was.held, value, True, was.observed_at)
            held = _without(held, self.watched.stale_ids(held))
        else:
            held = self._history(series, was.observed_at)
            borne_out = {limit.id for limit in limits if said.highest >= limit.value}
            if not self.watched.stale_ids(was.held):
                held = Held(held.active & (was.active | borne_out), held.rising, held.falling)
        limit = terms.worst(series, held, was.observed_at)
        last = newest or was.last
        return Condition(was.observed_at, held, limit, was.value if value is None else value, last)

    def _history(self, series: int, at: datetime) -> Held:
        """What holds after the observation at `at` by the readings until then, the delays among them."""
        return self._course(series, at - self.watched.terms.memory(), at)[0].held

    def _course(self, series: int, since: datetime, until: datetime) -> tuple[Condition, list[Point]]:
        """What the readings of a series within (since, until] come to, the delays among them."""
        terms = self.watched.terms
        limits = [(limit.id, limit.value, limit.leave) for limit in terms.of(series)]
        active = evaluation.limits_held(self.connection, series, since, limits)
        began = Condition(since, Held(active), None, None)
        if since == until:
            return began, []
        readings = [Reading(r[0], r[1], r[2], Quality(r[3]), *r[4:]) for r in
                    evaluation.observations(self.connection, [(series, since, until)], 100_000) if r[1] > since]  # fmt: skip
        after, points = advance(terms, {series: began}, readings)
        return after[series], points

    def _reached(self, readings: Sequence[Reading]) -> list[Point]:
        """Old readings that reached a limit by themselves, and for as long as its on-delay asks."""
        if self._is_rate:
            return []
        terms = self.watched.terms
        points = [Point(r, None, terms.reached(r), fresh=False) for r in readings]
        points = [point for point in points if point.reached is not None]
        if not any(limit.on_delay for limit in terms.limits):
            return points
        times: dict[int, list[datetime]] = {}
        for point in points:
            times.setdefault(point.reading.series, []).append(point.reading.time)
        held = {
            (series, point.reading.time): point
            for series, found in times.items()
            for point in self._course(series, min(found) - terms.memory(), max(found))[1]
        }
        counted = [(point, held.get((point.reading.series, point.reading.time))) for point in points]
        return [replace(point, reached=limit) for point, at in counted if at and (limit := at.borne_out)]

    def _quiet(self, points: Sequence[Point]) -> bool:
        """True if no point changes anything: then there is no need of a savepoint."""
        at = standing(self._open) if self._open else Standing()
        return not any(
            step(at, observed(point, fresh=point.fresh, hidden=self._hidden))[1] for point in points
        )

    @property
    def _open(self) -> Alarm | None:
        return next((alarm for alarm in self.known if alarm.closed_at is None), None)

    def _settle(self, alarm: Alarm | None) -> None:
        """Notes whether anybody still waits to be called for what holds."""
        self.watched.settled = alarm is None or not (alarm.to_verify or _waits_for_a_call(alarm))

    def _stale(self, before: Mapping[int, Condition]) -> set[int]:
        """Series of which a limit holds or waits that is no longer set: they are judged anew."""
        return {series for series, one in before.items() if self.watched.stale_ids(one.held)}

    def _track(self, series: int, condition: Condition) -> Track:
        limit, held = condition.limit, condition.held
        return Track(
            series=series,
            station=self.watched.rule.station,
            exercise=self.watched.exercise,
            rule=self.watched.rule.code,
            observed_at=condition.observed_at,
            active=sorted(held.active),
            value=condition.value,
            rising_ids=list(held.rising),
            rising_since=list(held.rising.values()),
            falling_ids=list(held.falling),
            falling_since=list(held.falling.values()),
            due_at=due_at(self.watched.terms, {series: condition}),
            severity=limit.severity if limit else None,
            threshold=limit.value if limit else None,
            threshold_name=limit.name if limit else None,
        )


def _without(held: Held, ids: set[int]) -> Held:
    if not ids:
        return held
    return Held(
        held.active - ids,
        {number: since for number, since in held.rising.items() if number not in ids},
        {number: since for number, since in held.falling.items() if number not in ids},
    )


def _waits_for_a_call(alarm: Alarm) -> bool:
    if alarm.state is not AlarmState.UNACKNOWLEDGED or alarm.severity is None:
        return False
    return alarm.called_severity is None or alarm.called_severity.rank < alarm.severity.rank
