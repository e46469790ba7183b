"""Who takes turns in the role `derive`, in the order of their turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.settings import Settings
from ingest.derive import areas, derived, retention, retries, rollups
from store import marks

Step = Callable[[Connection[Any], Settings, datetime], int]
"""One bounded piece of work in the caller's transaction; returns how much was done, 0 for nothing."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who takes turns; `rest_s` is the least time between two of them.

    A rest lets marks of one series gather: an hour that got ten readings is computed once.
    """

    name: str
    step: Step
    rest_s: float = 0.0


CONSUMERS = (
    Consumer(marks.DERIVED, derived.step),
    Consumer("area_rain", areas.step, rest_s=5.0),
    Consumer(marks.ROLLUP, rollups.step, rest_s=1.0),
    Consumer("quarantine", retries.step),
    Consumer("retention", retention.step, rest_s=0.1),
)
