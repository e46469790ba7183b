"""Stations of the invented county, the waters behind them, and the limits set for them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from core.thresholds import THRESHOLD_SEVERITY
from drill.county.land import Town, distance_km, elevation_m, near, towns
from drill.county.model import (
    DATUM,
    Catchment,
    Model,
    RainGauge,
    Reservoir,
    RiverStation,
    Sluice,
    TideStation,
)
from drill.county.places import Village
from drill.county.words import RAIN_PLACES, RESERVOIRS, SLUICES, STREAMS, english
from drill.storm.simulation import Simulation

_PLAN = "演示县防汛防台应急预案（虚构）"
_DISPATCH = "演示县水库控制运用计划（虚构）"
_SEASONS = (("0415", "0715", -1.2), ("0716", "1015", -1.8), ("1016", "0414", -0.6))
"""梅汛期, 台汛期, and the dry season that crosses New Year: flood limit beside the normal level, m."""


@dataclass
class Stations:
    """Rows of stations.csv and the model that moves them."""

    rows: list[dict[str, object]] = field(default_factory=list)
    gauges: list[RainGauge] = field(default_factory=list)
    rivers: list[RiverStation] = field(default_factory=list)
    reservoirs: list[Reservoir] = field(default_factory=list)
    sluices: list[Sluice] = field(default_factory=list)
    tides: list[TideStation] = field(default_factory=list)

    def model(self) -> Model:
        """What the storm acts upon."""
        return Model(
            tuple(self.gauges),
            tuple(self.rivers),
            tuple(self.reservoirs),
            tuple(self.sluices),
            tuple(self.tides),
        )

    def add(
        self,
        code: str,
        name: str,
        name_en: str,
        kind: str,
        area: str,
        place: tuple[float, float],
        river: str = "",
    ) -> None:
        """One row; levels are over the county's datum, rain has none."""
        self.rows.append(
            {
                "code": code,
                "name": name,
                "name_en": name_en,
                "kind": kind,
                "area": area,
                "river": river,
                "lon": place[0],
                "lat": place[1],
                "datum": "" if kind == "PP" else DATUM,
                "period_s": 300,
            }
        )

    def catchment(self, place: tuple[float, float], chance: random.Random, area_km2: float) -> Catchment:
        """Land above a place, with the three nearest gauges; larger land answers more slowly."""
        nearest = sorted(self.gauges, key=lambda gauge: distance_km(*place, gauge.lon, gauge.lat))[:3]
        return Catchment(
            area_km2=area_km2,
            gauges=tuple(gauge.station for gauge in nearest),
            storage_h=round(0.45 * area_km2**0.38, 2),
            lag_h=round(0.15 * area_km2**0.3, 2),
            runoff=round(chance.uniform(0.68, 0.86), 2),
            base_flow=round(area_km2 * 0.02, 2),
        )


def stations(villages: list[Village], chance: random.Random) -> Stations:
    """60 rain, 30 river, 12 reservoir, 6 sluice and 3 tide stations."""
    made = Stations()
    _rain_gauges(made, villages, chance)
    _rivers(made, chance)
    _tides(made)
    _reservoirs(made, villages, chance)
    _sluices(made, chance)
    return made


def _rain_gauges(made: Stations, villages: list[Village], chance: random.Random) -> None:
    for number in range(60):
        if number < len(villages):
            village = villages[number]
            area, around = village.code, Town("", "", village.lon, village.lat)
            name = f"{village.name[:-1]}{RAIN_PLACES[number % len(RAIN_PLACES)]}"
        else:
            town = towns()[(number - len(villages)) % 18]
            area, around, name = town.code, town, f"{town.name}气象哨"
        place = near(around, chance, 2.0)
        code = f"9902{1001 + number}"
        made.add(code, f"{name}雨量站", f"{english(name)} Rain Gauge", "PP", area, place)
        made.gauges.append(RainGauge(code, *place, elevation_m=round(elevation_m(*place), 0)))


