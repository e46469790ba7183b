"""Official warnings: which of our areas they touch, and which of them are findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.standing.finding import Finding
from alerts.standing.warned_places import Placed, touched
from alerts.standing.weather import found_of
from core.areas import Area
from core.severity import Severity
from core.warning_chains import Received
from core.warnings import Circle, MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from store.warnings import KeptWarning

T0 = datetime(2026, 7, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def square(lon: float, lat: float, half: float = 0.1) -> dict[str, object]:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return {"type": "Polygon", "coordinates": [[[lon + x * half, lat + y * half] for x, y in corners]]}


def ring(lon: float, lat: float, half: float) -> tuple[tuple[float, float], ...]:
    return tuple((lat + y * half, lon + x * half) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)))


COUNTY = Area(
    "330225", "象山县", "Xiangshan", "county", lon=121.8, lat=29.4, outline=square(121.8, 29.4, 0.5)
)
NORTH = Area("330225100", "北镇", "North", "town", "330225", lon=121.8, lat=29.8, outline=square(121.8, 29.8))
SOUTH = Area("330225101", "南镇", "South", "town", "330225", lon=121.8, lat=29.0)
TOWNS = (NORTH, SOUTH)


def message(
    *areas: WarnedArea,
    name: str = "A",
    colour: Severity | None = Severity.ORANGE,
    kind: MessageType = MessageType.ALERT,
    sent_h: float = 0,
    refers: str | None = None,
    expires_h: float = 12,
) -> WarningMessage:
    info = WarningInfo("暴雨", "zh-CN", colour=colour, expires=T0 + expires_h * HOUR, areas=areas)
    references = (Reference(refers, "office"),) if refers else ()
    infos = () if kind is MessageType.CANCEL else (info,)
    return WarningMessage(
        "office", name, T0 + sent_h * HOUR, Status.ACTUAL, kind, references=references, infos=infos
    )


@pytest.mark.parametrize(
    ("area", "codes", "how"),
    [
        (WarnedArea("", (ring(121.8, 29.8, 0.05),)), ["330225100"], Placed.SHAPE),
        (WarnedArea("", (ring(121.8, 29.4, 2),)), ["330225"], Placed.SHAPE),
        (WarnedArea("", (ring(121.8, 29.4, 0.05),)), ["330225"], Placed.SHAPE),
        (WarnedArea("象山县", (ring(100.0, 29.4, 0.05),)), ["330225"], Placed.NAME),
        (WarnedArea("海上", circles=(Circle(29.0, 121.9, 12),)), ["330225101"], Placed.SHAPE),
        (WarnedArea("海上", circles=(Circle(20.0, 130.0, 50),)), None, None),
        (WarnedArea("", geocodes=(("SAME", "330225000000"),)), ["330225"], Placed.CODE),
        (WarnedArea("", geocodes=(("SAME", "330000"),)), ["330225"], Placed.CODE),
        (WarnedArea("", geocodes=(("SAME", "330225101000"),)), ["330225101"], Placed.CODE),
        (WarnedArea("", geocodes=(("SAME", "330225101201"),)), ["330225101"], Placed.CODE),
        (WarnedArea("", geocodes=(("SAME", "330226000000"),)), None, None),
        (WarnedArea("宁波市象山县南镇"), ["330225101"], Placed.NAME),
        (WarnedArea("宁波市象山县"), ["330225"], Placed.NAME),
        (WarnedArea("全市"), ["330225"], Placed.UNKNOWN),
        (WarnedArea("", geocodes=(("EMMA_ID", "CN001"),)), ["330225"], Placed.UNKNOWN),
    ],
)
def test_a_warning_touches_by_shape_code_or_name_and_the_county_if_nobody_knows(
    area: WarnedArea, codes: list[str] | None, how: Placed | None
) -> None:
    found = touched(message(area), COUNTY, TOWNS)
    assert (found and [one.code for one in found.areas]) == codes
    assert (found and found.how) == how


def findings(*messages: WarningMessage, at_h: float, trusted: bool = True) -> list[Finding]:
    kept = [KeptWarning(Received(n, one, trusted), one.sent) for n, one in enumerate(messages, 1)]
    return list(found_of(kept, None, COUNTY, TOWNS, T0 + at_h * HOUR))


TOWN = WarnedArea("", (ring(121.8, 29.8, 0.05),))


def test_an_update_keeps_the_subject_and_changes_the_colour() -> None:
    first = message(TOWN, colour=Severity.YELLOW)
    second = message(
        TOWN, name="B", colour=Severity.RED, kind=MessageType.UPDATE, sent_h=2, refers="A", expires_h=30
    )
    (before,) = findings(first, at_h=1)
    (after,) = findings(first, second, at_h=3)
    assert (before.severity, after.severity) == (Severity.YELLOW, Severity.RED)
    assert before.key == after.key == (None, "warning", "1/330225100")
    (long_after,) = findings(first, second, at_h=20)
    assert long_after.key == before.key


def test_a_cancelled_or_expired_warning_and_a_strangers_are_no_findings() -> None:
    first = message(TOWN)
    assert findings(first, at_h=1)
    assert not findings(first, message(name="C", kind=MessageType.CANCEL, sent_h=1, refers="A"), at_h=2)
    assert not findings(first, at_h=12)
    assert not findings(first, at_h=1, trusted=False)


def test_a_warning_without_colour_has_no_severity_and_says_so() -> None:
    (found,) = findings(message(TOWN, colour=None), at_h=1)
    assert found.severity is None
    assert found.facts["colour"]["zh"] == "（无颜色）"


def test_two_separate_warnings_are_two_and_the_facts_say_who_and_what() -> None:
    found = findings(message(TOWN), message(TOWN, name="B", sent_h=1, colour=Severity.RED), at_h=2)
    assert [(one.subject, one.severity) for one in found] == [
        ("2/330225100", Severity.RED),
        ("1/330225100", Severity.ORANGE),
    ]
    assert found[0].facts["place"] == {"zh": "北镇", "en": "North"}
    assert found[0].facts["event"]["zh"] == "暴雨"
    assert found[0].area == "330225100"
