"""What the rules that look ahead would have called in a past flood and in the invented typhoon, and what came of it."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from alerts.projections import Projection
from alerts.standing.projection import Terms, Verdict, judge
from core.quality import Quality
from drill.county import list_file
from drill.county.model import load_model
from drill.scenario import FOLDER, STORM, scenario
from drill.storm.scenario import storm_of
from drill.storm.simulation import STEP_S, simulate
from hydrology.forecasts import Forecast
from hydrology.forecasts.trend import project
from hydrology.trend import Point
from store.forecasts import LimitRow

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "forecasts.md"
TERMS = Terms.of_rule({"severity": "one_below", "least": 2, "of": 3, "ahead_h": 3, "wait_min": 20})
DEADBAND_M, ISSUE_S = 0.05, 270
BEFORE_S, TRUE_S = 4 * 3600, 3.5 * 3600
"""A crossing was called before if a call stood in the four hours before it; a call came true within 3½ h, and the
half hour that an hourly gauge may take to say so."""

EVERY = 4
"""Of the typhoon's gauges each fourth is played: they report every five minutes for days."""

Levels = dict[str, list[tuple[float, float]]]
Limits = dict[str, list[float]]


@dataclass
class Told:
    """What came of the calls of all gauges."""

    crossings: int = 0
    before: list[float] = field(default_factory=list)
    calls: int = 0
    true: int = 0


def ditwah() -> tuple[Levels, Limits]:
    levels: Levels = defaultdict(list)
    with (FOLDER / "ditwah-2025" / "all.tsv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            levels[row["station_name"]].append((float(row["time_ut"]), float(row["water_level_m"])))
    gauges = json.loads((FOLDER / "ditwah-2025" / "stations.json").read_text(encoding="utf-8"))
    names = ("alert_level_m", "minor_flood_level_m", "major_flood_level_m")
    limits = {one["name"]: [one[name] for name in names if one[name] > 0] for one in gauges}
    return {name: sorted(values) for name, values in levels.items()}, limits


def typhoon() -> tuple[Levels, Limits]:
    storm = storm_of(scenario("typhoon-2026", STORM))
    run = simulate(load_model(), storm.fixes, storm.begin, storm.end)
    begin = run.begin.timestamp()
    limits: Limits = defaultdict(list)
    with list_file("thresholds").open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            if row["property"] == "water_level":
                limits[row["station"]].append(float(row["value"]))
    levels = {
        code: [
            (begin + STEP_S * (number + 1), round(float(value), 2))
            for number, value in enumerate(values["water_level"])
        ]
        for code, values in run.levels.items()
        if "water_level" in values and code in limits
    }
    return levels, limits


@cache
def told(flood: str) -> Told:
    levels, limits = ditwah() if flood == "ditwah" else typhoon()
    period_s = 3600 if flood == "ditwah" else STEP_S
    found = Told()
    for code, values in levels.items() if flood == "ditwah" else list(levels.items())[::EVERY]:
        _play(found, values, limits[code], period_s)
    return found


def _play(found: Told, values: list[tuple[float, float]], limits: list[float], period_s: int) -> None:
    rows = [LimitRow("R", "water_level", f"{one:g}", "orange", one) for one in limits]
    points = [Point(time_s, value, Quality.GOOD) for time_s, value in values]
    issues: list[Forecast] = []
    calls: list[tuple[float, float]] = []
    crossings: list[tuple[float, float]] = []
    reached: float | None = None
    standing: float | None = None
    for number, (now_s, level) in enumerate(values):
        made = project(points[max(0, number - 40) : number + 1])
        if made and (not issues or made.issued_s - issues[0].issued_s >= ISSUE_S):
            issues = [made, *issues][:3]
        held = max(
            (
                one
                for one in limits
                if level >= one or (reached is not None and one <= reached and level >= one - DEADBAND_M)
            ),
            default=None,
        )
        if held is not None and number:
            crossings += [
                (now_s, one) for one in limits if one <= held and (reached is None or one > reached)
            ]
        reached = held
        known = Projection(1, "R", "water_level", 1, None, period_s, tuple(issues))
        verdict = judge(known, rows, level, reached, TERMS, now_s)
        if isinstance(verdict, Verdict):
            if standing is None or verdict.limit.value > standing:
                calls.append((now_s, verdict.limit.value))
            standing = verdict.limit.value
        elif verdict is None:
            standing = None
    for at_s, limit in crossings:
        found.crossings += 1
        first = [call_s for call_s, of in calls if of >= limit and at_s - BEFORE_S <= call_s < at_s]
        found.before += [(at_s - first[0]) / 60] if first else []
    for call_s, limit in calls:
        found.calls += 1
        found.true += any(of == limit and call_s <= at_s <= call_s + TRUE_S + 1800 for at_s, of in crossings)


@pytest.mark.parametrize(("flood", "called", "true"), [("ditwah", 0.65, 0.65), ("typhoon", 0.98, 0.65)])
def test_most_crossings_are_called_before_and_most_calls_come_true(
    flood: str, called: float, true: float
) -> None:
    found = told(flood)
    assert found.crossings > 10
    assert len(found.before) >= called * found.crossings
    assert found.true >= true * found.calls
    assert median(found.before) > 60


def test_the_guide_tells_these_figures() -> None:
    text = " ".join(GUIDE.read_text(encoding="utf-8").split())
    past, invented = told("ditwah"), told("typhoon")
    assert (
        f"{len(past.before)} of {past.crossings} crossings of a limit were called before, half of them at least"
        f" {median(past.before):.0f} min; {past.true} of {past.calls} calls came true" in text
    )
    assert len(invented.before) == invented.crossings
    assert (
        f"all {invented.crossings} crossings were called before, half of them at least"
        f" {median(invented.before):.0f} min; {invented.true} of {invented.calls} calls came true" in text
    )
