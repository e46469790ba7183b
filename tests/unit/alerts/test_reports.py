"""Reports from the field: which are of the same danger, which area a place is in, which alarms they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.reports import area_at, similar_to
from alerts.standing.reports import found_of
from core.areas import Area
from core.reports import Report, ReportKind
from core.severity import Severity

T0 = datetime(2026, 7, 15, tzinfo=UTC)
METRE = 1 / 111_195
"""Degrees of latitude."""


def report(id: int = 1, kind: ReportKind = ReportKind.PIPING, **more: Any) -> Report:
    given: dict[str, Any] = {
        "exercise": None, "severity": kind.severity, "area": "T", "lon": 121.8, "lat": 29.4, "accuracy_m": None,
        "place": "东堤", "text": "冒浑水", "observed_at": T0, "received_at": T0, "reported_by": "李巡查",
    }  # fmt: skip
    return Report(id=id, key=f"key-{id:04d}", kind=kind, **given | more)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (report(2), True),
        (report(2, lat=29.4 + 199 * METRE), True),
        (report(2, lat=29.4 + 201 * METRE), False),
        (report(2, observed_at=T0 + timedelta(minutes=30)), True),
        (report(2, observed_at=T0 - timedelta(minutes=31)), False),
        (report(2, ReportKind.SEEPAGE), False),
        (report(2, lon=None, lat=None), True),
        (report(2, lon=None, lat=None, area="U"), False),
    ],
)
def test_the_same_kind_within_200_m_and_30_minutes_looks_like_the_same_danger(
    other: Report, same: bool
) -> None:
    assert similar_to(report(1), [other]) == ((other,) if same else ())


def test_the_nearest_is_proposed_first() -> None:
    far, near = report(2, lat=29.4 + 150 * METRE), report(3, lat=29.4 + 20 * METRE)
    assert similar_to(report(1), [far, near]) == (near, far)


def square(lon: float, lat: float, half: float) -> dict[str, Any]:
    ring = [[lon + x * half, lat + y * half] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    return {"type": "Polygon", "coordinates": [ring]}


COUNTY = Area("C", "县", "C", "county", lon=121.8, lat=29.4, outline=square(121.8, 29.4, 0.5))
OUTLINED = Area("T1", "甲", "T1", "town", "C", lon=121.5, lat=29.1, outline=square(121.5, 29.1, 0.1))
POINT = Area("T2", "乙", "T2", "town", "C", lon=122.0, lat=29.6)
VILLAGE = Area("V", "村", "V", "village", "T2", lon=122.0, lat=29.7)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((121.55, 29.05), "T1"),
        ((122.0, 29.72), "V"),
        ((122.0, 29.65), "T2"),
        ((121.8, 29.4), "T2"),
        ((125.0, 29.4), None),
    ],
)
def test_a_place_belongs_to_an_outline_else_to_the_nearest_village_else_town(
    place: tuple[float, float], code: str | None
) -> None:
    assert area_at(place, [COUNTY, OUTLINED, POINT, VILLAGE]) == code


def test_the_first_report_stands_for_all_and_the_worst_counts() -> None:
    first = report(1, ReportKind.SEEPAGE)
    second = report(
        2, ReportKind.SEEPAGE, severity=Severity.RED, joined_to=1, observed_at=T0 + timedelta(minutes=9)
    )
    (found,) = found_of([first, second], {"T": Area("T", "示范镇", "Demo", "town")})
    assert (found.subject, found.severity, found.latch) == ("1", Severity.RED, True)
    assert found.observed_at == second.observed_at
    assert found.facts["place"] == {"zh": "示范镇东堤", "en": "Demo 东堤"}
    assert found.facts["reports"] == 2


@pytest.mark.parametrize("kind", list(ReportKind))
def test_danger_at_works_latches_and_a_cut_road_does_not(kind: ReportKind) -> None:
    (found,) = found_of([report(1, kind)], {})
    assert found.latch is (kind not in (ReportKind.ROAD_CUT, ReportKind.OTHER))
    assert found.facts["kind"]["zh"]


def test_a_long_text_is_shortened_in_the_notice_and_whole_in_the_facts() -> None:
    text = "堤" * 900
    (found,) = found_of([report(1, text=text)], {})
    assert len(found.facts["said"]["zh"]) == 120
    assert found.facts["text"] == text
