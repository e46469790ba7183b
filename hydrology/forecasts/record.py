"""A forecast: what one source says at one moment about one level, for at most three hours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST_S = 10_800
"""Nothing is said about what lies further ahead: none of the sources knows it."""
ROUNDED = 4
"""Decimals of a level in metres."""


class Source(StrEnum):
    """On what a forecast rests, the most knowing first."""

    TIDE = "tide"
    UPSTREAM = "upstream"
    TREND = "trend"
    UNVERIFIED_TREND = "trend_unverified"


SOURCES = tuple(Source)
"""In the order of preference."""


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """The level (m) at epoch second `valid_s` and the range in which about four of five should come to lie."""

    valid_s: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`issued_s` is the time of the newest reading on which it rests; the first point is that reading.

    Points go forward in time, low ≤ value ≤ high, and none lies more than `LONGEST_S` ahead.
    """

    source: Source
    issued_s: float
    points: tuple[ForecastPoint, ...]


def point(valid_s: float, value: float, below: float, above: float) -> ForecastPoint:
    """One point, rounded outwards so that the range holds the value; `below` and `above` are ≥ 0."""
    middle = round(value, ROUNDED)
    return ForecastPoint(
        valid_s,
        middle,
        min(middle, round(value - below, ROUNDED)),
        max(middle, round(value + above, ROUNDED)),
    )
