"""What an identifier means (SL 651-2014 table C.1): property, digits, decimals, and how it is written.

Levels share one property and differ by sensor number: 1 the level of the river, the reservoir or above
the gate (Z, ZU), 2 below the gate (ZB), 11 to 18 at intakes and outlets (Z1 to Z8). So do flows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How the data of an element are to be read."""

    NUMBER = auto()
    WORD = auto()  # four bytes of bits
    DURATION = auto()  # HH.mm
    DIRECTION = auto()  # 1 north, 2 north-northeast … 16
    GATE_HEIGHT = auto()  # metres, or a code for a state of the gate
    DEPTH = auto()  # metres, or 444 for a dry well
    STEP = auto()  # the time step of the series that follows
    NOTE = auto()  # says which gate the following elements are about
    HOUR_RAIN = auto()  # twelve slots of 5 min
    HOUR_LEVEL = auto()  # twelve slots of 5 min, relative to the base level
    TEXT = auto()  # all the rest of the body
    PICTURE = auto()  # all the rest of the body
    BULK = auto()  # all the rest of the body, of the maker's own making


@dataclass(frozen=True, slots=True)
class Element:
    """One row of table C.1; `code` is the leading byte in hexadecimal, `letters` the ASCII identifier."""

    code: str
    letters: str
    property: str = ""
    digits: int = 0
    decimals: int = 0
    kind: Kind = Kind.NUMBER
    sensor: int = 1
    period_s: int = 0


_HOUR_S = 3600
_DAY_S = 86_400


def _numbered(
    first: int, letters: str, property: str, digits: int, decimals: int, *, sensor: int = 1, period_s: int = 0
) -> tuple[Element, ...]:
    """Eight rows for eight intakes, pipes or meters."""
    return tuple(
        Element(
            f"{first + place:02X}",
            f"{letters}{place + 1}",
            property,
            digits,
            decimals,
            sensor=sensor + place,
            period_s=period_s,
        )
        for place in range(8)
    )


