"""What is expected of a series: every limit that the tests compare with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.judgement_limits import BY_MONTH, JudgementLimit
from core.properties import PROPERTIES, Property
from core.stations import StationKind
from hydrology.judgement.danger import danger
from hydrology.judgement.defaults import DEFAULTS, rain_envelope_mm


@dataclass(slots=True)
class SeriesLimits:
    """The limits of one series in its unit, per hour where named so, times in seconds; inf is "not tested".

    `step` is the smallest change that the rate test looks at: waves and the resolution of the gauge are no
    flood, however short the time between two readings. `danger` is 1, -1 or 0 (hydrology.judgement.danger).
    """

    property: str
    known: Property | None
    danger: int
    is_counter: bool
    low: float = -math.inf
    high: float = math.inf
    soft: dict[int, tuple[float, float]] = field(default_factory=dict)
    sensor_top: float = math.inf
    rise_per_h: float = math.inf
    fall_per_h: float = math.inf
    step: float = 0.0
    spike: float = math.inf
    stuck_s: float = math.inf
    zero_s: float = math.inf
    neighbour_difference: float = math.inf
    neighbour: str | None = None
    calm_low: float = field(init=False)
    calm_high: float = field(init=False)
    calm_change: float = field(init=False)
    calm_s: float = field(init=False)
    has_state: bool = field(init=False)

    def __post_init__(self) -> None:
        """Sums up where no test can object, so that nearly every reading needs four comparisons."""
        known = self.known
        soft_low = max((low for low, _ in self.soft.values()), default=-math.inf)
        soft_high = min((high for _, high in self.soft.values()), default=math.inf)
        top = math.nextafter(self.sensor_top, -math.inf)
        self.calm_low = max(known.low if known else -math.inf, self.low, soft_low)
        self.calm_high = min(known.high if known else math.inf, self.high, soft_high, top)
        self.calm_change = (
            0.0
            if self.is_counter
            else min(self.step if min(self.rise_per_h, self.fall_per_h) < math.inf else math.inf, self.spike)
        )
        self.calm_s = min(self.stuck_s, self.zero_s)
        self.has_state = (
            self.is_counter
            or min(self.calm_change, self.calm_s) < math.inf
            or self.neighbour_difference < math.inf
        )


def limits_of(
    property: str, kind: StationKind | None, period_s: int = 0, rows: Iterable[JudgementLimit] = ()
) -> SeriesLimits:
    """Defaults of the property, over them those of the station's kind, over them what was set.

    Of several rows of one name the later win: give those of all sensors before those of the one sensor.
    """
    values: dict[str, float | None] = {}
    for default in DEFAULTS:
        if default.property == property and default.kind in (None, kind):
            values[default.name] = default.value
    if property == "rainfall" and period_s > 0:
        values["high"] = rain_envelope_mm(period_s)
    months: dict[tuple[str, int], float | None] = {}
    neighbour = None
    for row in rows:
        if row.name in BY_MONTH:
            for month in [row.month] if row.month else range(1, 13):
                months[row.name, month] = row.value
        else:
            values[row.name] = row.value
            neighbour = row.neighbour if row.name == "neighbour_difference" else neighbour
    for name in BY_MONTH:
        if name in values:
            every = values.pop(name)
            for month in range(1, 13):
                months.setdefault((name, month), every)
    soft = {}
    for month in range(1, 13):
        low, high = months.get(("soft_low", month)), months.get(("soft_high", month))
        if low is not None or high is not None:
            soft[month] = (-math.inf if low is None else low, math.inf if high is None else high)
    given = {name: _off(name, value) for name, value in values.items()}
    return SeriesLimits(
        property,
        PROPERTIES.get(property),
        danger(property),
        property == "rainfall_cumulative",
        soft=soft,
        neighbour=neighbour,
        **given,
    )


def _off(name: str, value: float | None) -> float:
    if value is not None:
        return value
    return -math.inf if name == "low" else 0.0 if name == "step" else math.inf
