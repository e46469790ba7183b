"""The four warning colours and their order (field.md §2.2: 蓝 黄 橙 红)."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Severity of a threshold and of the alarm that it raises."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """1 (blue) to 4 (red); larger is more severe."""
        return _RANK[self]


_RANK = {severity: rank for rank, severity in enumerate(Severity, start=1)}


def worse(one: Severity | None, other: Severity | None) -> Severity | None:
    """The more severe of two, where None is no severity at all."""
    if one is None:
        return other
    if other is None:
        return one
    return one if one.rank >= other.rank else other
