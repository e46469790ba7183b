"""Stretches of water levels and tides that changed, and their readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from core.properties import LEVEL_PROPERTIES
from core.quality import Quality
from store import derived
from store.derived import Column, Range, Subject

LEVELS = LEVEL_PROPERTIES
"""Properties whose trend is fitted."""

UNUSABLE = (Quality.BAD, Quality.MISSING)


@dataclass(frozen=True, slots=True)
class LevelStretch:
    """Readings of a level within [from_s, to_s] changed, or something that is computed from them did."""

    series: Subject
    from_s: float
    to_s: float


def readings(connection: Connection[Any], stretches: Sequence[LevelStretch]) -> list[Column]:
    """The readings of each stretch, ends included."""
    return derived.readings(
        connection, [Range(one.series.id, one.from_s - 1e-6, one.to_s) for one in stretches]
    )
