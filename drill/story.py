"""Which moment of the storm is played at which moment of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Story:
    """At `origin` (the clock) the storm stands at `start` (its own time).

    What was before `origin` went at natural speed, so that the history on the first screen is true to
    itself; from then on the storm goes `speed` times faster than the clock.
    """

    origin: datetime
    start: datetime
    speed: float

    def storm_time(self, moment: datetime) -> datetime:
        """The storm's time at a moment of the clock."""
        passed = moment - self.origin
        return self.start + (passed * self.speed if passed > timedelta() else passed)

    def clock_time(self, storm_time: datetime) -> datetime:
        """The clock's moment for a time of the storm."""
        passed = storm_time - self.start
        return self.origin + (passed / self.speed if passed > timedelta() else passed)
