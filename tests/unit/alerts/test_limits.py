"""Completeness of limits, what cannot be right, and what a change relaxes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.limits.completeness import Completeness, Doubt, LimitRule, assess, contradictions, days_in_force
from alerts.limits.relaxing import Relaxation, relaxations
from core.severity import Severity
from core.stations import Station, StationKind
from core.thresholds import THRESHOLD_SEVERITY, Threshold


def station(kind: StationKind = StationKind.RIVER, datum: str | None = None) -> Station:
    return Station("S", "站", "S", kind, None, 121.8, 29.4, datum=datum)


def limit(name: str, value: float, **more: Any) -> Threshold:
    values: dict[str, Any] = {
        "severity": THRESHOLD_SEVERITY.get(name, Severity.YELLOW), "deadband": 0.05, "datum": None, "source": "预案",
    }  # fmt: skip
    return Threshold("S", "water_level", name, value=value, **(values | more))


RIVER = [
    limit("near_warning", 3.5), limit("warning", 4.0), limit("guarantee", 5.0), limit("historic_highest", 6.0),
    limit("dike_crest", 7.0),
]  # fmt: skip


def test_a_river_with_all_five_limits_is_complete() -> None:
    found = assess(station(), RIVER)
    assert (found.state, found.missing, found.doubts) == (Completeness.COMPLETE, (), ())


@pytest.mark.parametrize(
    ("kind", "limits", "state", "missing"),
    [
        (StationKind.RIVER, [], Completeness.UNSET, 5),
        (StationKind.RIVER_LEVEL, [limit("warning", 0.0), limit("guarantee", 0.0)], Completeness.UNSET, 5),
        (StationKind.RIVER, RIVER[:2], Completeness.PARTIAL, 3),
        (StationKind.RIVER, [limit("alert", 1), limit("minor_flood", 2)], Completeness.OWN, 0),
        (StationKind.RESERVOIR, [], Completeness.UNSET, 4),
        (StationKind.SLUICE, [limit("sluice_warning", 1)], Completeness.PARTIAL, 1),
        (StationKind.TIDE, [], Completeness.UNSET, 4),
        (StationKind.RAIN, [], Completeness.NOT_NEEDED, 0),
    ],
)
def test_each_kind_knows_what_it_lacks(
    kind: StationKind, limits: list[Threshold], state: Completeness, missing: int
) -> None:
    found = assess(station(kind), limits)
    assert (found.state, len(found.missing)) == (state, missing)


def test_a_limit_over_another_datum_is_worse_than_a_missing_one_of_many() -> None:
    found = assess(station(datum="85高程"), [limit("warning", 4.0, datum="吴淞")])
    assert found.state is Completeness.REFUSED
    assert [one.doubt for one in found.doubts] == [Doubt.DATUM]
    assert ("water_level", "warning") in found.missing


def test_a_rain_gauge_without_limits_of_a_rain_rule_is_unset() -> None:
    rule = LimitRule("rain_sliding", "rainfall_sliding", frozenset({"PP", "ZZ"}))
    assert assess(station(StationKind.RAIN), [], [rule]).state is Completeness.UNSET
    rain = replace(limit("prepare", 50.0), property="rainfall_sliding", period_s=3600)
    assert assess(station(StationKind.RAIN), [rain], [rule]).state is Completeness.COMPLETE
    river = assess(station(StationKind.RIVER_LEVEL), RIVER, [rule])
    assert (river.state, river.rules) == (Completeness.PARTIAL, ("rain_sliding",))


@pytest.mark.parametrize(
    ("limits", "doubts"),
    [
        ([limit("warning", 5.0), limit("guarantee", 4.0)], [("guarantee", Doubt.ORDER)]),
        ([limit("warning", 5.0), limit("guarantee", 5.0)], [("guarantee", Doubt.ORDER)]),
        ([limit("guarantee", 5.0), limit("dike_crest", 5.0)], []),
        ([limit("near_warning", 6.0), limit("guarantee", 5.0)], [("guarantee", Doubt.ORDER)]),
        ([limit("historic_highest", 3.0), limit("warning", 4.0)], [("historic_highest", Doubt.ORDER)]),
        ([limit("historic_highest", 4.5), limit("guarantee", 5.0)], [("historic_highest", Doubt.SEVERITY)]),
        ([limit("own", 5.0), limit("high", 4.0, severity=Severity.RED)], [("high", Doubt.SEVERITY)]),
        ([limit("flood_limit", 9.0), limit("normal_storage", 9.0)], []),
    ],
)
def test_an_implausible_order_is_flagged(limits: list[Threshold], doubts: list[tuple[str, Doubt]]) -> None:
    assert [(one.limit.name, one.doubt) for one in contradictions(limits)] == doubts
    if doubts:
        assert assess(station(), limits).state is Completeness.IMPLAUSIBLE


def test_seasons_are_compared_only_where_they_meet() -> None:
    summer = limit("flood_limit", 118.0, season_from="0415", season_to="1015")
    winter = limit("flood_limit", 122.0, season_from="1016", season_to="0414")
    assert contradictions([summer, winter]) == ()
    longer = replace(winter, season_to="0501")
    assert [one.doubt for one in contradictions([summer, longer])] == [Doubt.SEASON_OVERLAP]


def test_a_season_across_new_year_has_its_days() -> None:
    assert len(days_in_force("1016", "0414")) + len(days_in_force("0415", "1015")) == 366
    assert len(days_in_force(None, None)) == 366
    assert len(days_in_force("0229", "0229")) == 1


OLD = limit("warning", 4.0, season_from="0415", season_to="1015")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (None, OLD, ()),
        (replace(OLD, value=0.0), OLD, ()),
        (OLD, OLD, ()),
        (OLD, replace(OLD, value=3.9, source="新预案", off_delay_s=3600), ()),
        (OLD, replace(OLD, severity=Severity.ORANGE), ()),
        (OLD, replace(OLD, deadband=0.02, on_delay_s=0), ()),
        (OLD, replace(OLD, season_from="0401", season_to="1031"), ()),
        (OLD, replace(OLD, value=4.01), (Relaxation.RAISED,)),
        (OLD, None, (Relaxation.REMOVED,)),
        (OLD, replace(OLD, value=0.0), (Relaxation.REMOVED,)),
        (OLD, replace(OLD, severity=Severity.BLUE), (Relaxation.SEVERITY_LOWERED,)),
        (OLD, replace(OLD, deadband=0.06), (Relaxation.DEADBAND_WIDENED,)),
        (OLD, replace(OLD, on_delay_s=60), (Relaxation.ON_DELAY_LENGTHENED,)),
        (replace(OLD, on_delay_s=600), replace(OLD, on_delay_s=60), ()),
        (replace(OLD, on_delay_s=0), OLD, (Relaxation.ON_DELAY_LENGTHENED,)),
        (OLD, replace(OLD, season_to="1014"), (Relaxation.SEASON_NARROWED,)),
        (replace(OLD, season_from=None, season_to=None), OLD, (Relaxation.SEASON_NARROWED,)),
        (OLD, replace(OLD, season_from="1016", season_to="0414"), (Relaxation.SEASON_NARROWED,)),
        (OLD, replace(OLD, datum="吴淞", value=3.0), (Relaxation.DATUM_CHANGED,)),
        (
            OLD,
            replace(OLD, value=5.0, deadband=1.0),
            (Relaxation.RAISED, Relaxation.DEADBAND_WIDENED),
        ),
    ],
)
def test_what_a_change_relaxes(
    old: Threshold | None, new: Threshold | None, found: tuple[Relaxation, ...]
) -> None:
    assert relaxations(old, new) == found
