"""Where alarms are told together."""

from __future__ import annotations

import pytest

from alerts.annunciation.places import Places
from alerts.annunciation.plan import Group
from core.areas import Area

AREAS = [
    Area("C", "演示县", "Demo County", "county"),
    Area("T", "溪口镇", "Xikou", "town", "C"),
    Area("V", "上村", "Upper Village", "village", "T"),
    Area("H", "桥头", "", "hamlet", "V"),
]


@pytest.mark.parametrize(
    ("hazard", "river", "area", "group"),
    [
        ("water", "南大河", "T", Group("river", "南大河", "water")),
        ("water", None, "T", Group("town", "T", "water")),
        ("rain", "南大河", "T", Group("town", "T", "rain")),
        ("rain", None, "H", Group("town", "T", "rain")),
        ("rain", None, "V", Group("town", "T", "rain")),
        ("weather", None, "C", Group("town", "C", "weather")),
        ("weather", None, None, Group("town", "C", "weather")),
        ("report", None, "unknown", Group("town", "unknown", "report")),
    ],
)
def test_water_goes_by_its_river_and_all_else_by_its_town(
    hazard: str, river: str | None, area: str | None, group: Group
) -> None:
    assert Places(AREAS, "zh").group(hazard, river, area) == group


@pytest.mark.parametrize(("language", "names"), [("zh", ["溪口镇", "桥头"]), ("en", ["Xikou", "桥头"])])
def test_a_place_has_its_name_in_the_language_if_it_has_one(language: str, names: list[str]) -> None:
    places = Places(AREAS, language)
    assert [places.name(code) for code in ("T", "H")] == names
    assert (places.name("unknown"), places.name(None)) == ("unknown", "")
    assert places.group_name(Group("river", "南大河", "water")) == "南大河"
