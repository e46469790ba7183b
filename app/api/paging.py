"""Pages of rows in order of time: where one ended is where the next begins."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta

from core.errors import InputError

LONGEST = timedelta(days=366)
"""Of raw readings at once."""


def in_utc(time: datetime | None) -> datetime | None:
    """The same moment in UTC. Raises InputError for a time without a zone."""
    if time is not None and time.tzinfo is None:
        raise InputError("time_zone", "times need a zone: write 2026-07-01T00:00:00Z")
    return time.astimezone(UTC) if time else None


def page_mark(time: datetime, series: int) -> str:
    """Names the last row of a page; opaque to those who hand it back."""
    return base64.urlsafe_b64encode(f"{time.isoformat()} {series}".encode()).decode()


def position(after: str | None) -> tuple[datetime, int] | None:
    """The row that a page mark names. Raises InputError for anything else."""
    if after is None:
        return None
    try:
        time, _, series = base64.urlsafe_b64decode(after).decode().partition(" ")
        return datetime.fromisoformat(time).astimezone(UTC), int(series)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise InputError("page_mark", "`after` must be the `next` of the page before") from error
