"""Limits where nobody set any: wide enough that an ordinary county sees hardly a doubt in an ordinary storm.

Owners tighten them station by station (`anlan import limits`). Figures marked "ours" are judged from the
39 gauges of the flood of November 2025 (6,760 readings, 0.4 % of them beyond the rates) and from the
invented county's storm (0.44 m/h at most), since no standard gives any.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.stations import StationKind


@dataclass(frozen=True, slots=True)
class Default:
    """One default limit; of a station's `kind` only, or of all (None). `source` says where it is from."""

    property: str
    name: str
    value: float
    source: str
    kind: StationKind | None = None


_HOUR = 3600.0

DEFAULTS: tuple[Default, ...] = (
    Default("water_level", "rise_per_h", 3.0, "ours: 11 of 6,721 intervals of a national flood rise faster"),
    Default("water_level", "fall_per_h", 3.0, "ours: as the rise; rivers fall more slowly than they rise"),
    Default("water_level", "step", 0.5, "ours: waves, drawdown of a passing boat"),
    Default("water_level", "spike", 1.0, "ours: twice the step"),
    Default("water_level", "stuck_s", 72 * _HOUR, "ours: at low water centimetres stand still for two days"),
    Default("water_level", "zero_s", 2 * _HOUR, "field: a dry probe reports 0.000"),
    Default("water_level", "neighbour_difference", 0.5, "ours: two sensors on one river cross-section"),
    Default("water_level", "rise_per_h", 6.0, "ours: gates close within minutes", StationKind.SLUICE),
    Default("water_level", "fall_per_h", 6.0, "ours: gates open within minutes", StationKind.SLUICE),
    Default("water_level", "rise_per_h", 6.0, "ours: sumps fill within minutes", StationKind.PUMP),
    Default("water_level", "fall_per_h", 6.0, "ours: pumps empty them within minutes", StationKind.PUMP),
    Default("tide_level", "rise_per_h", 4.0, "ours: 8 m range in 6 h rises by 2.1 m/h at most, with a surge"),
    Default("tide_level", "fall_per_h", 4.0, "ours: as the rise"),
    Default("tide_level", "step", 0.6, "ours: waves at the gauge"),
    Default("tide_level", "spike", 1.2, "ours: twice the step"),
    Default("tide_level", "stuck_s", 3 * _HOUR, "the sea stands still for minutes at slack water, not hours"),
    Default("tide_level", "neighbour_difference", 0.5, "ours: two sensors at one gauge"),
    Default("rainfall", "stuck_s", 12 * _HOUR, "ours: the same rain, and some, for half a day; 0 is never stuck"),
    Default("wind_speed", "stuck_s", 12 * _HOUR, "ours: a blocked anemometer; 0 is calm"),
    Default("air_pressure", "rise_per_h", 30.0, "ours: a typhoon's eye passes with 10 to 20 hPa/h"),
    Default("air_pressure", "fall_per_h", 30.0, "ours: as the rise"),
    Default("air_pressure", "step", 5.0, "ours: between barometer and barometer"),
    Default("air_pressure", "spike", 10.0, "ours: twice the step"),
    Default("air_pressure", "stuck_s", 24 * _HOUR, "ours: the daily tide of the air is 1 to 3 hPa"),
    Default("air_temperature", "rise_per_h", 15.0, "ours: foehn and sun on a sensor"),
    Default("air_temperature", "fall_per_h", 20.0, "ours: downdraught of a thunderstorm"),
    Default("air_temperature", "step", 6.0, "ours"),
    Default("air_temperature", "spike", 10.0, "ours"),
    Default("air_temperature", "stuck_s", 24 * _HOUR, "ours: the day is not as warm as the night"),
)  # fmt: skip


def rain_envelope_mm(period_s: int) -> float:
    """More rain than this in the period is doubtful: half of the world's greatest falls.

    WMO's envelope of greatest point rainfalls is 422 · h^0.475 mm (Jennings 1950, revised); the half of it
    (211 mm in an hour, 65 mm in five minutes) is above the mainland's record hour, 201.9 mm.
    """
    return 211.0 * float((period_s / 3600) ** 0.475)
