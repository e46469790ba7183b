"""Function codes (SL 651-2014 appendix B) and what each says about the body (6.6.4)."""

from __future__ import annotations

from enum import IntEnum


class Function(IntEnum):
    """The codes that are read here.

    47H to 49H, 4BH to 4FH act on the field (they clear memories, set passwords, start pumps and open
    gates): they are neither sent nor read.
    """

    KEEP_ALIVE = 0x2F
    TEST = 0x30
    SERIES = 0x31
    TIMED = 0x32
    ADDED = 0x33
    HOURLY = 0x34
    MANUAL = 0x35
    PICTURE = 0x36
    QUERY_NOW = 0x37
    QUERY_PERIOD = 0x38
    QUERY_MANUAL = 0x39
    QUERY_ELEMENTS = 0x3A
    WRITE_BASICS = 0x40
    READ_BASICS = 0x41
    WRITE_SETTINGS = 0x42
    READ_SETTINGS = 0x43
    PUMPS = 0x44
    VERSION = 0x45
    STATUS = 0x46
    SET_CLOCK = 0x4A
    EVENTS = 0x50
    QUERY_CLOCK = 0x51


KNOWN = frozenset(Function)

WITH_CATEGORY = frozenset(
    {
        Function.TEST, Function.SERIES, Function.TIMED, Function.ADDED, Function.HOURLY, Function.PICTURE,
        Function.QUERY_NOW, Function.QUERY_PERIOD, Function.QUERY_ELEMENTS, Function.PUMPS,
    }
)  # fmt: skip
"""Uplinks with a class byte after the station's address."""

TEXTS = frozenset({Function.MANUAL, Function.QUERY_MANUAL})
"""Uplinks that carry only what a person typed in."""

PARAMETERS = frozenset(
    {Function.WRITE_BASICS, Function.READ_BASICS, Function.WRITE_SETTINGS, Function.READ_SETTINGS}
)
"""Identifiers of these are settings of the station (appendix D), not elements."""

CATEGORIES = {
    0x50: "P", 0x48: "H", 0x4B: "K", 0x5A: "Z", 0x44: "D", 0x54: "T",
    0x4D: "M", 0x47: "G", 0x51: "Q", 0x49: "I", 0x4F: "O",
}  # fmt: skip
"""Classes of stations (appendix A): P 降水, H 河道, K 水库(湖泊), Z 闸坝, D 泵站, T 潮汐, M 墒情,
G 地下水, Q 水质, I 取水口, O 排水口."""
