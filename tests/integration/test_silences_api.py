"""Silences over HTTP: seen before they are made, made, listed, ended; role, area, length and hostile matchers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.areas import Area
from store.areas import save_area
from tests.integration.serving import Site, served


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            for code, name in (("east", "东镇"), ("west", "西镇")):
                save_area(connection, Area(code, name, code, "town", "county"))
                connection.execute(
                    "insert into station (code, name, name_en, kind, area, lon, lat)"
                    " values (%s, %s, %s, 'ZZ', %s, 121, 29)",
                    (f"S-{code}", name, code, code),
                )
                connection.execute(
                    "insert into alarm (class, subject_kind, subject, station, property, area, rule, rule_version,"
                    " severity, highest_severity, state, raised_at, observed_at)"
                    " values ('water', 'station', %s, %s, 'water_level', %s, 'river_level', 1, 'orange', 'orange',"
                    " 'unacknowledged', now(), now())",
                    (f"S-{code}", f"S-{code}", code),
                )
        for name, role, area in (
            ("duty", "duty", None), ("east", "duty", "east"), ("guest", "viewer", None), ("lead", "leader", None),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


def wanted(hours: float = 1, **changes: Any) -> dict[str, Any]:
    ends = datetime.now(UTC) + timedelta(hours=hours)
    return {"area": "east", "reason": "检修水尺", "ends_at": ends.isoformat()} | changes


def listed(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.signed_in("duty").get("/api/v1/silences?over=true").json()
    return found


def test_it_is_seen_made_listed_and_ended(site: Site) -> None:
    east = site.signed_in("east")
    before = len(listed(site))
    seen = east.post("/api/v1/silences/preview", json={"area": "east"}).json()
    assert [one["subject"] for one in seen] == ["S-east"]
    assert len(listed(site)) == before, "a preview writes nothing"
    answer = east.post("/api/v1/silences", json=wanted())
    assert answer.status_code == 201, answer.text
    number = answer.json()["silence"]
    (one,) = [each for each in east.get("/api/v1/silences").json() if each["id"] == number]
    assert (one["author"], one["active"], one["alarms"], one["most"]) == ("east", True, 1, "orange")
    assert east.post(f"/api/v1/silences/{number}/end").status_code == 200
    assert number not in [each["id"] for each in east.get("/api/v1/silences").json()]
    assert next(each for each in listed(site) if each["id"] == number)["ended_by"] == "east"
    assert east.post(f"/api/v1/silences/{number}/end").status_code == 409


@pytest.mark.parametrize("most", ["red", None])
def test_what_may_mute_red_waits_for_a_second_person(site: Site, most: str | None) -> None:
    before = len(listed(site))
    reason = "红色待复核"
    answer = site.signed_in("lead").post("/api/v1/silences", json=wanted(most=most, reason=reason)).json()
    assert (answer["done"], answer["silence"]) == (False, None)
    assert answer["request"] > 0
    assert len(listed(site)) == before


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        ("guest", {}, 403),
        ("east", {"area": "west"}, 403),
        ("east", {"area": None, "station": "S-west"}, 403),
        ("east", {"area": None, "hazard": "water"}, 403),
        ("duty", {"hours": 12.1}, 422),
        ("duty", {"hours": -1}, 422),
        ("duty", {"area": None}, 422),
        ("duty", {"reason": "  "}, 422),
        ("duty", {"hazard": "' or 1=1 --"}, 422),
        ("duty", {"most": {"$ne": "red"}}, 422),
        ("duty", {"rule": "x" * 65}, 422),
        ("duty", {"area": "east' or '1'='1"}, 404),
        ("duty", {"station": "../../S-west"}, 404),
    ],
)
def test_what_is_refused_writes_nothing(site: Site, who: str, changes: dict[str, Any], status: int) -> None:
    before = listed(site)
    answer = site.signed_in(who).post("/api/v1/silences", json=wanted(**changes))
    assert answer.status_code == status, answer.text
    assert listed(site) == before


def test_ending_one_of_another_area_or_as_a_viewer_is_refused(site: Site) -> None:
    number = site.signed_in("duty").post("/api/v1/silences", json=wanted(area="west")).json()["silence"]
    for who, status in (("east", 404), ("guest", 403)):
        assert site.signed_in(who).post(f"/api/v1/silences/{number}/end").status_code == status
    assert next(one for one in listed(site) if one["id"] == number)["active"]


@pytest.mark.parametrize("name", ["rule", "exercise", "area", "station"])
def test_a_silence_by_a_mistyped_name_is_refused(site: Site, name: str) -> None:
    """It would mute nothing, and whoever made it would not know."""
    duty = site.signed_in("duty")
    for path in ("/api/v1/silences", "/api/v1/silences/preview"):
        answer = duty.post(path, json=wanted(area="west") | {name: "mistyped"})
        assert answer.status_code == 404, answer.text
        assert "mistyped" in answer.json()["detail"]