def _rivers(made: Stations, chance: random.Random) -> None:
    places = ("上游", "大桥", "下游")
    for number in range(30):
        town = towns()[(number * 5) % 18]
        stream = STREAMS[number % len(STREAMS)]
        place = near(town, chance, 3.0)
        code = f"9902{2001 + number}"
        reports_flow = number % 5 in (1, 3)
        name = f"{stream}{places[number // len(STREAMS)]}"
        made.add(
            code, f"{name}站", f"{english(stream)} {('Upper', 'Bridge')[number // len(STREAMS)]} Gauge",
            "ZQ" if reports_flow else "ZZ", town.code, place, stream,
        )  # fmt: skip
        area_km2 = round(chance.uniform(14, 70) * (1.6 if number >= len(STREAMS) else 1.0), 1)
        made.rivers.append(
            RiverStation(
                station=code,
                catchment=made.catchment(place, chance, area_km2),
                bed_m=round(chance.uniform(1.5, 24.0), 2),
                rating_a=round(area_km2**0.8 * chance.uniform(0.9, 1.4), 1),
                reports_flow=reports_flow,
            )
        )


def _tides(made: Stations) -> None:
    coasts = ((3, "石浦潮位站", "Shipu Tide Gauge", 120.0), (6, "西泽潮位站", "Xize Tide Gauge", 60.0),
              (5, "鹤浦潮位站", "Hepu Tide Gauge", 135.0))  # fmt: skip
    for number, (town_number, name, name_en, onshore_deg) in enumerate(coasts):
        town = towns()[town_number]
        code = f"9902{5001 + number}"
        made.add(code, name, name_en, "TT", town.code, (town.lon, town.lat))
        made.tides.append(
            TideStation(
                station=code,
                lon=town.lon,
                lat=town.lat,
                mean_m=0.22,
                constituents=(
                    ("M2", 1.52 + 0.06 * number, 268.0 + 4 * number),
                    ("S2", 0.66, 312.0 + 4 * number),
                    ("N2", 0.28, 250.0),
                    ("K1", 0.30, 211.0),
                    ("O1", 0.22, 170.0),
                ),
                onshore_deg=onshore_deg,
                setup_m_per_m2s2=0.00105,
            )
        )


def _reservoirs(made: Stations, villages: list[Village], chance: random.Random) -> None:
    for number, name in enumerate(RESERVOIRS):
        village = villages[(number * 4 + 1) % len(villages)]
        place = near(Town("", "", village.lon, village.lat), chance, 1.5)
        code = f"9902{3001 + number}"
        full = f"{name}水库"
        made.add(code, full, english(full), "RR", village.code, place, f"{name}溪")
        area_km2 = round(chance.uniform(6, 26), 1)
        normal = round(chance.uniform(28, 140), 1)
        made.reservoirs.append(
            Reservoir(
                station=code,
                catchment=made.catchment(place, chance, area_km2),
                surface_km2=round(area_km2 * chance.uniform(0.045, 0.075), 2),
                normal_m=normal,
                normal_storage_10e6_m3=round(area_km2 * chance.uniform(0.4, 0.8), 2),
                start_m=round(normal - chance.uniform(3.0, 5.5), 2),
                crest_m=normal,
                crest_width_m=round(area_km2 * 1.4, 0),
                release=round(area_km2 * 0.06, 2),
            )
        )


def _sluices(made: Stations, chance: random.Random) -> None:
    for number, name in enumerate(SLUICES):
        town = towns()[(3, 6, 9, 10, 5, 17)[number]]
        place = near(town, chance, 2.5)
        code = f"9902{4001 + number}"
        made.add(code, name, english(name), "DD", town.code, place, STREAMS[(number * 3) % len(STREAMS)])
        area_km2 = round(chance.uniform(16, 44), 1)
        made.sluices.append(
            Sluice(
                station=code,
                catchment=made.catchment(place, chance, area_km2),
                surface_km2=round(area_km2 * 0.05, 2),
                target_m=1.10,
                sill_m=-1.50,
                gate_width_m=round(area_km2 * 0.5, 0),
                gate_height_m=3.0,
                tide=made.tides[number % 3].station,
            )
        )


