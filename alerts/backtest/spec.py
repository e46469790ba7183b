"""What a back-test is asked: a rule, stations, a range, and limits to try instead of those that stand. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.rules.levels import Limit
from core.errors import InputError
from core.severity import Severity
from core.thresholds import THRESHOLD_SEVERITY

LONGEST = timedelta(days=367)
MOST_STATIONS = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One limit as it would be: `value` None takes it away; other fields None stay as they are.

    `season_from` and `period_s` name which one of several of the same name. `default_delays`: a delay of None is
    that of the severity, not that which stands.
    """

    name: str
    value: float | None
    season_from: str | None = None
    period_s: int = 0
    severity: Severity | None = None
    deadband: float | None = None
    season_to: str | None = None
    on_delay_s: int | None = None
    off_delay_s: int | None = None
    default_delays: bool = False


@dataclass(frozen=True, slots=True)
class Spec:
    """`stations` empty: all that the rule is for. The range is half-open."""

    rule: str
    stations: tuple[str, ...]
    begin: datetime
    end: datetime
    changes: tuple[Change, ...] = ()

    def check(self) -> None:
        """Raises InputError for a range that is empty or longer than a year, or limits that are no numbers."""
        if not self.begin < self.end:
            raise InputError("empty_range", "the range of a back-test must begin before it ends")
        if self.end - self.begin > LONGEST:
            raise InputError("range_too_long", "a back-test covers a year at most: choose a shorter range")
        if len(self.stations) > MOST_STATIONS:
            raise InputError("too_many_stations", f"name at most {MOST_STATIONS} stations, or none for all")
        for change in self.changes:
            if change.value is not None and not (math.isfinite(change.value) and abs(change.value) < 1e6):
                raise InputError("bad_limit", f"{change.name}: the limit must be a plain number")
            if change.deadband is not None and not 0 <= change.deadband < 1000:
                raise InputError("bad_deadband", f"{change.name}: the deadband must not be negative")

    def as_json(self) -> dict[str, Any]:
        """As it is kept in the queue."""
        return asdict(self) | {"begin": self.begin.isoformat(), "end": self.end.isoformat()}

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> Spec:
        """The reverse of `as_json`."""
        return Spec(
            rule=kept["rule"],
            stations=tuple(kept["stations"]),
            begin=datetime.fromisoformat(kept["begin"]),
            end=datetime.fromisoformat(kept["end"]),
            changes=tuple(
                Change(**{**one, "severity": Severity(one["severity"]) if one["severity"] else None})
                for one in kept["changes"]
            ),
        )


DelaysOf = Callable[[Severity, int | None, int | None], tuple[timedelta, timedelta]]
"""On-delay and off-delay of a limit by its severity, and what is given of them in seconds."""


def changed(
    limits: Sequence[Limit], changes: Sequence[Change], datum: str | None, delays: DelaysOf
) -> tuple[Limit, ...]:
    """The limits of one station with the changes made. A change of a limit that is not set sets it.

    Raises InputError for a new limit whose severity nobody knows.
    """
    found = list(limits)
    for number, change in enumerate(changes):
        key = (change.name, change.season_from, change.period_s)
        standing = [one for one in found if (one.name, one.season_from, one.period_s) == key]
        found = [one for one in found if one not in standing]
        if change.value is not None:
            old = standing[0] if standing else None
            found.append(_tried(old, change, change.value, datum, delays, -1_000_000 - number))
    return tuple(found)


def _tried(
    old: Limit | None, change: Change, value: float, datum: str | None, delays: DelaysOf, new_id: int
) -> Limit:
    severity = change.severity or (old.severity if old else THRESHOLD_SEVERITY.get(change.name))
    if severity is None:
        raise InputError("severity_missing", f"{change.name} is no limit of the field: give its severity")
    on_delay, off_delay = delays(severity, change.on_delay_s, change.off_delay_s)
    if old is not None and severity is old.severity and not change.default_delays:
        on_delay = on_delay if change.on_delay_s is not None else old.on_delay
        off_delay = off_delay if change.off_delay_s is not None else old.off_delay
    limit = old or Limit(
        new_id, change.name, severity, value, 0.05, datum, change.season_from, None, change.period_s
    )
    return replace(
        limit,
        severity=severity,
        value=value,
        deadband=limit.deadband if change.deadband is None else change.deadband,
        season_to=change.season_to or limit.season_to,
        on_delay=on_delay,
        off_delay=off_delay,
    )