ELEMENTS: tuple[Element, ...] = (
    Element("F2", "RGZS", kind=Kind.TEXT),
    Element("F3", "PIC", kind=Kind.PICTURE),
    Element("F4", "DRP", "rainfall", kind=Kind.HOUR_RAIN, period_s=300),
    Element("F5", "DRZ1", "water_level", kind=Kind.HOUR_LEVEL, sensor=1),
    Element("F6", "DRZ2", "water_level", kind=Kind.HOUR_LEVEL, sensor=2),
    Element("F7", "DRZ3", "water_level", kind=Kind.HOUR_LEVEL, sensor=3),
    Element("F8", "DRZ4", "water_level", kind=Kind.HOUR_LEVEL, sensor=4),
    Element("F9", "DRZ5", "water_level", kind=Kind.HOUR_LEVEL, sensor=5),
    Element("FA", "DRZ6", "water_level", kind=Kind.HOUR_LEVEL, sensor=6),
    Element("FB", "DRZ7", "water_level", kind=Kind.HOUR_LEVEL, sensor=7),
    Element("FC", "DRZ8", "water_level", kind=Kind.HOUR_LEVEL, sensor=8),
    Element("FD", "DATA", kind=Kind.BULK),
    Element("01", "AC", "section_area", 8, 2),
    Element("02", "AI", "air_temperature", 3, 1),
    Element("03", "C", "water_temperature", 3, 1),
    Element("04", "DR", kind=Kind.STEP),
    Element("05", "DT", "", 4, 2, Kind.DURATION),
    Element("06", "ED", "evaporation", 5, 1, period_s=_DAY_S),
    Element("07", "EJ", "evaporation_today", 5, 1),
    Element("08", "FL", "air_pressure", 5),
    Element("09", "GH", "gate_opening", 5, 2, Kind.GATE_HEIGHT),
    Element("0A", "GN", "", 3, kind=Kind.NOTE),
    Element("0B", "GS", "", 1, kind=Kind.NOTE),
    Element("0C", "GT", "gates_open", 3),
    Element("0D", "GTP", "ground_temperature", 3, 1),
    Element("0E", "H", "groundwater_depth", 6, 2, Kind.DEPTH),
    Element("0F", "HW", "wave_height", 5, 2),
    *(
        Element(code, f"M{depth_cm}", "soil_moisture", 4, 1, sensor=depth_cm)
        for code, depth_cm in zip(
            ("10", "11", "12", "13", "14", "15", "16", "17"), (10, 20, 30, 40, 50, 60, 80, 100), strict=True
        )
    ),
    Element("18", "MST", "humidity", 4, 1),
    Element("19", "NS", "pumps_running", 2),
    Element("1A", "P1", "rainfall", 5, 1, period_s=_HOUR_S),
    Element("1B", "P2", "rainfall", 5, 1, period_s=2 * _HOUR_S),
    Element("1C", "P3", "rainfall", 5, 1, period_s=3 * _HOUR_S),
    Element("1D", "P6", "rainfall", 5, 1, period_s=6 * _HOUR_S),
    Element("1E", "P12", "rainfall", 5, 1, period_s=12 * _HOUR_S),
    Element("1F", "PD", "rainfall", 5, 1, period_s=_DAY_S),
    Element("20", "PJ", "rainfall_today", 5, 1),
    Element("21", "PN01", "rainfall", 5, 1, period_s=60),
    Element("22", "PN05", "rainfall", 5, 1, period_s=300),
    Element("23", "PN10", "rainfall", 5, 1, period_s=600),
    Element("24", "PN30", "rainfall", 5, 1, period_s=1800),
    Element("25", "PR", "rainfall_storm", 5, 1),
    Element("26", "PT", "rainfall_cumulative", 6, 1),
    Element("27", "Q", "flow", 9, 3),
    *_numbered(0x28, "Q", "flow", 9, 3, sensor=11),
    Element("30", "QA", "outflow", 9, 3),
    Element("31", "QZ", "gate_flow", 9, 3),
    Element("32", "SW", "sediment_load", 11, 3),
    Element("33", "UC", "wind_direction", 2, kind=Kind.DIRECTION),
    Element("34", "UE", "wind_force", 2),
    Element("35", "US", "wind_speed", 4, 1),
    Element("36", "VA", "velocity_mean", 5, 3),
    Element("37", "VJ", "velocity", 5, 3),
    Element("38", "VT", "battery_voltage", 4, 2),
    Element("39", "Z", "water_level", 7, 3),
    Element("3A", "ZB", "water_level", 7, 3, sensor=2),
    Element("3B", "ZU", "water_level", 7, 3),
    *_numbered(0x3C, "Z", "water_level", 7, 3, sensor=11),
    Element("44", "SQ", "sediment_concentration", 9, 3),
    Element("45", "ZT", "station_status", 8, kind=Kind.WORD),
    Element("46", "PH", "ph", 4, 2),
    Element("47", "DO", "dissolved_oxygen", 4, 1),
    Element("48", "COND", "conductivity", 5),
    Element("49", "TURB", "turbidity", 3),
    Element("4A", "CODMN", "permanganate_index", 4, 1),
    Element("4B", "REDOX", "redox_potential", 5, 1),
    Element("4C", "NH4N", "ammonia_nitrogen", 6, 2),
    Element("4D", "TP", "total_phosphorus", 5, 3),
    Element("4E", "TN", "total_nitrogen", 5, 2),
    Element("4F", "TOC", "total_organic_carbon", 4, 2),
    Element("50", "CU", "copper", 7, 4),
    Element("51", "ZN", "zinc", 6, 4),
    Element("52", "SE", "selenium", 7, 5),
    Element("53", "AS", "arsenic", 7, 5),
    Element("54", "THG", "mercury", 7, 5),
    Element("55", "CD", "cadmium", 7, 5),
    Element("56", "PB", "lead", 7, 5),
    Element("57", "CHLA", "chlorophyll_a", 4, 2),
    *_numbered(0x58, "WP", "water_pressure", 5, 2),
    *_numbered(0x60, "SYL", "meter_remaining", 11, 3),
    *_numbered(0x68, "SBL", "metered_volume", 10, 2, period_s=_HOUR_S),
    Element("70", "VTA", "ac_voltage", 4, 1, sensor=1),
    Element("71", "VTB", "ac_voltage", 4, 1, sensor=2),
    Element("72", "VTC", "ac_voltage", 4, 1, sensor=3),
    Element("73", "VIA", "ac_current", 4, 1, sensor=1),
    Element("74", "VIB", "ac_current", 4, 1, sensor=2),
    Element("75", "VIC", "ac_current", 4, 1, sensor=3),
)

BY_CODE: dict[str, Element] = {element.code: element for element in ELEMENTS}
BY_LETTERS: dict[str, Element] = {element.letters: element for element in ELEMENTS}

HOUR_SLOTS = 12
SLOT_BYTES = {Kind.HOUR_RAIN: 1, Kind.HOUR_LEVEL: 2}
SLOT_DECIMALS = {Kind.HOUR_RAIN: 1, Kind.HOUR_LEVEL: 2}
