"""One piece of equipment: its episodes of alarm and when people were called. Pure.

The alarm's life is the evaluator's own (`alerts.alarms.machine.step`). It has no colour: `highest` is the priority by
which people are called, and a rule without one calls nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.alarms.happenings import Observed
from alerts.alarms.machine import Standing, step
from alerts.backtest.course import Call, Episode
from core.alarms import AlarmEventKind
from core.severity import Severity


@dataclass
class EquipmentCourse:
    """Tell it in time order what holds and what is over. `what`: what the alarm is about at its station."""

    station: str
    priority: Severity | None
    what: str
    episodes: list[Episode] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    _standing: Standing = field(default_factory=Standing)

    def holds(self, at: datetime, value: float | None = None, what: str | None = None) -> None:
        """It is so; `value` is what says so, of which the lowest is kept."""
        self._standing, changes = step(self._standing, Observed(None, None, colourless=True))
        for change in changes:
            if change.kind is AlarmEventKind.RAISED:
                self.episodes.append(
                    Episode(self.station, at, None, self.priority, value, at, what or self.what)
                )
            if change.call and self.priority is not None:
                self.calls.append(Call(at, self.priority))
                self._change(calls=self.episodes[-1].calls + 1)
        lowest = self.episodes[-1].peak
        if value is not None and (lowest is None or value < lowest):
            self._change(peak=value, peak_at=at)

    def over(self, at: datetime) -> None:
        """It is so no more."""
        self._standing, changes = step(self._standing, Observed(None, None))
        if any(change.kind is AlarmEventKind.RETURNED for change in changes):
            self._change(ended=at)

    def _change(self, **fields: object) -> None:
        self.episodes[-1] = replace(self.episodes[-1], **fields)  # type: ignore[arg-type]
