"""Thresholds: the limits that turn a value into an alarm."""

from __future__ import annotations

from dataclasses import dataclass

from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit of one property of one station. Reached means value ≥ `value`.

    `name` is the field's name of the limit (a key of `THRESHOLD_SEVERITY` or the station owner's
    own); severity belongs to each threshold. `deadband` in the property's unit: the alarm returns
    below `value - deadband`. `season_from`/`season_to` are MMDD (both or neither; may cross New Year).
    """

    station: str
    property: str
    name: str
    severity: Severity
    value: float
    deadband: float
    datum: str | None
    source: str
    season_from: str | None = None
    season_to: str | None = None
    version: int = 1


THRESHOLD_SEVERITY: dict[str, Severity] = {
    # river (field.md §2.2)
    "near_warning": Severity.BLUE,
    "warning": Severity.YELLOW,
    "guarantee": Severity.ORANGE,
    "historic_highest": Severity.RED,
    "dike_crest": Severity.RED,
    # reservoir
    "flood_limit": Severity.YELLOW,
    "normal_storage": Severity.ORANGE,
    "design_flood": Severity.RED,
    "check_flood": Severity.RED,
    # tide
    "tide_blue": Severity.BLUE,
    "tide_yellow": Severity.YELLOW,
    "tide_orange": Severity.ORANGE,
    "tide_red": Severity.RED,
    # sluice
    "sluice_warning": Severity.YELLOW,
    "sluice_guarantee": Severity.ORANGE,
    # gauges whose owner speaks of alert, minor and major flood (Sri Lanka, USA)
    "alert": Severity.YELLOW,
    "minor_flood": Severity.ORANGE,
    "major_flood": Severity.RED,
}
"""Default severity per kind of limit; the imported threshold's own severity wins."""

DEFAULT_DEADBAND_M = 0.05
"""River level deadband where none is given (field.md §1.3: 0.02 to 0.20 m per station)."""
