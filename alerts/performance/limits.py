"""By what a desk's load is judged. Defaults: field.md §1.4; times to acknowledge as the alarm cards say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from core.settings import Performance
from core.severity import Severity

WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Limits:
    """Targets and what is still manageable; a flood begins above `flood_above` in `WINDOW` and ends below `flood_below`."""

    hour_target: float = 6
    hour_most: float = 12
    ten_minutes_target: float = 1
    ten_minutes_most: float = 2
    flood_above: int = 10
    flood_below: int = 5
    flood_share: float = 0.01
    chattering: int = 3
    chattering_within: timedelta = timedelta(minutes=1)
    fleeting_within: timedelta = timedelta(minutes=1)
    stale_after: timedelta = timedelta(hours=24)
    stale_most: int = 5
    top_share: float = 0.05
    acknowledge: Mapping[Severity, timedelta] = field(
        default_factory=lambda: {
            Severity.RED: timedelta(minutes=5),
            Severity.ORANGE: timedelta(minutes=5),
            Severity.YELLOW: timedelta(minutes=15),
            Severity.BLUE: timedelta(minutes=15),
        }
    )


def limits_of(settings: Performance, *, flood_above: int, flood_below: int) -> Limits:
    """As the owner set them; a flood is what the storm view goes by."""
    return Limits(
        hour_target=settings.hour_target,
        hour_most=settings.hour_most,
        ten_minutes_target=settings.ten_minutes_target,
        ten_minutes_most=settings.ten_minutes_most,
        flood_above=flood_above,
        flood_below=flood_below,
        flood_share=settings.flood_share_percent / 100,
        chattering=settings.chattering_count,
        chattering_within=timedelta(seconds=settings.chattering_s),
        fleeting_within=timedelta(seconds=settings.fleeting_s),
        stale_after=timedelta(hours=settings.stale_hours),
        stale_most=settings.stale_most,
        top_share=settings.top_share_percent / 100,
        acknowledge={
            Severity.RED: timedelta(seconds=settings.acknowledge_red_s),
            Severity.ORANGE: timedelta(seconds=settings.acknowledge_orange_s),
            Severity.YELLOW: timedelta(seconds=settings.acknowledge_yellow_s),
            Severity.BLUE: timedelta(seconds=settings.acknowledge_blue_s),
        },
    )
