"""Corresponding stages on the flood of cyclone Ditwah: better than the trend where they pass the measure."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from core.quality import Quality
from drill.scenario import FOLDER
from hydrology.forecasts import trend
from hydrology.forecasts.grid import at
from hydrology.forecasts.skill import LEADS_S, ROUNDING_M
from hydrology.forecasts.upstream import Stretch, Travel, project, relate
from hydrology.trend import Point

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "forecasts.md"
PAIRS = (
    ("Pitabeddara", "Panadugama", 3.5),
    ("Giriulla", "Badalgama", 4.5),
    ("Glencourse", "Hanwella", 3.5),
)
"""Upstream, downstream, hours of the best correlation: nobody gave travel times."""
REFIT_S = 6 * 3600
Compared = tuple[float, float, float, float, bool]
"""Error of upstream with its sign, sizes of it, of the trend's and of the word that nothing changes; inside."""


def levels() -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with (FOLDER / "ditwah-2025" / "all.tsv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            found[row["station_name"]].append((float(row["time_ut"]), float(row["water_level_m"])))
    return {name: sorted(values) for name, values in found.items()}


def stretch(values: list[tuple[float, float]]) -> Stretch:
    return Stretch([one[0] for one in values], [one[1] for one in values])


def compare(
    above: list[tuple[float, float]], here: list[tuple[float, float]], hours: float
) -> dict[int, list[Compared]]:
    """Each reading here in turn, with what was known by then."""
    travel = Travel(0.75 * hours * 3600, hours * 3600, 1.25 * hours * 3600)
    whole = stretch(here)
    points = [Point(time_s, value, Quality.GOOD) for time_s, value in here]
    relation, fitted_s = None, 0.0
    found: dict[int, list[Compared]] = defaultdict(list)
    for number, (now_s, level) in enumerate(here):
        known = [one for one in above if one[0] <= now_s]
        if number < 30 or len(known) < 20:
            continue
        if now_s - fitted_s >= REFIT_S:
            relation = relate([(stretch(known), stretch(here[: number + 1]))], travel)
            fitted_s = now_s
        by_trend = trend.project(points[max(0, number - 40) : number + 1])
        if relation is None or by_trend is None:
            continue
        own, upstream = stretch(here[max(0, number - 7) : number + 1]), stretch(known[-12:])
        made = project(now_s, level, own, upstream, travel, relation)
        other = {one.valid_s: one.value for one in by_trend.points}
        for one in made.points[1:] if made else ():
            lead_s = round(one.valid_s - now_s)
            read = at(whole.times_s, whole.values, np.array([one.valid_s]), 5400.0)[0]
            if lead_s in LEADS_S and not np.isnan(read):
                found[lead_s].append(
                    (
                        one.value - read, abs(one.value - read), abs(other[one.valid_s] - read), abs(level - read),
                        one.low - ROUNDING_M <= read <= one.high + ROUNDING_M,
                    )
                )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def compared() -> dict[int, np.ndarray]:
    read = levels()
    together: dict[int, list[Compared]] = defaultdict(list)
    for above, here, hours in PAIRS:
        for lead_s, found in compare(read[above], read[here], hours).items():
            together[lead_s] += found
    return {lead_s: np.array(found, np.float64) for lead_s, found in sorted(together.items())}


def test_it_is_no_worse_than_the_trend_and_better_where_the_trend_knows_least(
    compared: dict[int, np.ndarray],
) -> None:
    assert list(compared) == list(LEADS_S)
    for lead_s, found in compared.items():
        _, own, by_trend, unchanged, inside = found.mean(axis=0)
        assert own < 1.1 * by_trend
        assert own < 0.6 * unchanged
        assert 0.75 < inside < 0.95
        assert lead_s < 7200 or own < 0.9 * by_trend


def test_the_guide_tells_these_figures(compared: dict[int, np.ndarray]) -> None:
    told = re.findall(
        r"^\| (30 min|\d h) \| (\d+) \| ([\d.]+) m \| ([\d.]+) m \| ([\d.]+) m \| (.[\d.]+) m \| (\d+) % \|$",
        GUIDE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    expected = []
    for lead_s, found in compared.items():
        bias, own, by_trend, unchanged, inside = found.mean(axis=0)
        lead = "30 min" if lead_s == 1800 else f"{lead_s // 3600} h"
        sizes = tuple(f"{one:.3f}" for one in (own, by_trend, unchanged))
        expected.append(
            (lead, str(len(found)), *sizes, f"{bias:+.3f}".replace("-", "−"), f"{100 * inside:.0f}")
        )
    assert told == expected
