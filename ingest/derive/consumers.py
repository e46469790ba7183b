"""Who takes turns in the role `derive`, in the order of their turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.settings import Settings
from ingest.derive import areas, derived, retention, retries, rollups
from ingest.derive.forecasts import issue, skill
from store import marks

Step = Callable[[Connection[Any], Settings, datetime], int]
"""One bounded piece of work in the caller's transaction; returns how much was done, 0 for nothing."""
MarkStep = Callable[[Connection[Any], Settings, datetime, int], int]
"""The same by marks, of which it takes at most so many."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who takes turns; `rest_s` is the least time between two of them.

    A rest lets marks of one series gather: an hour that got ten readings is computed once.
    """

    name: str
    step: Step
    rest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MarkConsumer:
    """Somebody who works by the marks of the queue of this name.

    A mark whose work fails by itself is set aside: one reading that nobody thought of must not stop the work on
    all others. `most` are taken at once.
    """

    name: str
    step: MarkStep
    most: int
    rest_s: float = 0.0


CONSUMERS: tuple[Consumer | MarkConsumer, ...] = (
    MarkConsumer(marks.DERIVED, derived.step, derived.MOST_MARKS),
    MarkConsumer(marks.FORECAST, issue.step, issue.MOST_MARKS, rest_s=2.0),
    Consumer("area_rain", areas.step, rest_s=5.0),
    MarkConsumer(marks.ROLLUP, rollups.step, rollups.MOST_MARKS, rest_s=1.0),
    Consumer("forecast_skill", skill.step, rest_s=1.0),
    Consumer("quarantine", retries.step),
    Consumer("retention", retention.step, rest_s=0.1),
)
