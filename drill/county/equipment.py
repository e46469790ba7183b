"""Screens, loudspeakers and cameras of the invented county."""

from __future__ import annotations

import random

from drill.county import CENTRE, CODE
from drill.county.hydrology import Stations
from drill.county.land import Town, near, towns
from drill.county.places import Village
from drill.county.words import english

SCREEN_SIZES = ((12, 2), (16, 2), (8, 4), (20, 4))
"""Columns × rows of full-width characters of the screens, in turn."""


def device_rows(villages: list[Village], chance: random.Random) -> list[dict[str, object]]:
    """32 LED screens (18 in towns, 14 in villages), 98 loudspeakers (96 in villages, two of the county)."""
    rows: list[dict[str, object]] = []

    def add(code: str, kind: str, name: str, place_en: str, area: str, place: tuple[float, float]) -> None:
        led = kind == "led"
        columns, lines = SCREEN_SIZES[len(rows) % len(SCREEN_SIZES)] if led else (0, 0)
        rows.append(
            {
                "code": code,
                "kind": kind,
                "name": name,
                "name_en": f"{place_en} {'LED Screen' if led else 'Loudspeaker'}",
                "area": area,
                "lon": place[0],
                "lat": place[1],
                "columns": columns,
                "rows": lines,
            }
        )

    for town in towns():
        code = f"LED-{len(rows) + 1:03d}"
        add(code, "led", f"{town.name}广场屏", english(town.name), town.code, near(town, chance, 0.8))
    for village in villages[::3][:14]:
        code = f"LED-{len(rows) + 1:03d}"
        spot = near(Town("", "", village.lon, village.lat), chance, 0.6)
        add(code, "led", f"{village.name}村口屏", english(village.name), village.code, spot)
    number = 0
    for village in villages:
        for where, where_en in (("东片", "East"), ("西片", "West")):
            number += 1
            spot = near(Town("", "", village.lon, village.lat), chance, 0.8)
            name_en = f"{english(village.name)} {where_en}"
            add(
                f"SPK-{number:03d}",
                "loudspeaker",
                f"{village.name}{where}大喇叭",
                name_en,
                village.code,
                spot,
            )
    for where, where_en in (("防指大院", "Headquarters"), ("人民广场", "People's Square")):
        number += 1
        spot = near(Town("", "", *CENTRE), chance, 5.0)
        add(f"SPK-{number:03d}", "loudspeaker", f"{where}大喇叭", where_en, CODE, spot)
    return rows


def camera_rows(made: Stations) -> list[dict[str, object]]:
    """20 cameras at reservoirs, sluices, tide stations and the first rivers; three patrols set out from rivers."""
    seen = [row for row in made.rows if row["kind"] in ("RR", "DD", "TT")][:14]
    seen += [row for row in made.rows if row["kind"] == "TT"]
    seen += [row for row in made.rows if row["kind"] in ("ZZ", "ZQ")]
    watched = list({str(row["code"]): row for row in seen}.values())[:20]
    rivers = [row for row in made.rows if row["kind"] in ("ZZ", "ZQ")][:3]
    fixed = [
        _camera(row, f"CAM-{number:03d}", f"{row['name']}监控", f"{row['name_en']} Camera", "fixed")
        for number, row in enumerate(watched, start=1)
    ]
    return fixed + [
        _camera(row, f"DB-{number:02d}", f"单兵{chinese}号", f"Patrol {number}", "patrol")
        for number, (chinese, row) in enumerate(zip("一二三", rivers, strict=True), start=1)
    ]


def _camera(row: dict[str, object], code: str, name: str, name_en: str, kind: str) -> dict[str, object]:
    return {
        "code": code,
        "name": name,
        "name_en": name_en,
        "area": row["area"],
        "lon": row["lon"],
        "lat": row["lat"],
        "stream": "",
        "keepalive_s": 60,
        "kind": kind,
    }


def watched_stations(made_rows: list[dict[str, str]], cameras: list[dict[str, str]]) -> dict[str, str]:
    """Which station each camera looks at: the one at its place."""
    places = {(row["lon"], row["lat"]): row["code"] for row in made_rows}
    return {row["code"]: places[row["lon"], row["lat"]] for row in cameras}
