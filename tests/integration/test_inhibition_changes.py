"""What hides what, over HTTP: at once where it hides less, by two persons where it hides more, with its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.areas import Area
from store.areas import save_area
from tests.integration.serving import Site, served

BATTERY = {
    "source": "link_broker",
    "target": "battery",
    "equal": "none",
    "release_after_s": 60,
    "reason": "都经总线",
}


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            save_area(connection, Area("east", "东镇", "East", "town", "county"))
            connection.execute(
                "insert into alarm (class, subject_kind, subject, area, rule, rule_version, colourless, priority,"
                " state, raised_at) values ('equipment', 'station', 'S1', 'east', 'battery', 1, true, 'blue',"
                " 'unacknowledged', now())"
            )
        for name, role, area in (
            ("lead", "leader", None), ("chief", "commander", None), ("duty", "duty", None), ("east", "leader", "east"),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


def rows(site: Site) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (one["source"], one["target"]): one
        for one in site.signed_in("duty").get("/api/v1/inhibitions").json()
    }


def test_what_hides_more_waits_for_a_second_person_who_sees_what_falls_silent(site: Site) -> None:
    answer = site.signed_in("lead").post("/api/v1/inhibitions", json=BATTERY)
    assert answer.status_code == 200, answer.text
    number = answer.json()["request"]
    assert not answer.json()["done"] and ("link_broker", "battery") not in rows(site)
    chief = site.signed_in("chief")
    asked = chief.get(f"/api/v1/requests/{number}").json()
    assert [one["subject"] for one in asked["silences"]["alarms"]] == ["S1"]
    assert asked["silences"]["facts"]["hidden"] == BATTERY
    allowed = chief.post(f"/api/v1/requests/{number}/approve", json={"content_hash": asked["content_hash"]})
    assert allowed.status_code == 200, allowed.text
    assert rows(site)["link_broker", "battery"] == BATTERY
    (line, *_) = chief.get("/api/v1/inhibitions/history?rule=battery").json()
    assert (line["by"], line["second"], line["set"], line["reason"]) == ("lead", "chief", True, "都经总线")


def test_less_holds_at_once_and_its_end_too_and_both_stay_in_the_history(site: Site) -> None:
    lead, pair = site.signed_in("lead"), {"source": "silence_station", "target": "clock"}
    wanted = {
        "source": "link_broker",
        "target": "camera",
        "equal": "none",
        "release_after_s": 30,
        "reason": "快些",
    }
    assert lead.post("/api/v1/inhibitions", json=wanted).json() == {"done": True, "request": None}
    assert rows(site)["link_broker", "camera"]["release_after_s"] == 30
    assert lead.post("/api/v1/inhibitions", json=wanted).status_code == 422, "nothing would change"
    assert lead.post("/api/v1/inhibitions/end", json=pair | {"reason": "不合适"}).status_code == 200
    assert ("silence_station", "clock") not in rows(site)
    assert lead.post("/api/v1/inhibitions/end", json=pair | {"reason": "不合适"}).status_code == 404
    (line, *_) = lead.get("/api/v1/inhibitions/history?rule=clock").json()
    assert (line["by"], line["set"], line["reason"]) == ("lead", False, "不合适")


def test_what_was_changed_meanwhile_is_not_allowed_any_more(site: Site) -> None:
    lead, chief = site.signed_in("lead"), site.signed_in("chief")
    wanted = {
        "source": "link_ingest",
        "target": "device",
        "equal": "none",
        "release_after_s": 3600,
        "reason": "久些",
    }
    number = lead.post("/api/v1/inhibitions", json=wanted).json()["request"]
    asked = chief.get(f"/api/v1/requests/{number}").json()
    assert lead.post("/api/v1/inhibitions", json=wanted | {"release_after_s": 5}).json()["done"]
    answer = chief.post(f"/api/v1/requests/{number}/approve", json={"content_hash": asked["content_hash"]})
    assert answer.status_code == 409
    assert rows(site)["link_ingest", "device"]["release_after_s"] == 5


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        ("duty", {}, 403),
        ("east", {}, 403),
        ("lead", {"target": "river_level"}, 422),
        ("lead", {"target": "isolation"}, 422),
        ("lead", {"target": "link_broker"}, 422),
        ("lead", {"source": "silence_value", "target": "silence_station"}, 422),
        ("lead", {"source": "camera", "target": "link_ingest"}, 422),
        ("lead", {"source": "battery", "target": "device"}, 422),
        ("lead", {"source": "camera", "target": "clock"}, 422),
        ("lead", {"target": "' or 1=1 --"}, 422),
        ("lead", {"source": "no_such"}, 422),
        ("lead", {"equal": "everything"}, 422),
        ("lead", {"release_after_s": 43_201}, 422),
        ("lead", {"release_after_s": -1}, 422),
        ("lead", {"reason": "  "}, 422),
    ],
)
def test_what_is_refused_writes_nothing(site: Site, who: str, changes: dict[str, Any], status: int) -> None:
    before = rows(site)
    wanted = BATTERY | {"target": "clock"} | changes
    assert site.signed_in(who).post("/api/v1/inhibitions", json=wanted).status_code == status
    assert rows(site) == before


@pytest.mark.parametrize("who", ["duty", "east"])
def test_only_the_county_s_leaders_end_it(site: Site, who: str) -> None:
    gone = {"source": "link_ingest", "target": "camera", "reason": "试"}
    assert site.signed_in(who).post("/api/v1/inhibitions/end", json=gone).status_code == 403
    assert ("link_ingest", "camera") in rows(site)
