"""Series to judge: taken one by one through a trail, as ingest takes them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.judgement_limits import JudgementLimit
from core.quality import Quality
from core.stations import StationKind
from hydrology.judgement import Reason, SeriesLimits, Trail, joined, limits_of

START = datetime(2026, 7, 1, tzinfo=UTC)
DITWAH = Path("drill/scenarios/ditwah-2025/all.tsv")

Verdict = tuple[Quality, str]


def limits(
    property: str = "water_level",
    period_s: int = 0,
    kind: StationKind | None = StationKind.RIVER_LEVEL,
    **values: float | None,
) -> SeriesLimits:
    """Defaults with some limits set."""
    return limits_with(values, property, period_s, kind)


def limits_with(
    values: Mapping[str, float | None],
    property: str = "water_level",
    period_s: int = 0,
    kind: StationKind | None = StationKind.RIVER_LEVEL,
) -> SeriesLimits:
    """Defaults with the limits of these names set."""
    rows = [JudgementLimit("S", property, None, name, None, value) for name, value in values.items()]
    return limits_of(property, kind, period_s, rows)


def judged(
    readings: Iterable[tuple[datetime, float]], given: SeriesLimits, trail: Trail | None = None
) -> list[Verdict]:
    """Quality and reason of each reading, as they stand after the last one."""
    trail = trail or Trail(given)
    found: list[Verdict] = []
    for position, (time, value) in enumerate(readings):
        if trail.is_calm(time, time.timestamp(), value, position):
            found.append((Quality.GOOD, ""))
            continue
        trail.closely(time, time.timestamp(), value, position)
        found.append((trail.quality, trail.reason))
        if trail.reflag is not None:
            position_before = trail.reflag.position
            found[position_before] = (Quality.SUSPECT, joined(found[position_before][1], Reason.SPIKE))
    return found


def every(minutes: float, values: Iterable[float]) -> list[tuple[datetime, float]]:
    """Values at equal distances."""
    return [(START + timedelta(minutes=minutes * number), value) for number, value in enumerate(values)]


def reasons(values: Iterable[float], given: SeriesLimits, minutes: float = 5) -> list[str]:
    """Only the reasons."""
    return [reason for _, reason in judged(every(minutes, values), given)]


def ditwah() -> dict[str, list[tuple[datetime, float]]]:
    """The flood of November 2025: each gauge's readings in order of time, repeats left out."""
    found: dict[str, set[tuple[datetime, float]]] = {}
    with DITWAH.open(encoding="utf-8") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            time = datetime.fromtimestamp(int(row["time_ut"]), UTC)
            found.setdefault(row["station_name"], set()).add((time, float(row["water_level_m"])))
    return {gauge: sorted(readings) for gauge, readings in found.items()}
