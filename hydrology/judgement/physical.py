"""The range test: what can exist at all (core.properties). QARTOD gross range, by property.

A value beyond it in the dangerous direction is *suspect* (a person must look: 待核实), never bad; one that
cannot mean danger is bad.
"""

from __future__ import annotations

import dataclasses

from core.faults import Fault, FaultReason
from core.observations import Reading
from core.properties import PROPERTIES, Property
from core.quality import Quality
from hydrology.judgement.danger import danger

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
    """The reading with what it alone tells; and a fault where a person should look at the station.

    Good: within the physical range of the property (core.properties). Missing stays missing. An unknown
    property is not evaluated and keeps the reason that its format gave.
    """
    known = PROPERTIES.get(reading.property)
    if reading.value is None:
        quality, reason = Quality.MISSING, str(FaultReason.MISSING)
    elif known is None:
        quality, reason = Quality.NOT_EVALUATED, reading.reason
    elif known.low <= reading.value <= known.high:
        quality, reason = Quality.GOOD, ""
    else:
        quality, reason = impossible(known, reading.value)
    judged = dataclasses.replace(reading, quality=quality, reason=reason)
    in_doubt = known is not None and quality in (Quality.SUSPECT, Quality.BAD)
    return judged, fault_of(known, reading.value) if in_doubt and reading.value is not None else None


def impossible(known: Property, value: float) -> tuple[Quality, str]:
    """Quality and reason of a value outside the physical range."""
    above = value > known.high
    dangerous = danger(known.name) == (1 if above else -1)
    unit = suspected_unit(known.name, value)
    reason = FaultReason.WRONG_UNIT if unit else FaultReason.ABOVE_RANGE if above else FaultReason.BELOW_RANGE
    return (Quality.SUSPECT if dangerous else Quality.BAD), str(reason)


def fault_of(known: Property | None, value: float) -> Fault | None:
    """What a person should look at; None for a value that can exist."""
    if known is None or known.low <= value <= known.high:
        return None
    quality, reason = impossible(known, value)
    unit = suspected_unit(known.name, value)
    return Fault(
        FaultReason(reason),
        f"{known.name} {value:g} {known.unit} is outside {known.low:g} to {known.high:g}"
        + (f", perhaps sent in {unit}" if unit else "")
        + f"; stored as {quality.name.lower()}. Check the station's sensor and unit.",
    )


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


def fits_in_other_unit(known: Property, value: float, usual: float, tolerance: float) -> bool:
    """True if the value, taken in another unit, is what the series read before (345 cm after 3.44 m).

    Only for a value too large by the unit's factor, and only where `usual` is not near zero: there every
    unit fits.
    """
    return any(
        abs(value * factor + offset - usual) <= tolerance and abs(value - usual) > 10 * tolerance
        for _, factor, offset in _OTHER_UNITS.get(known.unit, ())
        if abs(usual) > 2 * tolerance * factor and abs(usual) > 1e-9
    )
