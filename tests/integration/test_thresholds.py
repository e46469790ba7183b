"""Limits over the interface: completeness, history, lowering alone, relaxing with a second person, back-tests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from alerts.backtest.reading import run
from alerts.backtest.spec import Change, Spec
from cli.imports import ImportRefusedError, import_file
from core.areas import Area
from core.errors import InputError
from core.observations import Observation
from core.quality import Quality
from core.stations import SeriesKey, Station, StationKind
from store import audit, observations, stations
from store.areas import save_area
from tests.integration.serving import Site, served

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two towns with a river gauge each; three floods in the last year at the eastern one."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            for town in ("east", "west"):
                save_area(connection, Area(town, town, town, "town", "county"))
                gauge = Station(
                    f"R-{town}", f"{town}站", town, StationKind.RIVER, town, 121.8, 29.4, datum="85高程"
                )
                stations.save_station(connection, gauge)
            key = SeriesKey("R-east", "water_level")
            series = stations.ensure_series(connection, [key])[key].id
            floods = {100: 4.3, 101: 4.8, 102: 4.2, 2000: 5.4, 5000: 4.1}
            observations.store(
                connection,
                [
                    Observation(
                        series,
                        NOW - timedelta(hours=6000 - n),
                        floods.get(n, 3.0),
                        Quality.GOOD,
                        "",
                        NOW,
                        "t",
                    )
                    for n in range(6000)
                ],
            )
        for name, role, area in (
            ("duty", "duty", None), ("leader", "leader", None), ("commander", "commander", None),
            ("east", "leader", "east"), ("west", "leader", "west"), ("viewer", "viewer", None),
            ("root", "administrator", None),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


def river(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {
        "station": "R-east", "property": "water_level", "name": name, "value": value, "datum": "85高程",
        "source": "县预案2026",
    } | more  # fmt: skip


def key(name: str = "warning", **more: Any) -> dict[str, Any]:
    return {"station": "R-east", "property": "water_level", "name": name} | more


def standing(client: httpx.Client, name: str = "warning") -> dict[str, Any] | None:
    (found,) = client.get("/api/v1/thresholds", params={"station": "R-east"}).json()
    return next((one for one in found["limits"] if one["name"] == name), None)


def put(client: httpx.Client, new: dict[str, Any] | None, **more: Any) -> httpx.Response:
    name = new["name"] if new else more["old"]["name"]
    now = standing(client, name)
    body = {"new": new, "seen": now["id"] if now else None, "reason": "按新预案"} | more
    if now and "old" not in body:
        body["old"] = key(name)
    return client.post("/api/v1/thresholds", json=body)


def tried(client: httpx.Client, *limits: dict[str, Any]) -> int:
    """A finished back-test of the last year."""
    asked = client.post(
        "/api/v1/backtests",
        json={
            "rule": "river_level", "stations": ["R-east"], "limits": list(limits),
            "from": (NOW - timedelta(days=365)).isoformat(), "to": NOW.isoformat(),
        },
    )  # fmt: skip
    assert asked.status_code == 202, asked.text
    number = int(asked.json()["id"])
    until = time.monotonic() + 30
    while (found := client.get(f"/api/v1/backtests/{number}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < until, found
        time.sleep(0.05)
    assert found["state"] == "done", found["fault"]
    return number


def test_what_is_missing_is_listed_and_never_looks_normal(site: Site) -> None:
    found = site.signed_in("viewer").get("/api/v1/thresholds").json()
    assert {one["station"]: one["state"] for one in found}["R-west"] == "unset"
    west = next(one for one in found if one["station"] == "R-west")
    assert [one["name"] for one in west["missing"]] == [
        "near_warning", "warning", "guarantee", "historic_highest", "dike_crest",
    ]  # fmt: skip
    assert [one["station"] for one in site.signed_in("east").get("/api/v1/thresholds").json()] == ["R-east"]
    assert site.signed_in("east").get("/api/v1/thresholds", params={"station": "R-west"}).status_code == 404


def test_one_person_sets_and_lowers_with_a_reason(site: Site) -> None:
    leader = site.signed_in("leader")
    assert put(leader, river("warning", 4.2)).json() == {"done": True, "request": None}
    assert put(leader, river("warning", 4.0)).json() == {"done": True, "request": None}
    now = standing(leader)
    assert now is not None and (now["value"], now["version"], now["set_by"]) == (4.0, 2, "leader")
    assert (now["reason"], now["second_person"]) == ("按新预案", None)
    history = leader.get("/api/v1/thresholds/history", params={"station": "R-east"}).json()
    assert [(one["value"], one["replaced_by"]) for one in history] == [(4.0, None), (4.2, "leader")]
    with site.connection() as connection:
        (newest, *_) = audit.lines(connection, subject="threshold/R-east/water_level/warning")
    assert (newest.action, newest.detail["reason"]) == ("threshold.set", "按新预案")


def test_limits_of_a_rate_and_of_sliding_rain_are_set_as_others_are(site: Site) -> None:
    leader = site.signed_in("leader")
    for property, unit, more in (("rise_rate", "m/h", {}), ("rainfall_sliding", "mm", {"period_s": 3600})):
        new = river(f"own {property}", 1.5, property=property, datum=None, severity="yellow", **more)
        body = {"new": new, "seen": None, "reason": "首次设定"}
        assert leader.post("/api/v1/thresholds", json=body).json() == {"done": True, "request": None}
        made = standing(leader, f"own {property}")
        assert made is not None and (made["unit"], made["property"]) == (unit, property)


@pytest.mark.parametrize("who", ["duty", "viewer"])
def test_who_may_not_change_limits(site: Site, who: str) -> None:
    assert put(site.signed_in(who), river("guarantee", 5.0)).status_code == 403


def test_another_town_may_not_and_does_not_see(site: Site) -> None:
    west = site.signed_in("west")
    body = {"new": river("guarantee", 5.0), "seen": None, "reason": "x"}
    assert west.post("/api/v1/thresholds", json=body).status_code == 404
    assert put(site.signed_in("east"), river("guarantee", 5.0)).json()["done"] is True


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"value": 0}, "zero"),
        ({"value": 1e9}, "bad_value"),
        ({"datum": "吴淞"}, "datum"),
        ({"datum": None}, "datum"),
        ({"season_from": "0415"}, "half_season"),
        ({"season_from": "0230", "season_to": "0301"}, "bad_season"),
        ({"season_from": "1331", "season_to": "0101"}, "bad_season"),
        ({"property": "gold"}, "unknown_property"),
        ({"name": "<b>警戒</b>"}, "bad_name"),
        ({"name": "a/b"}, "bad_name"),
        ({"source": "\u202eabc"}, "bad_source"),
        ({"source": "  "}, "source_missing"),
        ({"deadband": -1}, "invalid"),
        ({"value": "high"}, "invalid"),
        ({"severity": "purple"}, "invalid"),
        ({"on_delay_s": 90_000}, "invalid"),
    ],
)
def test_what_cannot_be_a_limit_is_refused(site: Site, wrong: dict[str, Any], reason: str) -> None:
    body = {"new": river("near_warning", 3.5) | wrong, "seen": None, "reason": "试"}
    answer = site.signed_in("leader").post("/api/v1/thresholds", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)


def test_a_limit_that_somebody_else_changed_is_looked_at_again(site: Site) -> None:
    leader = site.signed_in("leader")
    answer = leader.post(
        "/api/v1/thresholds",
        json={"old": key(), "new": river("warning", 3.9), "seen": 999999, "reason": "试"},
    )
    assert (answer.status_code, answer.json()["reason"]) == (409, "changed_meanwhile")


def test_raising_shows_what_it_would_have_silenced_and_waits_for_a_second_person(site: Site) -> None:
    east, commander = site.signed_in("east"), site.signed_in("commander")
    assert east.post(
        "/api/v1/thresholds/preview",
        json={"old": key(), "new": river("warning", 4.6), "seen": standing(east)["id"], "reason": "试"},  # type: ignore[index]
    ).json()["relaxes"] == ["raised"]
    refused = put(east, river("warning", 4.6))
    assert (refused.status_code, refused.json()["reason"]) == (422, "backtest_missing")
    other = tried(east, {"name": "warning", "value": 4.5})
    assert put(east, river("warning", 4.6), backtest=other).json()["reason"] == "backtest_missing"
    asked = put(east, river("warning", 4.6), backtest=tried(east, {"name": "warning", "value": 4.6}))
    assert asked.json()["done"] is False
    number = asked.json()["request"]
    assert standing(east)["value"] == 4.0  # type: ignore[index]
    seen = commander.get(f"/api/v1/requests/{number}").json()
    facts = seen["present"]["facts"]
    assert (facts["old"]["value"], facts["new"]["value"], facts["relaxes"]) == (4.0, 4.6, ["raised"])
    year = facts["last_year"]
    assert year["now"]["by_severity"] == {"yellow": 2, "orange": 1}
    assert year["changed"]["by_severity"] == {"yellow": 1, "orange": 1}
    assert year["difference"]["gone_count"] == 1
    assert [one["peak"] for one in year["difference"]["gone"]] == [4.1]
    allowing = {"content_hash": seen["present_hash"]}
    assert east.post(f"/api/v1/requests/{number}/approve", json=allowing).status_code == 403
    assert commander.post(f"/api/v1/requests/{number}/approve", json=allowing).status_code == 200
    now = standing(east)
    assert now is not None
    assert (now["value"], now["set_by"], now["second_person"]) == (4.6, "east", "commander")


def test_removing_needs_a_second_person_and_the_history_keeps_it(site: Site) -> None:
    leader, east = site.signed_in("leader"), site.signed_in("east")
    assert put(leader, river("dike_crest", 7.0)).json()["done"] is True
    number = tried(leader, {"name": "dike_crest", "value": None})
    asked = put(leader, None, old=key("dike_crest"), backtest=number).json()
    assert asked["done"] is False
    seen = east.get(f"/api/v1/requests/{asked['request']}").json()
    assert seen["you_may_not"] is None
    answer = east.post(
        f"/api/v1/requests/{asked['request']}/approve", json={"content_hash": seen["present_hash"]}
    )
    assert answer.status_code == 200, answer.text
    assert standing(leader, "dike_crest") is None
    gone = leader.get("/api/v1/thresholds/history", params={"station": "R-east", "name": "dike_crest"}).json()
    assert (gone[0]["replaced_by"], gone[0]["replaced_reason"]) == ("leader", "按新预案")


def test_a_limit_lowered_meanwhile_makes_the_request_impossible(site: Site) -> None:
    leader, commander = site.signed_in("leader"), site.signed_in("commander")
    number = tried(leader, {"name": "guarantee", "value": 5.5})
    asked = put(leader, river("guarantee", 5.5), backtest=number).json()["request"]
    seen = commander.get(f"/api/v1/requests/{asked}").json()
    assert put(commander, river("guarantee", 4.9)).json()["done"] is True
    answer = commander.post(f"/api/v1/requests/{asked}/approve", json={"content_hash": seen["present_hash"]})
    assert answer.status_code == 409
    assert "changed meanwhile" in commander.get(f"/api/v1/requests/{asked}").json()["impossible"]
    assert standing(leader, "guarantee")["value"] == 4.9  # type: ignore[index]


def test_ten_who_lower_a_limit_at_once_change_it_once(site: Site) -> None:
    leader = site.signed_in("leader")
    assert put(leader, river("near_warning", 3.5)).json()["done"] is True
    now = standing(leader, "near_warning")
    assert now is not None
    start = threading.Barrier(10, timeout=20)

    def lower(number: int) -> int:
        start.wait()
        body = {
            "old": key("near_warning"),
            "new": river("near_warning", 3.4 - number / 100),
            "seen": now["id"],
            "reason": "赛",
        }
        return leader.post("/api/v1/thresholds", json=body).status_code

    with ThreadPoolExecutor(10) as pool:
        assert Counter(pool.map(lower, range(10))) == {200: 1, 409: 9}
    history = leader.get(
        "/api/v1/thresholds/history", params={"station": "R-east", "name": "near_warning"}
    ).json()
    assert [one["version"] for one in history] == [2, 1]


def test_a_changed_limit_is_proposed_under_thresholds_only(site: Site) -> None:
    body = {"kind": "raise_limit", "subject": "threshold/R-east/water_level/warning", "reason": "试",
            "detail": {"replaces": 1, "new": None, "last_year": {"now": {"alarms": 0}}}}  # fmt: skip
    answer = site.signed_in("leader").post("/api/v1/requests", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (422, "wrong_way")


def test_a_backtest_is_bounded_checked_and_can_be_cancelled(site: Site) -> None:
    duty = site.signed_in("duty")
    year = {"from": (NOW - timedelta(days=365)).isoformat(), "to": NOW.isoformat()}
    for wrong, reason in (
        ({"rule": "nothing"} | year, "rule_nowhere"),
        ({"rule": "rain_area"} | year, "rule_unbuilt"),
        ({"rule": "battery"} | year, "rule_nowhere"),
        ({"rule": "silence_value", "limits": [{"name": "missed", "value": 5}]} | year, "no_limits_here"),
        ({"rule": "camera"} | year, "rule_unkept"),
        ({"rule": "typhoon_near"} | year, "rule_judged"),
        ({"rule": "river_level", "stations": ["GHOST"]} | year, "rule_not_here"),
        ({"rule": "river_level", "from": NOW.isoformat(), "to": NOW.isoformat()}, "empty_range"),
        ({"rule": "river_level", "from": "2020-01-01T00:00:00Z", "to": NOW.isoformat()}, "range_too_long"),
        ({"rule": "river_level", "limits": [{"name": "warning", "value": 1e9}]} | year, "bad_limit"),
        ({"rule": "river_level", "limits": [{"name": "warning", "value": "x"}]} | year, "invalid"),
    ):
        answer = duty.post("/api/v1/backtests", json=wrong)
        assert (answer.status_code, answer.json()["reason"]) == (422, reason)
    body = {"rule": "river_level"} | year
    assert site.signed_in("viewer").post("/api/v1/backtests", json=body).status_code == 403
    west = {"rule": "river_level", "stations": ["R-east"]} | year
    assert site.signed_in("west").post("/api/v1/backtests", json=west).status_code == 422
    with site.connection() as connection:
        for _ in range(3):
            connection.execute(
                "insert into backtest (spec, asked_by, asked_at, state, lease_until)"
                " values ('{}', 'duty', now(), 'running', now() + interval '1 hour')"
            )
    assert duty.post("/api/v1/backtests", json=body).status_code == 409
    with site.connection() as connection:
        found = connection.execute(
            "select id from backtest where asked_by = 'duty' and state = 'running'"
        ).fetchall()
    for (number,) in found:
        assert site.signed_in("leader").post(f"/api/v1/backtests/{number}/cancel").status_code == 403
        assert duty.post(f"/api/v1/backtests/{number}/cancel").status_code == 200
        assert duty.get(f"/api/v1/backtests/{number}").json()["state"] == "cancelled"
        assert duty.post(f"/api/v1/backtests/{number}/cancel").status_code == 409


def test_a_backtest_in_the_house_stops_when_told(site: Site) -> None:
    from zoneinfo import ZoneInfo

    from alerts.backtest.result import StoppedError

    spec = Spec("river_level", (), NOW - timedelta(days=300), NOW, (Change("warning", 4.4),))
    with site.connection() as connection:
        found = run(connection, spec, ZoneInfo("Asia/Shanghai"))
        assert found.readings == 6000 and found.result["without_limits"] == ["R-west"]
        with pytest.raises(StoppedError):
            run(connection, spec, ZoneInfo("Asia/Shanghai"), lambda part, readings: False)
        with pytest.raises(InputError, match="severity"):
            run(
                connection, Spec("river_level", (), spec.begin, NOW, (Change("eigenes", 4.4),)),
                ZoneInfo("Asia/Shanghai"),
            )  # fmt: skip


def test_an_import_that_relaxes_needs_another_user(site: Site, tmp_path: Any) -> None:
    head = "station,property,name,value,deadband,datum,source\n"
    path = tmp_path / "thresholds.csv"

    def bring(text: str, second: str | None = None) -> int:
        path.write_text(head + text, encoding="utf-8")
        with site.connection() as connection:
            return import_file(
                connection,
                "thresholds",
                path,
                actor="cli:root",
                zone="Asia/Shanghai",
                language="en",
                second=second,
            ).changed

    assert bring("R-west,water_level,warning,4.0,0.05,85高程,plan\n") == 1
    raised = (
        "R-west,water_level,warning,4.3,0.05,85高程,plan\nR-west,water_level,guarantee,5.0,,85高程,plan\n"
    )
    with pytest.raises(ImportRefusedError, match="row 2, column value: this relaxes warning") as caught:
        bring(raised)
    assert len(caught.value.faults) == 1, "what is set for the first time relaxes nothing"
    for second in ("nobody", "duty", "east", "root"):
        with pytest.raises(ImportRefusedError, match="--second"):
            bring(raised, second)
    assert bring(raised, "commander") == 2
    west = (
        site.signed_in("leader").get("/api/v1/thresholds", params={"station": "R-west"}).json()[0]["limits"]
    )
    assert [(one["name"], one["second_person"]) for one in west] == [
        ("warning", "commander"),
        ("guarantee", None),
    ]
