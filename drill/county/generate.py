"""Writes the invented county's files, always the same: `python -m drill.county.generate`."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence

import msgspec

from drill.county import DATA, LISTS
from drill.county.equipment import camera_rows, device_rows
from drill.county.hydrology import stations, thresholds_rows, with_reservoirs_ready
from drill.county.persons import people_rows
from drill.county.places import areas_rows, villages
from drill.county.rain_limits import hamlet_limit_rows
from drill.scenario import STORM, scenario
from drill.storm.scenario import storm_of
from drill.storm.simulation import simulate

SEED = 20260701


def generate() -> dict[str, str]:
    """The text of every file by name."""
    chance = random.Random(SEED)
    listed = villages(chance)
    areas = areas_rows(listed, chance)
    made = stations(listed, chance)
    storm = storm_of(scenario("typhoon-2026", STORM))
    dry = simulate(made.model(), storm.fixes, storm.begin, storm.end)
    made = with_reservoirs_ready(made, dry)
    filled = simulate(made.model(), storm.fixes, storm.begin, storm.end)
    hamlets: dict[str, list[str]] = {}
    for row in areas:
        if row["kind"] == "hamlet":
            hamlets.setdefault(str(row["parent"]), []).append(str(row["code"]))
    lists = {
        "areas": areas,
        "stations": made.rows,
        "thresholds": thresholds_rows(made, filled),
        "hamlet-limits": hamlet_limit_rows(areas, made.rows),
        "people": people_rows(listed, hamlets),
        "devices": device_rows(listed, chance),
        "cameras": camera_rows(made),
    }
    assert set(lists) == set(LISTS)
    files = {f"{name}.csv": as_csv(rows) for name, rows in lists.items()}
    files["model.json"] = msgspec.json.format(msgspec.json.encode(made.model()), indent=1).decode() + "\n"
    return files


def as_csv(rows: Sequence[dict[str, object]]) -> str:
    """Rows as CSV with a heading of every key that occurs."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


if __name__ == "__main__":
    for file_name, text in generate().items():
        (DATA / file_name).write_text(text, encoding="utf-8")
