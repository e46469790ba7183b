"""Areas of the invented county: towns, villages, hamlets at risk, shelters."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from drill.county import CENTRE, CODE, NAME, NAME_EN
from drill.county.land import Town, near, outline, towns
from drill.county.words import HAMLETS, VILLAGES, english


@dataclass(frozen=True, slots=True)
class Village:
    """A village of a town."""

    code: str
    name: str
    town: Town
    lon: float
    lat: float


def villages(chance: random.Random) -> list[Village]:
    """48 villages: three in each of the first twelve towns, two in the others."""
    found = []
    names = iter(VILLAGES)
    for position, town in enumerate(towns()):
        for number in range(3 if position < 12 else 2):
            lon, lat = near(town, chance)
            found.append(Village(f"{town.code}{201 + number}", f"{next(names)}村", town, lon, lat))
    return found


def areas_rows(listed: list[Village], chance: random.Random) -> list[dict[str, object]]:
    """Rows of areas.csv, shelters included."""
    rows: list[dict[str, object]] = [
        {
            "code": CODE,
            "name": NAME,
            "name_en": NAME_EN,
            "kind": "county",
            "population": 528_000,
            "lon": CENTRE[0],
            "lat": CENTRE[1],
            "outline": json.dumps(outline(), separators=(",", ":")),
        }
    ]
    for town in towns():
        rows.append(
            {
                "code": town.code,
                "name": town.name,
                "name_en": english(town.name),
                "kind": "town",
                "parent": CODE,
                "population": chance.randrange(14_000, 62_000, 100),
                "lon": town.lon,
                "lat": town.lat,
            }
        )
    for village in listed:
        rows.append(
            {
                "code": village.code,
                "name": village.name,
                "name_en": english(village.name),
                "kind": "village",
                "parent": village.town.code,
                "population": chance.randrange(380, 2_600, 10),
                "lon": village.lon,
                "lat": village.lat,
            }
        )
    for number, village in enumerate(listed):
        for place in range(1 + number % 3 % 2):
            lon, lat = near(Town("", "", village.lon, village.lat), chance, 1.2)
            name = f"{village.name[:-1]}{HAMLETS[(number * 2 + place) % len(HAMLETS)]}"
            rows.append(
                {
                    "code": f"{village.code}{801 + place}",
                    "name": name,
                    "name_en": f"{english(name)} Hamlet",
                    "kind": "hamlet",
                    "parent": village.code,
                    "people_at_risk": chance.randrange(8, 96),
                    "lon": lon,
                    "lat": lat,
                }
            )
    return rows + _shelters(listed, chance)


def _shelters(listed: list[Village], chance: random.Random) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for town in towns():
        lon, lat = near(town, chance, 1.0)
        rows.append(_shelter(town.code, f"{town.name}避灾安置中心", english(town.name), 600, lon, lat))
    for village in listed[::2]:
        lon, lat = near(Town("", "", village.lon, village.lat), chance, 0.8)
        capacity = chance.randrange(60, 240, 10)
        rows.append(
            _shelter(village.code, f"{village.name}文化礼堂", english(village.name), capacity, lon, lat)
        )
    return rows


def _shelter(area: str, name: str, place: str, capacity: int, lon: float, lat: float) -> dict[str, object]:
    return {
        "code": f"S{area}",
        "name": name,
        "name_en": f"{place} Shelter",
        "kind": "shelter",
        "parent": area,
        "capacity": capacity,
        "lon": lon,
        "lat": lat,
    }
