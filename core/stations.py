"""Stations and their series."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StationKind(StrEnum):
    """Kinds as SL 323 codes them (STTP), and the canary (`core.canary`)."""

    RAIN = "PP"
    RIVER_LEVEL = "ZZ"
    RIVER = "ZQ"
    RESERVOIR = "RR"
    SLUICE = "DD"
    TIDE = "TT"
    PUMP = "DP"
    WEATHER = "MM"
    CANARY = "CC"


MEASURING_KINDS = tuple(kind for kind in StationKind if kind is not StationKind.CANARY)
"""Kinds of gauges; the canary measures nothing and stands in no list."""


@dataclass(frozen=True, slots=True)
class Station:
    """A measuring station (测站).

    `datum` names the reference of its levels (基面); `period_s` is the reporting period, from which
    silence is judged, and the default accumulation period of its totals. `origin` is None for a real
    station and `scenario:NAME` for an invented or replayed one. `basin` (流域) holds several rivers.
    """

    code: str
    name: str
    name_en: str
    kind: StationKind
    area: str | None
    lon: float
    lat: float
    period_s: int = 300
    datum: str | None = None
    river: str | None = None
    origin: str | None = None
    out_of_service: bool = False
    basin: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What makes a series: `period_s` 0 is instantaneous; `exercise` None is real."""

    station: str
    property: str
    sensor: int = 1
    period_s: int = 0
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A series as the store knows it."""

    id: int
    station: str
    property: str
    sensor: int
    period_s: int
    exercise: str | None
