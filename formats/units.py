"""Units as networks and makers write them, and from one to another.

Names of the SenML registry (RFC 8428 §12.1, RFC 8798 §4) come first and mean what they mean there: `C` is
a coulomb, so degrees Celsius are `Cel`. A unit that is not in the table is a fault, never a guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.faults import Fault, FaultReason, quoted


@dataclass(frozen=True, slots=True)
class Unit:
    """What kind of quantity it measures; `factor` and `offset` lead to that kind's first unit."""

    kind: str
    factor: float = 1.0
    offset: float = 0.0


_KINDS: dict[str, dict[str, float]] = {
    "a length": {
        "m": 1.0, "km": 1000.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "um": 1e-6, "µm": 1e-6,
        "米": 1.0, "厘米": 0.01, "毫米": 0.001, "in": 0.0254, "inch": 0.0254, "ft": 0.3048,
        # A millimetre of rain is a litre on a square metre.
        "l/m2": 0.001, "l/m²": 0.001, "L/m2": 0.001, "L/m²": 0.001,
    },
    "a speed": {
        "m/s": 1.0, "km/h": 1 / 3.6, "cm/s": 0.01, "mm/s": 0.001, "m/h": 1 / 3600, "mm/h": 0.001 / 3600,
        "kn": 1852 / 3600, "kt": 1852 / 3600, "mph": 0.44704, "ft/s": 0.3048,
    },
    "a flow": {
        "m3/s": 1.0, "m³/s": 1.0, "m^3/s": 1.0, "立方米每秒": 1.0, "m3/min": 1 / 60, "m³/min": 1 / 60,
        "m3/h": 1 / 3600, "m³/h": 1 / 3600, "l/s": 0.001, "L/s": 0.001, "l/min": 0.001 / 60,
        "L/min": 0.001 / 60, "l/h": 0.001 / 3600, "L/h": 0.001 / 3600, "cfs": 0.3048**3,
    },
    "a volume": {
        "m3": 1.0, "m³": 1.0, "m^3": 1.0, "l": 0.001, "L": 0.001, "10^4 m3": 1e4, "10⁴ m³": 1e4,
        "万m³": 1e4, "万立方米": 1e4, "10^6 m3": 1e6, "10⁶ m³": 1e6, "百万m³": 1e6, "hm3": 1e6, "hm³": 1e6,
    },
    "a pressure": {
        "Pa": 1.0, "hPa": 100.0, "kPa": 1000.0, "mbar": 100.0, "bar": 1e5, "mmHg": 133.322387415,
        "psi": 6894.757293168,
    },
    "a voltage": {"V": 1.0, "mV": 0.001, "kV": 1000.0},
    "an angle": {"°": 1.0, "deg": 1.0, "度": 1.0, "rad": 180 / math.pi},
    "a ratio": {"/": 1.0, "%": 0.01, "/100": 0.01, "/1000": 0.001, "‰": 0.001, "ppm": 1e-6, "%RH": 0.01, "%EL": 0.01},
    "a number": {"": 1.0, "count": 1.0},
    "a signal level": {"dBm": 1.0},
    "a wind force": {"Bft": 1.0, "级": 1.0},
    "a time": {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0, "d": 86_400.0},
    "a current": {"A": 1.0, "mA": 0.001},
    "a power": {"W": 1.0, "kW": 1000.0, "mW": 0.001},
    "a frequency": {"Hz": 1.0, "MHz": 1e6, "1/s": 1.0, "1/min": 1 / 60},
}  # fmt: skip

_ALONE = (
    "g", "kg", "K/s", "cd", "mol", "sr", "N", "J", "C", "F", "Ohm", "S", "Wb", "T", "H", "lm", "lx", "Bq",
    "Gy", "Sv", "kat", "m2", "m/s2", "W/m2", "cd/m2", "bit", "bit/s", "lat", "lon", "pH", "dB", "dBW",
    "Bspl", "EL", "beat/min", "beats", "S/m", "B", "VA", "VAs", "var", "vars", "J/m", "kg/m3", "NTU",
    "kVA", "kvar", "Ah", "Wh", "kWh", "varh", "kvarh", "kVAh", "Wh/km", "KiB", "GB", "Mbit/s", "B/s",
    "MB/s", "ug/m3",
)  # fmt: skip
"""Registered units that none of our properties has: known, and never convertible."""

UNITS: dict[str, Unit] = {
    **{name: Unit(kind, factor) for kind, names in _KINDS.items() for name, factor in names.items()},
    **{name: Unit(f"its own kind ({name})") for name in _ALONE},
    "Cel": Unit("a temperature"),
    "°C": Unit("a temperature"),
    "℃": Unit("a temperature"),
    "degC": Unit("a temperature"),
    "K": Unit("a temperature", 1.0, -273.15),
    "°F": Unit("a temperature", 5 / 9, -160 / 9),
    "degF": Unit("a temperature", 5 / 9, -160 / 9),
}


def conversion(source: str, target: str) -> tuple[float, float] | Fault:
    """Factor and offset that lead from one unit to another; a fault if a unit is unknown or of another kind."""
    for name in (source, target):
        if name not in UNITS:
            return Fault(
                FaultReason.UNKNOWN_UNIT,
                f"unit {quoted(name)} is not known; use a name of the SenML registry (m, mm, m3/s, Cel, %RH).",
            )
    one, other = UNITS[source], UNITS[target]
    if one.kind != other.kind:
        return Fault(
            FaultReason.WRONG_UNIT,
            f"unit {quoted(source)} measures {one.kind}, and {quoted(target)} {other.kind}.",
        )
    return one.factor / other.factor, (one.offset - other.offset) / other.factor
