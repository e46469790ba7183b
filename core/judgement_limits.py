"""Limits of judgement: what a series is expected to read. Thresholds, which raise alarms, are others."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT_NAMES = (
    "low", "high", "soft_low", "soft_high", "sensor_top", "rise_per_h", "fall_per_h", "step", "spike",
    "stuck_s", "zero_s", "neighbour_difference",
)  # fmt: skip
"""What can be limited; docs/judgement.md says what each means."""

BY_MONTH = ("soft_low", "soft_high")
"""Limits that may differ from month to month."""


@dataclass(frozen=True, slots=True)
class JudgementLimit:
    """One limit that somebody set, in the unit of the property (per hour, or seconds, where so named).

    `value` None switches the test off. `sensor` None is every sensor, `month` None every month. `neighbour`
    (STATION or STATION:SENSOR) is for `neighbour_difference`; None is the other sensor of the same station.
    """

    station: str
    property: str
    sensor: int | None
    name: str
    month: int | None
    value: float | None
    neighbour: str | None = None
    source: str = ""
    version: int = 1
