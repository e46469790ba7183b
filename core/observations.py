"""Readings as they arrive and observations as they are kept.

Both are records that nobody changes. Only they are not frozen: that makes one four times as slow to make,
and a backlog has millions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.quality import Quality


@dataclass(slots=True, unsafe_hash=True)
class Reading:
    """One value as a format decoded it, in the property's SI unit; None is reported as missing.

    `reason` is empty, or says why the value is not plainly good.
    """

    station: str
    property: str
    time: datetime
    value: float | None
    sensor: int = 1
    period_s: int = 0
    quality: Quality = Quality.NOT_EVALUATED
    reason: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Observation:
    """One judged value of a series; `source` names the format, `by` the person who entered it."""

    series: int
    time: datetime
    value: float | None
    quality: Quality
    reason: str
    received_at: datetime
    source: str
    by: str | None = None
