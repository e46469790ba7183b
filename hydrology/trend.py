"""How fast a level rises or falls: a line fitted through the last values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

STEADY_M_PER_H = 0.02
"""A slower change than this is shown as steady (平)."""


def slope_per_hour(
    points: Sequence[tuple[datetime, float]], now: datetime, window: timedelta = timedelta(hours=1)
) -> float | None:
    """Slope in the values' unit per hour by least squares over (now - window, now].

    None with fewer than three values or where they span less than a third of the window: two points
    make a line of any noise (field.md §1.3).
    """
    held = [(time, value) for time, value in points if now - window < time <= now]
    if len(held) < 3:
        return None
    hours = [(time - now).total_seconds() / 3600 for time, _ in held]
    if max(hours) - min(hours) < window.total_seconds() / 3600 / 3:
        return None
    mean_hour = sum(hours) / len(hours)
    mean_value = sum(value for _, value in held) / len(held)
    spread = sum((hour - mean_hour) ** 2 for hour in hours)
    together = sum(
        (hour - mean_hour) * (value - mean_value) for hour, (_, value) in zip(hours, held, strict=True)
    )
    return together / spread


def trend_code(slope: float | None, steady: float = STEADY_M_PER_H) -> int | None:
    """The field's code of a trend (SL 323 WPTN): 4 falling (落), 5 rising (涨), 6 steady (平)."""
    if slope is None:
        return None
    if abs(slope) < steady:
        return 6
    return 5 if slope > 0 else 4
