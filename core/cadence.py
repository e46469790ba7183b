"""In what rhythm a desk is called: waits, intervals, repeats, how often at most. Defaults: field.md §1.4, §1.5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from core.severity import Severity

WINDOW = timedelta(minutes=10)
"""Over which calls of a desk and alarms at it are counted."""
REPEAT_S: Mapping[Severity, int] = MappingProxyType(
    {Severity.RED: 300, Severity.ORANGE: 600, Severity.YELLOW: 1800, Severity.BLUE: 14_400}
)


class Wait(StrEnum):
    """Why a call is not made yet: company, the group's last notice, a desk called too often, or the night."""

    GROUP_WAIT = "group_wait"
    GROUP_INTERVAL = "group_interval"
    PACE = "pace"
    QUIET_HOURS = "quiet_hours"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How long what is new waits for company, when people are called again, and how often at most.

    `group_wait_s`: before the first notice of a group, red never waits; `group_interval_s`: between a group's
    notice and the next one for what is new in it and not worse than what was told (`red_interval_s` if that is
    red); `repeat_s`: between calls while an alarm stays unacknowledged, by its severity. `most_calls`: of one
    desk in `WINDOW`. A flood of alarms begins above `flood_above` in `WINDOW` and ends below `flood_below`.
    """

    group_wait_s: int = 30
    group_interval_s: int = 300
    red_interval_s: int = 60
    repeat_s: Mapping[Severity, int] = field(default_factory=lambda: REPEAT_S)
    most_calls: int = 10
    flood_above: int = 10
    flood_below: int = 5

    def wait(self, severity: Severity) -> timedelta:
        """The group wait."""
        return timedelta(seconds=0 if severity is Severity.RED else self.group_wait_s)

    def interval(self, severity: Severity) -> timedelta:
        """The group interval."""
        if severity is Severity.RED:
            return timedelta(seconds=min(self.red_interval_s, self.group_interval_s))
        return timedelta(seconds=self.group_interval_s)

    def repeat(self, severity: Severity) -> timedelta:
        """The time to the next repeat."""
        return timedelta(seconds=self.repeat_s[severity])

    def at_once(self, severity: Severity) -> int:
        """How many calls of a desk in `WINDOW` need not wait for each other: of ten, six for red, three else."""
        return max(1, self.most_calls * (6 if severity is Severity.RED else 3) // 10)

    @property
    def pace(self) -> timedelta:
        """Between two calls of a desk once those are used up: 150 s where ten are the most."""
        return WINDOW / max(1, self.most_calls - self.at_once(Severity.RED))
