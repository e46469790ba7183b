"""The lines that a transaction adds to alarms' histories: as events, and as what people are called for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.alarms.course import Point
from alerts.alarms.machine import Change
from alerts.notices import Cause, Reached, Wording, reached
from core.alarms import AlarmEvent, AlarmEventKind


@dataclass(frozen=True, slots=True)
class Line:
    """A change of an alarm, the point that made it, and the limit that the alarm stands for."""

    alarm: int
    change: Change
    point: Point
    threshold: float | None
    threshold_name: str | None
    to_verify: bool

    def event(self, actor: str, at: datetime) -> AlarmEvent:
        """As history keeps it."""
        reading = self.point.reading
        detail: dict[str, Any] = {"limit": self.threshold_name}
        if self.to_verify:
            detail |= {"to_verify": True, "quality": int(reading.quality), "reason": reading.reason}
        if reading.by is not None:
            detail |= {"by": reading.by, "reason": reading.reason}
        return AlarmEvent(
            alarm=self.alarm,
            at=at,
            kind=self.change.kind,
            state=self.change.state,
            severity=self.change.severity,
            value=reading.value,
            threshold=self.threshold,
            observed_at=reading.time,
            received_at=reading.received_at,
            actor=actor,
            late=not self.point.fresh,
            detail=detail,
        )

    def cause(self, station_name: str, property: str, wording: Wording, at: datetime) -> Cause:
        """What people are told of it: of a confirmation what the reading bears out. Raises ValueError for a line
        that calls nobody."""
        severity, limit, name = self.change.severity, self.threshold, self.threshold_name
        borne_out = self.point.reached if self.change.kind is AlarmEventKind.CONFIRMED else None
        if severity is not None and borne_out is not None and borne_out.severity.rank < severity.rank:
            severity, limit, name = borne_out.severity, borne_out.value, borne_out.name
        if severity is None or limit is None or self.point.reading.value is None:
            raise ValueError(f"alarm {self.alarm} calls without severity, limit or value")
        facts = Reached(
            station_name=station_name,
            property=property,
            observed_at=self.point.reading.time,
            value=self.point.reading.value,
            severity=severity,
            limit_name=name or "",
            limit_value=limit,
            window_s=self._window_s,
            to_verify=self.to_verify,
        )
        return reached(facts, wording, at=at)

    @property
    def _window_s(self) -> int:
        limit = self.point.limit or self.point.reached
        return limit.period_s if limit else 0


def loudest(lines: Iterable[Line]) -> Line | None:
    """The line that people are called for: the worst of those that call, the last of equals."""
    found: Line | None = None
    for line in lines:
        if line.change.call and _rank(line) >= _rank(found):
            found = line
    return found


def _rank(line: Line | None) -> int:
    return line.change.severity.rank if line and line.change.severity else 0
