"""Judges a reading: quality and reason (QARTOD gross range test), and whether its time can be true.

Judgement never hides a flood. A value beyond the physical range in the dangerous direction is *suspect*
(a person must look: 待核实), never bad; one that cannot mean danger is bad. Nothing is thrown away here:
only a time that cannot be true keeps a reading out of the store, because there is no place for it.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from core.faults import Fault, FaultReason
from core.observations import Reading
from core.properties import PROPERTIES
from core.quality import Quality

DANGEROUS_HIGH = frozenset(
    {
        "water_level", "tide_level", "rainfall", "rainfall_cumulative", "flow", "inflow", "outflow",
        "storage", "wind_speed", "wind_gust",
    }
)  # fmt: skip
"""Properties where more means danger."""

DANGEROUS_LOW = frozenset({"air_pressure"})
"""Properties where less means danger (the eye of a typhoon)."""

_OTHER_UNITS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "m": (("mm", 0.001, 0.0), ("cm", 0.01, 0.0)),
    "mm": (("0.1 mm", 0.1, 0.0), ("0.01 mm", 0.01, 0.0)),
    "hPa": (("Pa", 0.01, 0.0), ("mmHg", 1.333224, 0.0)),
    "°C": (("K", 1.0, -273.15), ("0.1 °C", 0.1, 0.0)),
    "V": (("mV", 0.001, 0.0),),
    "m/s": (("0.1 m/s", 0.1, 0.0),),
    "10⁶ m³": (("m³", 1e-6, 0.0), ("10⁴ m³", 0.01, 0.0)),
    "°": (("0.1°", 0.1, 0.0),),
}
"""Units that stations are known to send by mistake: name, factor and offset to the right one."""


def judge(reading: Reading) -> tuple[Reading, Fault | None]:
    """The reading with quality and reason; and a fault where a person should look at the station.

    Good: within the physical range of the property (core.properties). Missing stays missing. An unknown
    property is not evaluated.
    """
    if reading.value is None:
        return dataclasses.replace(reading, quality=Quality.MISSING, reason=FaultReason.MISSING), None
    known = PROPERTIES.get(reading.property)
    if known is None:
        return dataclasses.replace(reading, quality=Quality.NOT_EVALUATED), None
    if known.low <= reading.value <= known.high:
        return dataclasses.replace(reading, quality=Quality.GOOD, reason=""), None
    above = reading.value > known.high
    dangerous = known.name in (DANGEROUS_HIGH if above else DANGEROUS_LOW)
    unit = suspected_unit(known.name, reading.value)
    reason = FaultReason.WRONG_UNIT if unit else FaultReason.ABOVE_RANGE if above else FaultReason.BELOW_RANGE
    quality = Quality.SUSPECT if dangerous else Quality.BAD
    fault = Fault(
        reason,
        f"{known.name} {reading.value:g} {known.unit} is outside {known.low:g} to {known.high:g}"
        + (f", perhaps sent in {unit}" if unit else "")
        + f"; stored as {quality.name.lower()}. Check the station's sensor and unit.",
    )
    return dataclasses.replace(reading, quality=quality, reason=str(reason)), fault


def suspected_unit(property_name: str, value: float) -> str | None:
    """The unit in which an impossible value would be possible, if there is a usual one.

    A smaller unit makes numbers too large, never too small.
    """
    known = PROPERTIES[property_name]
    for name, factor, offset in _OTHER_UNITS.get(known.unit, ()):
        right_way = factor > 1 or value > known.high
        if right_way and known.low <= value * factor + offset <= known.high:
            return name
    return None


@dataclasses.dataclass(frozen=True, slots=True)
class TimeLimits:
    """Observation times that can be true: from `earliest` to `future` after they were received."""

    earliest: datetime
    future: timedelta


def judge_time(time: datetime, received_at: datetime, limits: TimeLimits) -> Fault | None:
    """What is wrong with an observation time, if anything."""
    if time < limits.earliest:
        return Fault(
            FaultReason.TIME_TOO_EARLY,
            f"time {time.isoformat()} is before {limits.earliest.date()}: set the station's clock"
            " (epoch times are milliseconds, not seconds).",
        )
    if time > received_at + limits.future:
        return Fault(
            FaultReason.TIME_IN_FUTURE,
            f"time {time.isoformat()} is {(time - received_at).total_seconds():.0f} s ahead of the receipt:"
            " set the station's clock.",
        )
    return None
