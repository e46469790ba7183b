"""What a finder of standing conditions is asked, and what it answers."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from psycopg import Connection

from core.rules import StandingRule as StandingRule
from core.settings import Settings
from core.severity import Severity

SubjectKey = tuple[str | None, str, str]
"""Exercise (None is real), subject kind, subject."""


@dataclass(frozen=True, slots=True)
class Look:
    """By what a finder looks: the moment, the county's zone, the settings."""

    now: datetime
    zone: ZoneInfo
    settings: Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition that holds now.

    `severity` None: it has no colour (equipment). `observed_at` is the time of what says so (or since when it
    is so), which becomes the alarm's; `facts` fill the catalogue texts `standing.CODE.title` and `.text` of
    its rule and are kept as the alarm's detail (JSON values only). `latch`: a person must reset it in the end.
    """

    subject_kind: str
    subject: str
    observed_at: datetime
    severity: Severity | None = None
    station: str | None = None
    property: str | None = None
    area: str | None = None
    exercise: str | None = None
    value: float | None = None
    threshold: float | None = None
    threshold_name: str | None = None
    received_at: datetime | None = None
    certain: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)
    latch: bool = False

    @builtins.property
    def key(self) -> SubjectKey:
        """Whose alarm it is."""
        return self.exercise, self.subject_kind, self.subject


@dataclass(frozen=True, slots=True)
class Found:
    """All that holds now. What is missing has returned, unless it is `held`: not to be judged at this look.

    A finder of very many says instead what is new and what has `returned`; all else is as it was. `more`: there is
    more than one look should take; the finder looks again as soon as the readings had their turn.
    """

    findings: tuple[Finding, ...] = ()
    held: frozenset[SubjectKey] = frozenset()
    returned: frozenset[SubjectKey] | None = None
    more: bool = False


class Finder(Protocol):
    """Looks for one kind of condition.

    `every_s`: how long between two looks at most; `wakes`: what is announced (`core.notices`) makes it look at once.
    """

    kind: str
    every_s: float
    wakes: frozenset[str]

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """What holds now, for real and in every running exercise. Reads only; errors keep the alarms as they are."""
        ...
