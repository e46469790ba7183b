"""Rain limits of hamlets at risk and of towns, and how wet the soil is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.severity import Severity


class Soil(StrEnum):
    """How wet the soil is: 较干, 一般, 较湿. `ANY`: a limit that holds in every state."""

    DRY = "dry"
    NORMAL = "normal"
    WET = "wet"
    ANY = "any"


class SoilSource(StrEnum):
    """How that is known: measured, from the rain of the days before, or assumed since nothing is known."""

    MOISTURE = "moisture"
    ANTECEDENT = "antecedent"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class DefaultLimit:
    """The county's default: so many millimetres within `window_s` seconds are of this severity."""

    severity: Severity
    window_s: int
    mm: float
    source: str


@dataclass(frozen=True, slots=True)
class HamletLimit:
    """Limits of a hamlet at risk: 准备转移 from `prepare_mm`, 立即转移 from `immediate_mm` within `window_s`.

    `gauges` stand for the hamlet; the wettest of them counts.
    """

    area: str
    window_s: int
    soil: Soil
    prepare_mm: float
    immediate_mm: float
    gauges: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class SoilState:
    """How wet the soil of an area is on a hydrological day; `value` in % or mm by its source."""

    area: str
    exercise: str | None
    day: date
    state: Soil
    source: SoilSource
    value: float | None = None
    days: int | None = None
