"""Silences (静默): matchers of alarms for which people are not called for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.alarms import AlarmClass
from core.severity import Severity

LONGEST = timedelta(hours=12)
"""design.md: a suppression ends by itself, after 12 h at the latest."""


@dataclass(frozen=True, slots=True)
class Matchers:
    """All that are given must fit (None fits everything); `area` takes in everything below it.

    `most` is the worst that is muted, as people are called for it: what becomes worse is heard.
    """

    exercise: str | None = None
    hazard: AlarmClass | None = None
    rule: str | None = None
    area: str | None = None
    station: str | None = None
    most: Severity | None = None

    @property
    def mutes_red(self) -> bool:
        """True if it may keep people from hearing of red."""
        return self.most is None or self.most is Severity.RED


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence; `second` allowed it where it may mute red. It is over at `ends_at`, or when somebody ends it."""

    id: int
    matchers: Matchers
    starts_at: datetime
    ends_at: datetime
    reason: str
    author: str
    second: str | None
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None

    def is_active(self, at: datetime) -> bool:
        """True while it mutes."""
        return self.ended_at is None and self.starts_at <= at < self.ends_at

    def is_over(self, at: datetime) -> bool:
        """True once it mutes no more, by its end or by a person."""
        return self.ended_at is not None or self.ends_at <= at
