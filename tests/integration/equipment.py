"""Looks of the real finders at a small county, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from alerts.standing.battery import BatteryFinder
from alerts.standing.camera import CameraFinder
from alerts.standing.clock import ClockFinder
from alerts.standing.device import DeviceFinder
from alerts.standing.finding import Finder, Look
from alerts.standing.isolation import IsolationFinder
from alerts.standing.link import LinkFinder
from alerts.standing.reconcile import look
from alerts.standing.silence import SilenceFinder
from core.alarms import Alarm
from core.settings import Settings
from store import alarms
from tests.integration.levels import SETTING, Field, minute

WORDING = SETTING.wording


@dataclass
class Watch:
    """Every finder of equipment, in the order of the evaluator."""

    county: Field
    finders: tuple[Finder, ...] = field(
        default_factory=lambda: (
            LinkFinder(), SilenceFinder(), BatteryFinder(), ClockFinder(), CameraFinder(), DeviceFinder(),
            IsolationFinder(),
        )
    )  # fmt: skip

    def look(self, at: float, *kinds: str) -> None:
        """Looks of these kinds (all by default) at a minute after START; fails where a look fails."""
        how = Look(minute(at), ZoneInfo("Asia/Shanghai"), Settings())
        for finder in self.finders:
            if not kinds or finder.kind in kinds:
                with self.county.connection.transaction():
                    assert look(self.county.connection, finder, how, WORDING).faults == 0

    def alarms(self, *, rule: str | None = None, exercise: str | None = None) -> list[Alarm]:
        """All alarms of a rule, oldest first."""
        lines = alarms.list_alarms(self.county.connection, exercise=exercise, only_open=False)
        return sorted(
            (line.alarm for line in lines if rule is None or line.alarm.rule == rule), key=lambda a: a.id
        )

    def standing(self, exercise: str | None = None) -> list[tuple[str, str]]:
        """Rule and subject of what holds now, sorted."""
        return sorted((one.rule, one.subject) for one in self.alarms(exercise=exercise) if one.abnormal)

    def story(self, alarm: Alarm) -> list[str]:
        """Kinds of an alarm's history but who was called."""
        told = alarms.events(self.county.connection, alarm.id)
        return [event.kind.value for event in told if event.kind.value not in ("called", "uncalled")]

    def execute(self, query: str, *values: Any) -> None:
        """Straight into the database."""
        self.county.connection.execute(query.encode(), values)
