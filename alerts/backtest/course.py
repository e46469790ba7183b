"""One subject under given limits, reading by reading: its episodes of alarm and when people were called.

Pure, and the same code that raises alarms: `alerts.alarms.course.advance` (delays included),
`alerts.alarms.machine.step`, and for rates `alerts.rules.rates.Window`.
What only people can know is assumed: every call is acknowledged after `ACKNOWLEDGED_AFTER` (field.md §2.1: awake
within five minutes), and every reading came in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.alarms.book import observed
from alerts.alarms.course import Condition, Point, Reading, Terms, advance, ripen
from alerts.alarms.happenings import Acknowledged
from alerts.alarms.machine import Standing, step
from alerts.rules.rates import Window, spoken
from core.alarms import AlarmEventKind, AlarmState
from core.severity import Severity, worse

ACKNOWLEDGED_AFTER = timedelta(minutes=5)
_BLOCK = 256
_UNHEARD = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Episode:
    """One alarm from its raising to its return; `ended` None: it still stood at the end of the range.

    `peak` is the worst value. Of equipment (no colour) `highest` is the priority by which people are called, None where
    nobody is, and `limit` what it is about: a property, `station`.
    """

    station: str
    started: datetime
    ended: datetime | None
    highest: Severity | None
    peak: float | None
    peak_at: datetime
    limit: str
    calls: int = 0

    def seconds(self, until: datetime) -> float:
        """How long it stood, at most until the end of the range."""
        return ((self.ended or until) - self.started).total_seconds()


@dataclass(frozen=True, slots=True)
class Call:
    """People were called: when, for how bad a thing."""

    at: datetime
    severity: Severity


@dataclass
class Course:
    """Feed it readings in time order; then `episodes` and `calls` are what the rule would have done.

    `rate` is `rise_rate` or `fall_rate` where it is fitted over `window_s` and compared instead of the value.
    """

    station: str
    terms: Terms
    rate: str | None = None
    window_s: float = 0.0
    episodes: list[Episode] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    _conditions: dict[int, Condition] = field(default_factory=dict)
    _standing: Standing = field(default_factory=Standing)
    _called_at: datetime | None = None
    _open: bool = False
    _windows: dict[int, Window] = field(default_factory=dict)

    def feed(self, readings: Sequence[Reading]) -> None:
        """Reads on."""
        compared = readings if self.rate is None else self._rates(self.rate, readings)
        for start in range(0, len(compared), _BLOCK):
            block = compared[start : start + _BLOCK]
            if self._at_rest() and not self._reaches(block):
                continue
            self._conditions, points = advance(self.terms, self._conditions, block)
            for point in points:
                self._observe(point)

    def end(self, at: datetime) -> None:
        """Lets delays end that are over at the end of the range."""
        self._conditions, points = ripen(self.terms, self._conditions, at)
        for point in points:
            self._observe(point)

    def _rates(self, property: str, readings: Sequence[Reading]) -> list[Reading]:
        """The fitted rates that usable readings end."""
        found = []
        for reading in readings:
            if reading.spoken is None or not reading.certain:
                continue
            window = self._windows.setdefault(reading.series, Window(self.window_s))
            window.add(reading.time.timestamp(), reading.spoken)
            rate = window.rate()
            if rate is not None:
                found.append(replace(reading, value=spoken(property, rate)))
        return found

    def _at_rest(self) -> bool:
        """Nothing holds, nothing waits for a delay: readings below every limit change nothing."""
        return not self._standing.abnormal and not any(
            one.held.active or one.held.waits for one in self._conditions.values()
        )

    def _reaches(self, block: Sequence[Reading]) -> bool:
        lowest = min((limit.value for limit in self.terms.limits), default=None)
        if lowest is None:
            return False
        return any((spoken := reading.spoken) is not None and spoken >= lowest for reading in block)

    def _observe(self, point: Point) -> None:
        at = point.reading.time
        if self._called_at is not None and at - self._called_at >= ACKNOWLEDGED_AFTER:
            if self._standing.state in _UNHEARD:
                self._standing, _ = step(self._standing, Acknowledged())
            self._called_at = None
        self._standing, changes = step(self._standing, observed(point, fresh=True))
        for change in changes:
            match change.kind:
                case AlarmEventKind.RAISED:
                    self._raise(point)
                case AlarmEventKind.RETURNED:
                    self.episodes[-1] = replace(self.episodes[-1], ended=at)
                    self._open = False
            if change.call and change.severity is not None:
                self._called_at = at
                self.calls.append(Call(at, change.severity))
                self._change(calls=self.episodes[-1].calls + 1)
        if self._open:
            self._worst(point)

    def _raise(self, point: Point) -> None:
        severity, value = point.severity, point.reading.value
        assert severity is not None and value is not None and point.limit is not None
        at = point.reading.time
        self.episodes.append(Episode(self.station, at, None, severity, value, at, point.limit.name))
        self._open = True

    def _worst(self, point: Point) -> None:
        last, value, severity = self.episodes[-1], point.reading.spoken, point.severity
        if value is not None and (last.peak is None or value > last.peak):
            self._change(peak=value, peak_at=point.reading.time)
        if (
            severity is not None
            and point.limit is not None
            and worse(severity, last.highest) is not last.highest
        ):
            self._change(highest=severity, limit=point.limit.name)

    def _change(self, **fields: object) -> None:
        self.episodes[-1] = replace(self.episodes[-1], **fields)  # type: ignore[arg-type]
