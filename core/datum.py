"""Datum (基面): when two heights may be compared at all."""

from __future__ import annotations

from core.properties import LEVEL_PROPERTIES


def comparable(property: str, one: str | None, other: str | None) -> bool:
    """True if values of `property` over datum `one` and `other` may be compared.

    Properties that are no heights have no datum. Two heights compare only over the same named datum,
    or where neither names one (both are the gauge's own zero); a height over 85 高程 against one over
    吴淞 would be wrong by metres without anybody noticing.
    """
    return property not in LEVEL_PROPERTIES or one == other
