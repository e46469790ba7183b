"""Reports of danger at works (险情) from the field: kinds, their default severities, which of them are the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.severity import Severity


class ReportKind(StrEnum):
    """管涌, 滑坡, 漫顶, 决口, 渗漏, 裂缝, 道路中断, 其他."""

    PIPING = "piping"
    LANDSLIDE = "landslide"
    OVERTOPPING = "overtopping"
    BREACH = "breach"
    SEEPAGE = "seepage"
    CRACK = "crack"
    ROAD_CUT = "road_cut"
    OTHER = "other"

    @property
    def severity(self) -> Severity:
        """What is assumed if whoever reports chooses nothing. A default of ours: no standard sets it."""
        return _SEVERITY[self]

    @property
    def is_danger(self) -> bool:
        """True for danger at works: its alarm stays until a person resets it (field.md §1.2)."""
        return self not in (ReportKind.ROAD_CUT, ReportKind.OTHER)


_SEVERITY = {
    ReportKind.PIPING: Severity.ORANGE,
    ReportKind.LANDSLIDE: Severity.ORANGE,
    ReportKind.OVERTOPPING: Severity.RED,
    ReportKind.BREACH: Severity.RED,
    ReportKind.SEEPAGE: Severity.YELLOW,
    ReportKind.CRACK: Severity.YELLOW,
    ReportKind.ROAD_CUT: Severity.YELLOW,
    ReportKind.OTHER: Severity.BLUE,
}

SAME_PLACE_M = 200.0
SAME_TIME = timedelta(minutes=30)
"""A report of the same kind so near in place and time is probably of the same danger: joining is proposed."""


class ReportEventKind(StrEnum):
    """What happened to a report."""

    FILED = "filed"
    EDITED = "edited"
    NOTED = "noted"
    PHOTO = "photo"
    JOINED = "joined"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Report:
    """What a person saw; open while `closed_at` is None.

    `observed_at` is when it was seen, `received_at` when the centre heard of it. Without a position the place is
    known by `area` and `place` (words) only. `joined_to` is the first report of the same danger: that one stands
    for all of them. `key` is what the sender named it by, so that a repeated sending files it once.
    """

    id: int
    key: str
    exercise: str | None
    kind: ReportKind
    severity: Severity
    area: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    place: str
    text: str
    observed_at: datetime
    received_at: datetime
    reported_by: str
    joined_to: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closed_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """One line of a report's history; never changed."""

    at: datetime
    kind: ReportEventKind
    actor: str
    detail: dict[str, Any] = field(default_factory=dict)
