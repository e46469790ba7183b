"""Times in the facts of a finding."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time as people of the county write it; without the year, it was lately."""
    return f"{at.astimezone(zone):%m-%d %H:%M}"
