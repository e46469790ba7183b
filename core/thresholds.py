"""Thresholds: the limits that turn a value into an alarm."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass
from datetime import date

from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit of one property of one station. Reached means value ≥ `value`.

    `name` is the field's name of the limit (a key of `THRESHOLD_SEVERITY` or the station owner's
    own); severity belongs to each threshold. `deadband` in the property's unit: the alarm returns
    below `value - deadband`. `season_from`/`season_to` are MMDD (both or neither; may cross New Year).
    `period_s` is the window of a sliding sum or a fitted rate (0: the value itself); the delays are None where
    the default of the severity holds.
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
    period_s: int = 0
    on_delay_s: int | None = None
    off_delay_s: int | None = None

    @builtins.property
    def key(self) -> ThresholdKey:
        """What there is one of at a time."""
        return self.station, self.property, self.name, self.season_from, self.period_s


SEASON_DAY = re.compile(
    r"(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])|(0[469]|11)(0[1-9]|[12][0-9]|30)|02(0[1-9]|[12][0-9])"
)
"""A day of the year as MMDD."""

ThresholdKey = tuple[str, str, str, str | None, int]
"""Station, property, name, first day of the season, window in seconds."""


def in_season(season_from: str | None, season_to: str | None, day: date) -> bool:
    """True if a season (MMDD, both ends included; None is the whole year) holds on `day`; it may cross New Year."""
    if season_from is None or season_to is None:
        return True
    today = f"{day:%m%d}"
    if season_from <= season_to:
        return season_from <= today <= season_to
    return today >= season_from or today <= season_to


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
