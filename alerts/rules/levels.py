"""Limits: which ones a value is compared with, and which hold after it.

Pure. A rule covers all limits of one hazard at one station: one alarm that worsens and improves. A limit is
reached at value ≥ limit, and left below limit − deadband; between the two what held before holds on. Reaching
counts after the limit's on-delay, leaving after its off-delay, both by the times of the observations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.alarms import AlarmClass
from core.datum import comparable
from core.quality import Quality
from core.severity import Severity
from core.thresholds import in_season


@dataclass(frozen=True, slots=True)
class Limit:
    """One threshold as the evaluator compares it; `id` is its row (negative: of a table of defaults).

    `period_s` is the window of the sum or of the rate that it is for, 0 for the value itself.
    """

    id: int
    name: str
    severity: Severity
    value: float
    deadband: float
    datum: str | None = None
    season_from: str | None = None
    season_to: str | None = None
    period_s: int = 0
    on_delay: timedelta = timedelta(0)
    off_delay: timedelta = timedelta(0)

    @property
    def leave(self) -> float:
        """Below this value it is left."""
        return self.value - self.deadband

    @property
    def seasonal(self) -> bool:
        """True if it is in force for a part of the year only."""
        return self.season_from is not None

    def in_season(self, day: date) -> bool:
        """True if the limit is in force on `day` (county date); a season may cross New Year."""
        return in_season(self.season_from, self.season_to, day)


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One hazard on one station: `limits` are comparable with its readings.

    `kind` is level, rate or rain; `property` names the value that is compared (for a rate `rise_rate` or
    `fall_rate`), `source` the property whose readings it comes from.
    """

    code: str
    version: int
    alarm_class: AlarmClass
    station: str
    property: str
    limits: tuple[Limit, ...]
    kind: str = "level"
    source: str = ""

    def signature(self) -> str:
        """How the rule signs what it writes into an alarm's history."""
        return f"rule:{self.code} v{self.version}"


@dataclass(frozen=True, slots=True)
class Sorted:
    """Thresholds sorted by use: to compare with, refused for their datum; `unset` if none was set."""

    limits: tuple[Limit, ...]
    refused: tuple[Limit, ...]

    @property
    def unset(self) -> bool:
        return not self.limits and not self.refused


def sort_limits(property: str, datum: str | None, thresholds: Iterable[Limit]) -> Sorted:
    """Keeps the limits that may be compared over the station's `datum`.

    Limits that are all zero are how owners write "none": then nothing is set (未设), never normal.
    """
    found = tuple(thresholds)
    if all(limit.value == 0 for limit in found):
        return Sorted((), ())
    fitting = tuple(limit for limit in found if comparable(property, datum, limit.datum))
    return Sorted(fitting, tuple(limit for limit in found if limit not in fitting))


def speaks(value: float | None, quality: Quality) -> float | None:
    """The value, or None where it says nothing: a missing one neither raises nor returns an alarm."""
    return None if value is None or math.isnan(value) or quality is Quality.MISSING else value


@dataclass(frozen=True, slots=True)
class Held:
    """The limits (ids) that hold, those reached that wait for their on-delay, those left that wait for theirs.

    The waiting ones with the observation time since when.
    """

    active: frozenset[int] = frozenset()
    rising: Mapping[int, datetime] = field(default_factory=dict)
    falling: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """True while any delay runs."""
        return bool(self.rising or self.falling)


def hold(limits: Sequence[Limit], held: Held, value: float, certain: bool, time: datetime) -> Held:
    """What holds after a reading of `time`.

    An uncertain one (suspect or bad) adds to it and takes nothing away: judgement never hides a flood.
    """
    active: set[int] = set()
    rising: dict[int, datetime] = {}
    falling: dict[int, datetime] = {}
    for limit in limits:
        if limit.id in held.active:
            since = _left_since(limit, held, value, certain, time)
            if since is None:
                active.add(limit.id)
            elif time - since < limit.off_delay:
                active.add(limit.id)
                falling[limit.id] = since
        else:
            since = _reached_since(limit, held, value, certain, time)
            if since is not None and value >= limit.value and time - since >= limit.on_delay:
                active.add(limit.id)
            elif since is not None:
                rising[limit.id] = since
    return Held(frozenset(active), rising, falling)


def ripe(limits: Sequence[Limit], held: Held, at: datetime) -> Held:
    """What holds at `at` if nothing new was heard until then: reached limits whose delay is over have come."""
    come = {
        limit.id
        for limit in limits
        if limit.id in held.rising and at - held.rising[limit.id] >= limit.on_delay
    }
    waiting = {number: since for number, since in held.rising.items() if number not in come}
    return Held(held.active | come, waiting, held.falling) if come else held


def _left_since(limit: Limit, held: Held, value: float, certain: bool, time: datetime) -> datetime | None:
    since = held.falling.get(limit.id)
    if not certain:
        return None if value >= limit.value else since
    return None if value >= limit.leave else since or time


def _reached_since(limit: Limit, held: Held, value: float, certain: bool, time: datetime) -> datetime | None:
    since = held.rising.get(limit.id)
    if value >= limit.value:
        return since or time
    return None if certain else since


def worst(limits: Sequence[Limit], ids: frozenset[int], day: date) -> Limit | None:
    """The most severe of the limits named by `ids` that are in season, the highest of equals."""
    found = [limit for limit in limits if limit.id in ids and limit.in_season(day)]
    return max(found, key=lambda limit: (limit.severity.rank, limit.value), default=None)


def reached(limits: Sequence[Limit], value: float, day: date) -> Limit | None:
    """What a plain reading of the value gives: the most severe limit in season with value ≥ limit."""
    return worst(limits, frozenset(limit.id for limit in limits if value >= limit.value), day)


def calm_band(limits: Sequence[Limit], active: frozenset[int]) -> tuple[float, float]:
    """Between these values (from, below) a certain reading changes nothing of what holds, whatever its time.

    Holds while no delay runs.
    """
    low = max((limit.leave for limit in limits if limit.id in active), default=-math.inf)
    high = min((limit.value for limit in limits if limit.id not in active), default=math.inf)
    return low, high