def with_reservoirs_ready(made: Stations, before: Simulation) -> Stations:
    """Reservoirs drawn down in advance, as a flood office would: by the coming rise, each to its own mark.

    The first was left above its limit and one fills beyond its normal level, so that the screens have
    something to show.
    """
    ready = []
    for number, reservoir in enumerate(made.reservoirs):
        levels = before.levels[reservoir.station]["water_level"]
        rise = float(levels.max() - levels[0])
        aim = (rise - 0.45, -2.0, -1.3, 0.15, -3.0, -1.0, -0.9, -2.4, -1.6, -1.1, -4.0, -0.75)[number]
        ready.append(replace(reservoir, start_m=round(reservoir.normal_m + aim - rise, 2)))
    made.reservoirs = ready
    return made


def thresholds_rows(made: Stations, storm: Simulation) -> list[dict[str, object]]:
    """Rows of thresholds.csv.

    River limits are set beside what the scenario's storm does at each station (a third passes 警戒, some
    保证), because an invented county has no floods of the past to take them from.
    """
    rows: list[dict[str, object]] = []

    def add(station: str, property: str, name: str, value: float, source: str, *season: str) -> None:
        begin, end = season or ("", "")
        rows.append(
            {
                "station": station,
                "property": property,
                "name": name,
                "severity": THRESHOLD_SEVERITY[name].value,
                "value": f"{value:.2f}",
                "deadband": "0.05",
                "datum": DATUM,
                "season_from": begin,
                "season_to": end,
                "source": source,
            }
        )

    for number, river in enumerate(made.rivers):
        if number % 10 == 7:
            continue
        levels = storm.levels[river.station]["water_level"]
        base, peak = float(levels[0]), float(levels.max())
        reach = (0.62, 1.25, 0.80, 1.05, 1.40, 0.72, 1.15, 0.90, 1.60, 1.02)[number % 10]
        warning = base + (peak - base) * reach
        step = max(0.22 * (peak - base), 0.35)
        add(river.station, "water_level", "near_warning", warning - min(0.5, step), _PLAN)
        add(river.station, "water_level", "warning", warning, _PLAN)
        add(river.station, "water_level", "guarantee", warning + step, _PLAN)
        if number % 3:
            add(river.station, "water_level", "historic_highest", warning + 1.9 * step, _PLAN)
    for reservoir in made.reservoirs:
        for begin, end, below in _SEASONS:
            limit = reservoir.normal_m + below
            add(reservoir.station, "water_level", "flood_limit", limit, _DISPATCH, begin, end)
        add(reservoir.station, "water_level", "normal_storage", reservoir.normal_m, _DISPATCH)
        add(reservoir.station, "water_level", "design_flood", reservoir.normal_m + 1.6, _DISPATCH)
        add(reservoir.station, "water_level", "check_flood", reservoir.normal_m + 2.4, _DISPATCH)
    for number, sluice in enumerate(made.sluices[:-1]):
        peak = float(storm.levels[sluice.station]["water_level"].max())
        warning = sluice.target_m + (peak - sluice.target_m) * (0.7, 1.3, 0.9, 1.1, 1.5)[number]
        add(sluice.station, "water_level", "sluice_warning", warning, _PLAN)
        add(sluice.station, "water_level", "sluice_guarantee", warning + 0.3, _PLAN)
    for number, tide in enumerate(made.tides):
        peak = float(storm.levels[tide.station]["tide_level"].max())
        blue = peak - (0.75, 0.20, 0.42)[number]
        for name, above in (
            ("tide_blue", 0.0),
            ("tide_yellow", 0.3),
            ("tide_orange", 0.6),
            ("tide_red", 0.9),
        ):
            add(tide.station, "tide_level", name, blue + above, _PLAN)
    return rows
