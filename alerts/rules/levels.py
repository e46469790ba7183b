"""Level rules: which limits a reading is compared with, and what holds after it.

Pure. A rule covers all thresholds of one property at one station: one alarm that worsens and
improves. A limit is reached at value ≥ limit, and let go of below limit − deadband; between the two
what held before holds on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.alarms import AlarmClass
from core.datum import comparable
from core.quality import Quality
from core.severity import Severity
from core.thresholds import in_season


@dataclass(frozen=True, slots=True)
class Limit:
    """One threshold as the evaluator compares it; `id` is its row."""

    id: int
    name: str
    severity: Severity
    value: float
    deadband: float
    datum: str | None = None
    season_from: str | None = None
    season_to: str | None = None

    def in_season(self, day: date) -> bool:
        """True if the limit is in force on `day` (county date); a season may cross New Year."""
        return in_season(self.season_from, self.season_to, day)


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One hazard on one station: `limits` are comparable with its readings, all over `datum`."""

    code: str
    version: int
    alarm_class: AlarmClass
    station: str
    property: str
    limits: tuple[Limit, ...]

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


def hold(limits: Sequence[Limit], active: frozenset[int], value: float, certain: bool) -> frozenset[int]:
    """The limits (ids) that hold after a reading.

    An uncertain one (suspect or bad) adds to them and takes none away: judgement never hides a flood.
    """
    reached = {limit.id for limit in limits if value >= limit.value}
    kept = {
        limit.id
        for limit in limits
        if limit.id in active and (not certain or value >= limit.value - limit.deadband)
    }
    return frozenset(reached | kept)


def worst(limits: Sequence[Limit], ids: frozenset[int], day: date) -> Limit | None:
    """The most severe of the limits named by `ids` that are in season, the highest of equals."""
    found = [limit for limit in limits if limit.id in ids and limit.in_season(day)]
    return max(found, key=lambda limit: (limit.severity.rank, limit.value), default=None)


def reached(limits: Sequence[Limit], value: float, day: date) -> Limit | None:
    """What a plain reading of the value gives: the most severe limit in season with value ≥ limit."""
    return worst(limits, frozenset(limit.id for limit in limits if value >= limit.value), day)
