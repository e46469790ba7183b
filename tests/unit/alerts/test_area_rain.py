"""Rain of an area against its limits: reached, held, left, by mean and by the wettest gauge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.rules.area_rain import (
    GaugeSum,
    Level,
    Measure,
    gauge_sum,
    hamlet_levels,
    is_dry,
    judge,
    measure,
)
from alerts.standing.rain_area import Terms, Watched, found_of, town_levels
from core.areas import Area
from core.quality import Quality
from core.rain_limits import DefaultLimit, HamletLimit, Soil
from core.severity import Severity

T0 = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = 3600
ORANGE, RED = Severity.ORANGE, Severity.RED
LEVELS = [
    Level(ORANGE, Measure.HIGHEST, HOUR, 40), Level(RED, Measure.HIGHEST, HOUR, 60),
    Level(ORANGE, Measure.HIGHEST, 3 * HOUR, 70), Level(RED, Measure.HIGHEST, 3 * HOUR, 100),
]  # fmt: skip


def gauge(mm: float, hours: float = 1, station: str = "P1", verified: float | None = None) -> GaugeSum:
    return GaugeSum(station, int(hours * HOUR), T0, mm, mm if verified is None else verified, 1.0)


def judged(*sums: GaugeSum, held: Severity | None = None, dry: bool = False) -> Any:
    return judge(LEVELS, measure(sums), held, dry=dry, clear_share=0.8)


@pytest.mark.parametrize(
    ("one_hour", "three_hours", "severity"),
    [
        (39.9, 69.9, None),
        (40, 40, ORANGE),
        (10, 70, ORANGE),
        (45, 100, RED),
        (60, 60, RED),
    ],
)
def test_any_window_that_reaches_its_limit_counts_and_the_worst_stands(
    one_hour: float, three_hours: float, severity: Severity | None
) -> None:
    found = judged(gauge(one_hour), gauge(three_hours, 3))
    assert (found.level.severity if found else None) is severity


def test_of_equals_the_window_that_passes_by_most_is_told() -> None:
    assert judged(gauge(61), gauge(180, 3)).level.window_s == 3 * HOUR


@pytest.mark.parametrize(
    ("mm", "dry", "severity"),
    [
        (59, False, RED),
        (48, True, RED),
        (47.9, True, ORANGE),
        (47.9, False, RED),
        (31, True, None),
        (31, False, RED),
        (0.5, True, None),
    ],
)
def test_what_is_held_is_left_below_four_fifths_and_after_half_a_dry_hour(
    mm: float, dry: bool, severity: Severity | None
) -> None:
    found = judged(gauge(mm), held=RED, dry=dry)
    assert (found.level.severity if found else None) is severity


def test_orange_that_is_held_stays_above_its_own_four_fifths() -> None:
    assert judged(gauge(32), held=ORANGE, dry=True).holds
    assert judged(gauge(31.9), held=ORANGE, dry=True) is None


def test_suspect_rain_reaches_a_limit_and_is_to_be_verified() -> None:
    found = judged(gauge(65, verified=45))
    assert (found.level.severity, found.certain) == (RED, False)
    assert judged(gauge(65, verified=60)).certain


def test_a_held_level_confirms_nothing() -> None:
    assert not judged(gauge(50), held=RED, dry=True).certain


def test_the_mean_and_the_wettest_are_of_all_gauges_that_take_part() -> None:
    found = measure([gauge(10), gauge(50, station="P2"), gauge(30, station="P3")])
    assert (found[Measure.MEAN, HOUR].mm, found[Measure.HIGHEST, HOUR].mm) == (30, 50)
    assert (found[Measure.HIGHEST, HOUR].gauge, found[Measure.MEAN, HOUR].reporting) == ("P2", 3)


def test_it_is_dry_only_where_every_gauge_says_so() -> None:
    half = [GaugeSum(name, 1800, T0, mm, mm, 1.0) for name, mm in (("A", 0.0), ("B", 0.2))]
    assert is_dry(half[:1], 1800)
    assert not is_dry(half, 1800)
    assert not is_dry([], 1800)


@pytest.mark.parametrize(
    ("value", "quality", "reason", "verified", "coverage"),
    [
        (30, Quality.GOOD, "", 30, 1),
        (30, Quality.NOT_EVALUATED, "at_least:75", 30, 0.75),
        (30, Quality.SUSPECT, "with_suspect:12.5", 12.5, 1),
        (30, Quality.SUSPECT, "with_suspect:0,at_least:0", 0, 0),
    ],
)
def test_a_kept_sum_is_read_back(
    value: float, quality: Quality, reason: str, verified: float, coverage: float
) -> None:
    found = gauge_sum("P", HOUR, T0, value, quality, reason)
    assert (found.mm, found.verified_mm, found.coverage) == (value, verified, coverage)


def limit(soil: Soil, prepare: float, immediate: float, hours: int = 1) -> HamletLimit:
    return HamletLimit("H", hours * HOUR, soil, prepare, immediate, ("P1",), "test")


def test_the_limits_are_those_of_the_soil_else_of_any_else_the_lowest() -> None:
    table = [
        limit(Soil.DRY, 50, 70), limit(Soil.NORMAL, 45, 60), limit(Soil.WET, 30, 45),
        limit(Soil.ANY, 80, 110, 3), limit(Soil.DRY, 150, 200, 6), limit(Soil.NORMAL, 120, 160, 6),
    ]  # fmt: skip

    def of(soil: Soil) -> list[tuple[Severity, int, float]]:
        return [(one.severity, one.window_s // HOUR, one.mm) for one in hamlet_levels(table, soil)]

    assert of(Soil.WET) == [
        (ORANGE, 1, 30),
        (RED, 1, 45),
        (ORANGE, 3, 80),
        (RED, 3, 110),
        (ORANGE, 6, 120),
        (RED, 6, 160),
    ]
    assert of(Soil.DRY)[:2] == [(ORANGE, 1, 50), (RED, 1, 70)]
    assert of(Soil.DRY)[4:] == [(ORANGE, 6, 150), (RED, 6, 200)]


TERMS = Terms.of(
    {
        "clear_share": 0.8, "dry_min": 30, "stale_min": 60, "town_mean": ["blue", "orange"], "town_highest": ["red"],
        "soil": {
            "k": 0.85, "most_mm": 100, "dry_below": 0.5, "wet_from": 0.8, "least_days": 5,
            "moisture_dry_below": 15, "moisture_wet_from": 30, "moisture_max_h": 24,
        },
    }
)  # fmt: skip
HAMLET = Area("H", "溪口", "Xikou", "hamlet")


def test_a_town_takes_of_the_default_table_what_its_terms_name() -> None:
    table = [DefaultLimit(severity, HOUR, 10.0 * severity.rank, "t") for severity in Severity]
    found = [(one.severity.value, one.measure.value, one.mm) for one in town_levels(table, TERMS)]
    assert found == [("blue", "mean", 10), ("orange", "mean", 30), ("red", "highest", 40)]


def test_an_area_whose_gauges_are_silent_is_held_and_not_dry() -> None:
    one = Watched(HAMLET, None, tuple(LEVELS), (), ("P1",))
    found = found_of([one], {one.key: RED}, TERMS, {})
    assert (found.findings, found.held) == ((), frozenset({one.key}))


def test_the_finding_says_what_where_and_how_complete() -> None:
    part = GaugeSum("P1", HOUR, T0, 62.0, 62.0, 0.75)
    one = Watched(HAMLET, "spring", tuple(LEVELS), (part,), ("P1", "P2"))
    (found,) = found_of([one], {}, TERMS, {"P1": ("一号", "One")}).findings
    assert found.key == ("spring", "hamlet", "H")
    assert (found.severity, found.value, found.threshold, found.certain) == (RED, 62.0, 60, True)
    facts = found.facts
    assert (facts["action"]["zh"], facts["at_least"]["zh"], facts["gauge"]["zh"]) == (
        "立即转移",
        "至少 ",
        "一号",
    )
    assert (facts["hours"], facts["coverage"], facts["gauges"]) == ("1", 0.75, ["P1", "P2"])
