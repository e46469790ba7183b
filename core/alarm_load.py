"""What a desk was asked and how its alarms moved: rows from which its load is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Asked:
    """An alarm asked for people at a desk (`desk` None: no area is known).

    `severity` is as what they were called. `acknowledged_at` is the first acknowledgement after it; `over_at` when the
    alarm was closed without one. Both None: still waiting. `uncalled`: nobody could be called.
    """

    alarm: int
    at: datetime
    desk: str | None
    severity: Severity
    source: str
    acknowledged_at: datetime | None = None
    over_at: datetime | None = None
    uncalled: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """An alarm's condition came (`raised`) or went; `source` is whose: subject and rule."""

    source: str
    at: datetime
    raised: bool


@dataclass(frozen=True, slots=True)
class Stood:
    """How long an alarm stood: `until` None is still."""

    alarm: int
    source: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Source:
    """What is shown of a source: the subject's names, its rule, and its newest alarm."""

    source: str
    rule: str
    subject_kind: str
    subject: str
    station: str | None
    name: str
    name_en: str
    alarm: int


@dataclass(frozen=True, slots=True)
class Load:
    """All rows of a time from `start` to `end` (not included); `end` is never after now."""

    start: datetime
    end: datetime
    asked: tuple[Asked, ...] = ()
    turns: tuple[Turn, ...] = ()
    stood: tuple[Stood, ...] = ()
