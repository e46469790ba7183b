"""QARTOD quality flags (IOOS QARTOD manual, primary level flags)."""

from __future__ import annotations

from enum import IntEnum


class Quality(IntEnum):
    """1 good, 2 not evaluated, 3 suspect, 4 bad, 9 missing."""

    GOOD = 1
    NOT_EVALUATED = 2
    SUSPECT = 3
    BAD = 4
    MISSING = 9

    @property
    def usable(self) -> bool:
        """True where a value may stand as the state of the world."""
        return self in (Quality.GOOD, Quality.NOT_EVALUATED)
