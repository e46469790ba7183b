"""How a station reports: one word for it, from what came and what should have come. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

COMPLETE_SHARE = 0.95
"""From this share of the expected readings on, a station counts as complete: one in twenty may fail."""


class Reporting(StrEnum):
    """In the order of need: what a person looks at first stands first."""

    SILENT = "silent"
    INCOMPLETE = "incomplete"
    LATE = "late"
    FLAGGED = "flagged"
    COMPLETE = "complete"
    NEVER = "never"
    OUT_OF_SERVICE = "out_of_service"


RANK = {state: rank for rank, state in enumerate(Reporting)}


def reporting(
    *,
    out_of_service: bool,
    heard_at: datetime | None,
    now: datetime,
    period_s: int,
    share: float | None,
    late: int,
    flagged: int,
) -> Reporting:
    """`share` is of the expected readings, None where nothing was expected yet.

    Silent is who said nothing for three of its periods, however complete the hours before were: silence
    is never green.
    """
    if out_of_service:
        return Reporting.OUT_OF_SERVICE
    if heard_at is None:
        return Reporting.NEVER
    if now - heard_at > 3 * timedelta(seconds=period_s):
        return Reporting.SILENT
    if share is not None and share < COMPLETE_SHARE:
        return Reporting.INCOMPLETE
    if late:
        return Reporting.LATE
    if flagged:
        return Reporting.FLAGGED
    return Reporting.COMPLETE
