"""The REST interface: what it gives, whom it refuses, how it says so, and that it is wholly described."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.auth.secrets import digest, new_token
from core.alarms import Alarm, AlarmClass, AlarmState
from core.areas import Area
from core.devices import Camera, Device, DeviceKind
from core.observations import Observation
from core.people import Person
from core.quality import Quality
from core.roles import Role
from core.severity import Severity
from core.stations import SeriesKey, Station, StationKind
from core.thresholds import Threshold
from store import alarms, cameras, devices, observations, sessions, stations
from store.areas import save_area
from store.camera_reports import save_snapshot
from store.people import save_person
from tests.integration.serving import Site, served

START = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two towns, each with a station, a person, a screen, a camera; 300 readings in the east."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            for town in ("east", "west"):
                save_area(connection, Area(town, town, town, "town", "county"))
                station = Station(f"R-{town}", town, town, StationKind.RIVER, town, 121.8, 29.4)
                stations.save_station(connection, station)
                save_person(connection, Person(f"p-{town}", "周镇长", "13800000001", town, "镇长"))
                devices.save_device(
                    connection,
                    Device(f"led-{town}", DeviceKind.LED, town, town, town, 121.8, 29.4, 12, 2),
                )
                cameras.save_camera(connection, Camera(f"c-{town}", town, town, town, 121.8, 29.4))
                save_snapshot(connection, f"c-{town}", None, START, (1, 1), b"\xff\xd8picture", keep=3)
            stations.save_threshold(
                connection,
                Threshold("R-east", "water_level", "warning", Severity.YELLOW, 3.0, 0.05, None, "test"),
                "test",
            )
            key = SeriesKey("R-east", "water_level")
            series = stations.ensure_series(connection, [key])[key].id
            observations.store(
                connection,
                [
                    Observation(
                        series, START + timedelta(minutes=5 * n), n / 100, Quality.GOOD, "", START, "test"
                    )
                    for n in range(300)
                ],
            )
        for name, role, area in (
            ("duty", "duty", None), ("leader", "leader", None), ("commander", "commander", None),
            ("east", "commander", "east"), ("viewer", "viewer", None), ("field", "field", None),
            ("root", "administrator", None),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


def an_alarm(site: Site, town: str) -> int:
    """A new open alarm of a town's gauge."""
    with site.connection() as connection:
        connection.execute(
            "update alarm set closed_at = now(), state = 'normal' where subject = %s", (f"R-{town}",)
        )
        alarm = Alarm(
            id=0, alarm_class=AlarmClass.WATER, subject_kind="station", subject=f"R-{town}",
            station=f"R-{town}", property="water_level", area=town, rule="river_level", rule_version=1,
            exercise=None, severity=Severity.YELLOW, highest_severity=Severity.YELLOW,
            state=AlarmState.UNACKNOWLEDGED, raised_at=START, observed_at=START, returned_at=None,
            acknowledged_at=None, acknowledged_by=None, closed_at=None, value=3.2, threshold=3.0,
            threshold_name="warning", shelved_until=None,
        )  # fmt: skip
        id = alarms.create(connection, alarm)
        connection.execute(
            "update alarm set severity = 'yellow', highest_severity = 'yellow', value = 3.2 where id = %s",
            (id,),
        )
    return id


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of a refused request."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status and document["title"] and document["detail"]
    return document


def draft(site: Site, **more: Any) -> dict[str, Any]:
    """A body for a draft order to the east town's responsible persons."""
    return {
        "area": "east",
        "severity": "orange",
        "title": "转移",
        "text": "请立即组织转移。",
        "ends_at": (site.context.clock() + timedelta(hours=6)).isoformat(),
        "selection": {"areas": ["east"], "sms": True},
    } | more


def a_red_alarm(site: Site, town: str) -> int:
    """A new open red alarm of a town's gauge."""
    id = an_alarm(site, town)
    with site.connection() as connection:
        connection.execute("update alarm set severity = 'red', highest_severity = 'red' where id = %s", (id,))
    return id


def test_red_is_shelved_by_two_persons_over_the_interface(site: Site) -> None:
    id = a_red_alarm(site, "east")
    shelf = {"until": (site.context.clock() + timedelta(hours=1)).isoformat(), "reason": "检修"}
    is_problem(site.signed_in("duty").post(f"/api/v1/alarms/{id}/shelve", json=shelf), 403)
    leader, commander = site.signed_in("leader"), site.signed_in("commander")
    asked = leader.post(f"/api/v1/alarms/{id}/shelve", json=shelf)
    assert asked.status_code == 200 and asked.json()["done"] is False
    request = asked.json()["request"]
    assert leader.get(f"/api/v1/alarms/{id}").json()["state"] == "unacknowledged"

    seen = leader.get(f"/api/v1/requests/{request}").json()
    assert "second person" in seen["you_may_not"] and seen["present"]["alarms"][0]["id"] == id
    allowing = {"content_hash": seen["present_hash"]}
    is_problem(leader.post(f"/api/v1/requests/{request}/approve", json=allowing), 403)
    is_problem(site.signed_in("viewer").post(f"/api/v1/requests/{request}/approve", json=allowing), 403)
    is_problem(commander.post(f"/api/v1/requests/{request}/approve", json={"content_hash": "0" * 64}), 409)
    is_problem(commander.post(f"/api/v1/requests/{request}/approve", json={"content_hash": "x"}), 422)
    assert commander.get(f"/api/v1/requests/{request}").json()["you_may_not"] is None
    allowed = commander.post(f"/api/v1/requests/{request}/approve", json=allowing)
    assert allowed.status_code == 200 and allowed.json()["state"] == "approved"
    assert leader.get(f"/api/v1/alarms/{id}").json()["state"] == "shelved"
    is_problem(commander.post(f"/api/v1/requests/{request}/refuse"), 409)


def test_a_station_is_taken_out_by_two_and_put_back_by_one(site: Site) -> None:
    id = an_alarm(site, "east")
    wanted = {"until": (site.context.clock() + timedelta(hours=2)).isoformat(), "reason": "检修"}
    path = "/api/v1/stations/R-east/out-of-service"
    for name in ("viewer", "field"):
        is_problem(site.signed_in(name).post(path, json=wanted), 403)
    east = site.signed_in("east")
    is_problem(east.post("/api/v1/stations/R-west/out-of-service", json=wanted), 404)
    is_problem(east.post("/api/v1/stations/nobody/out-of-service", json=wanted), 404)
    for wrong in ({"reason": ""}, {"until": (site.context.clock() + timedelta(hours=13)).isoformat()}):
        is_problem(east.post(path, json=wanted | wrong), 422)
    asked = site.signed_in("duty").post(path, json=wanted)
    assert asked.status_code == 201, asked.text
    assert [one["id"] for one in asked.json()["silences"]["alarms"]] == [id]
    assert east.get("/api/v1/out-of-service").json() == [], "proposed is not done"
    seen = east.get(f"/api/v1/requests/{asked.json()['request']}").json()
    allowing = {"content_hash": seen["present_hash"]}
    allowed = east.post(f"/api/v1/requests/{asked.json()['request']}/approve", json=allowing)
    assert allowed.status_code == 200, allowed.text
    (listed,) = east.get("/api/v1/out-of-service").json()
    assert (listed["subject"], listed["reason"], listed["by_user"], listed["second"]) == (
        "R-east", "检修", "duty", "east",
    )  # fmt: skip
    assert east.get(f"/api/v1/alarms/{id}").json()["state"] == "out_of_service"
    is_problem(east.post(path, json=wanted), 409)
    end = f"/api/v1/out-of-service/{listed['id']}/end"
    is_problem(site.signed_in("viewer").post(end), 403)
    assert east.post(end).status_code == 200
    assert east.get(f"/api/v1/alarms/{id}").json()["state"] == "unacknowledged"
    is_problem(east.post(end), 409)
    assert east.get("/api/v1/out-of-service").json() == []
    (before,) = east.get("/api/v1/out-of-service", params={"ended": True}).json()
    assert before["ended_by"] == "east"
    for kind in ("devices/led-east", "cameras/c-east"):
        asked = east.post(f"/api/v1/{kind}/out-of-service", json=wanted)
        assert asked.status_code == 201, asked.text
        assert east.post(f"/api/v1/requests/{asked.json()['request']}/refuse").status_code == 200


def test_an_acknowledgement_is_taken_back_and_only_a_leader_resets(site: Site) -> None:
    id = an_alarm(site, "west")
    duty, leader, why = site.signed_in("duty"), site.signed_in("leader"), {"reason": "误点"}
    is_problem(duty.post(f"/api/v1/alarms/{id}/unacknowledge", json=why), 409)
    duty.post(f"/api/v1/alarms/{id}/acknowledge")
    is_problem(site.signed_in("viewer").post(f"/api/v1/alarms/{id}/unacknowledge", json=why), 403)
    is_problem(site.signed_in("east").post(f"/api/v1/alarms/{id}/unacknowledge", json=why), 404)
    is_problem(duty.post(f"/api/v1/alarms/{id}/unacknowledge", json={"reason": ""}), 422)
    assert duty.post(f"/api/v1/alarms/{id}/unacknowledge", json=why).status_code == 200
    seen = duty.get(f"/api/v1/alarms/{id}").json()
    assert (seen["state"], seen["acknowledged_by"]) == ("unacknowledged", None)
    with site.connection() as connection:
        connection.execute(
            "update alarm set state = 'latched', severity = null, latches = true where id = %s", (id,)
        )
    is_problem(duty.post(f"/api/v1/alarms/{id}/reset", json=why), 403)
    assert leader.post(f"/api/v1/alarms/{id}/reset", json={"reason": "已封堵"}).status_code == 200
    assert leader.get(f"/api/v1/alarms/{id}").json()["state"] == "normal"
    is_problem(leader.post(f"/api/v1/alarms/{id}/reset", json={"reason": "已封堵"}), 409)


def test_a_request_is_seen_within_ones_area_and_made_by_persons(site: Site) -> None:
    id = a_red_alarm(site, "west")
    body = {
        "kind": "shelve_red", "subject": f"alarm/{id}", "reason": "检修",
        "ends_at": (site.context.clock() + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    east = site.signed_in("east")
    is_problem(east.post("/api/v1/requests", json=body), 403)
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, "second", digest(secret), Role.COMMANDER, None, "root")
    robot = site.client(headers={"Authorization": f"Bearer {secret}"})
    is_problem(robot.post("/api/v1/requests", json=body), 403)
    leader = site.signed_in("leader")
    shown = leader.post("/api/v1/requests/preview", json=body)
    assert shown.status_code == 200 and shown.json()["alarms"][0]["id"] == id
    assert leader.get("/api/v1/requests", params={"state": "open", "kind": "shelve_red"}).json() == []
    for wrong in ({"kind": "anything"}, {"detail": {"a": "x" * 30_000}}, {"reason": ""}, {"ends_at": "soon"}):
        is_problem(leader.post("/api/v1/requests", json=body | wrong), 422)
    made = leader.post("/api/v1/requests", json=body)
    assert made.status_code == 201
    number = made.json()["id"]
    is_problem(east.get(f"/api/v1/requests/{number}"), 404)
    is_problem(east.post(f"/api/v1/requests/{number}/refuse"), 404)
    is_problem(robot.post(f"/api/v1/requests/{number}/approve", json={"content_hash": "0" * 64}), 403)
    assert [one["id"] for one in leader.get("/api/v1/requests", params={"state": "open"}).json()] == [number]
    assert leader.post(f"/api/v1/requests/{number}/refuse", json={"note": "撤回"}).status_code == 200


def test_stations_are_those_of_ones_area(site: Site) -> None:
    assert [one["code"] for one in site.signed_in("viewer").get("/api/v1/stations").json()] == [
        "R-east",
        "R-west",
    ]
    east = site.signed_in("east")
    assert [one["code"] for one in east.get("/api/v1/stations").json()] == ["R-east"]
    is_problem(east.get("/api/v1/stations/R-west"), 404)
    is_problem(east.get("/api/v1/stations/none"), 404)
    found = east.get("/api/v1/stations/R-east").json()
    assert found["thresholds"][0]["name"] == "warning" and found["latest"][0]["value"] == 2.99


def test_observations_come_page_by_page_each_once(site: Site) -> None:
    client = site.signed_in("viewer")
    asked: dict[str, Any] = {"from": "2026-07-01T00:00:00Z", "to": "2026-07-03T00:00:00Z", "limit": 70}
    found, pages = [], 0
    while True:
        page = client.get("/api/v1/observations", params=asked).json()
        found += [(one["station"], one["time"], one["value"]) for one in page["items"]]
        pages += 1
        if page["next"] is None:
            break
        asked["after"] = page["next"]
    assert pages == 5 and len(found) == len(set(found)) == 300
    assert found == sorted(found, key=lambda one: one[1])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"from": "2026-07-02T00:00:00Z", "to": "2026-07-01T00:00:00Z"}, "time_range"),
        ({"from": "2020-07-02T00:00:00Z"}, "time_range"),
        ({"from": "2026-07-01T00:00:00"}, "time_zone"),
        ({"property": "colour"}, "unknown_property"),
        ({"after": "%%%"}, "page_mark"),
        ({"limit": 0}, "invalid"),
        ({"from": "yesterday"}, "invalid"),
    ],
)
def test_impossible_questions_are_named(site: Site, asked: dict[str, Any], reason: str) -> None:
    answer = site.signed_in("viewer").get("/api/v1/observations", params=asked)
    assert is_problem(answer, 422)["reason"] == reason


def test_observations_of_another_town_are_not_seen(site: Site) -> None:
    with site.connection() as connection:
        key = SeriesKey("R-west", "water_level")
        series = stations.ensure_series(connection, [key])[key].id
        observations.store(connection, [Observation(series, START, 1.0, Quality.GOOD, "", START, "test")])
    asked = {"from": "2026-07-01T00:00:00Z", "to": "2026-07-01T01:00:00Z", "station": "R-west"}
    assert len(site.signed_in("viewer").get("/api/v1/observations", params=asked).json()["items"]) == 1
    assert site.signed_in("east").get("/api/v1/observations", params=asked).json()["items"] == []


def test_only_what_was_seen_is_acknowledged(site: Site) -> None:
    id = an_alarm(site, "east")
    duty = site.signed_in("duty")
    worse = duty.post(f"/api/v1/alarms/{id}/acknowledge", json={"seen": "blue"})
    is_problem(worse, 409)
    assert worse.json()["present"] == [{"severity": "yellow"}]
    assert duty.get(f"/api/v1/alarms/{id}").json()["state"] == "unacknowledged"
    assert duty.post(f"/api/v1/alarms/{id}/acknowledge", json={"seen": "yellow"}).status_code == 200


def test_an_alarm_is_acknowledged_once_and_its_history_tells_by_whom(site: Site) -> None:
    id = an_alarm(site, "east")
    duty = site.signed_in("duty")
    assert duty.post(f"/api/v1/alarms/{id}/acknowledge", json={"note": "已通知"}).json() == {"done": True}
    found = duty.get(f"/api/v1/alarms/{id}").json()
    assert (found["state"], found["acknowledged_by"]) == ("acknowledged", "duty")
    assert found["events"][-1]["kind"] == "acknowledged" and found["class"] == "water"
    is_problem(duty.post(f"/api/v1/alarms/{id}/acknowledge"), 409)
    assert id in [one["id"] for one in duty.get("/api/v1/alarms?severity=yellow").json()]


def test_an_alarm_of_another_town_cannot_be_touched(site: Site) -> None:
    id = an_alarm(site, "west")
    east = site.signed_in("east")
    is_problem(east.get(f"/api/v1/alarms/{id}"), 404)
    for act in ("acknowledge", "unshelve"):
        is_problem(east.post(f"/api/v1/alarms/{id}/{act}", json={}), 404)
    assert id not in [one["id"] for one in east.get("/api/v1/alarms").json()]


@pytest.mark.parametrize("name", ["viewer", "field", "root"])
def test_who_only_looks_acknowledges_nothing(site: Site, name: str) -> None:
    id = an_alarm(site, "east")
    is_problem(site.signed_in(name).post(f"/api/v1/alarms/{id}/acknowledge"), 403)


def test_shelving_needs_a_reason_and_comes_back(site: Site) -> None:
    id = an_alarm(site, "east")
    duty = site.signed_in("duty")
    until = (site.context.clock() + timedelta(hours=1)).isoformat()
    is_problem(duty.post(f"/api/v1/alarms/{id}/shelve", json={"until": until, "reason": ""}), 422)
    late = (site.context.clock() + timedelta(hours=20)).isoformat()
    refused = duty.post(f"/api/v1/alarms/{id}/shelve", json={"until": late, "reason": "检修"})
    assert is_problem(refused, 422)["reason"] == "shelf_too_long"
    assert (
        duty.post(f"/api/v1/alarms/{id}/shelve", json={"until": until, "reason": "检修"}).status_code == 200
    )
    assert duty.get(f"/api/v1/alarms/{id}").json()["state"] == "shelved"
    assert duty.post(f"/api/v1/alarms/{id}/unshelve").status_code == 200


def test_an_order_is_seen_before_it_is_sent_and_issued_by_who_may(site: Site) -> None:
    duty, commander = site.signed_in("duty"), site.signed_in("commander")
    body = draft(site)
    shown = duty.post("/api/v1/orders/preview", json=body).json()
    assert [one["code"] for one in shown["persons"]] == ["p-east"] and not shown["public"]
    assert "13800000001" not in str(shown), "a phone number never leaves"
    id = duty.post("/api/v1/orders", json=body).json()["id"]
    found = duty.get(f"/api/v1/orders/{id}").json()
    assert found["state"] == "draft" and [one["name"] for one in found["missing"]] == ["issue"]
    signature = {"content_hash": found["content_hash"]}
    is_problem(duty.post(f"/api/v1/orders/{id}/issue", json=signature), 403)
    is_problem(commander.post(f"/api/v1/orders/{id}/issue", json={"content_hash": "another"}), 409)
    assert commander.post(f"/api/v1/orders/{id}/issue", json=signature).json()["state"] == "issued"
    sent = duty.get(f"/api/v1/orders/{id}/deliveries").json()
    assert [(one["recipient"], one["channel"], one["state"]) for one in sent] == [
        ("p-east", "sms", "waiting")
    ]
    assert "13800000001" not in str(sent)
    told = {"delivery": sent[0]["id"], "text": "已转移 12 人"}
    assert duty.post(f"/api/v1/orders/{id}/answer", json=told).status_code == 200
    assert duty.get(f"/api/v1/orders/{id}/deliveries").json()[0]["acted_people"] == 12
    is_problem(duty.post(f"/api/v1/orders/{id}/end", json={"reason": "水退"}), 403)
    assert commander.post(f"/api/v1/orders/{id}/end", json={"reason": "水退"}).status_code == 200
    assert commander.get(f"/api/v1/orders/{id}").json()["state"] == "ended"
    is_problem(commander.post(f"/api/v1/orders/{id}/end", json={"reason": "again"}), 409)


def test_a_public_order_takes_its_steps_in_order(site: Site) -> None:
    body = draft(site, selection={"areas": ["east"], "sms": False, "led": True})
    duty, leader, commander = (site.signed_in(name) for name in ("duty", "leader", "commander"))
    id = duty.post("/api/v1/orders", json=body).json()["id"]
    found = duty.get(f"/api/v1/orders/{id}").json()
    assert [(one["name"], one["role"]) for one in found["missing"]] == [
        ("check", "leader"),
        ("issue", "commander"),
    ]
    signature = {"content_hash": found["content_hash"]}
    is_problem(commander.post(f"/api/v1/orders/{id}/issue", json=signature), 409)
    assert leader.post(f"/api/v1/orders/{id}/check", json=signature).json()["state"] == "checked"
    assert commander.post(f"/api/v1/orders/{id}/issue", json=signature).json()["state"] == "issued"


def test_nobody_orders_another_town_and_no_token_signs(site: Site) -> None:
    east = site.signed_in("east")
    is_problem(east.post("/api/v1/orders", json=draft(site, area="west")), 403)
    sideways = draft(site, selection={"areas": ["west"]})
    is_problem(east.post("/api/v1/orders", json=sideways), 403)
    is_problem(east.post("/api/v1/orders/preview", json=sideways), 403)
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, "robot", digest(secret), Role.COMMANDER, None, "test")
    robot = site.client(headers={"Authorization": f"Bearer {secret}"})
    id = robot.post("/api/v1/orders", json=draft(site)).json()["id"]
    hashed = robot.get(f"/api/v1/orders/{id}").json()["content_hash"]
    assert (
        "token"
        in is_problem(robot.post(f"/api/v1/orders/{id}/issue", json={"content_hash": hashed}), 403)["detail"]
    )


def test_speech_of_a_draft_is_for_who_is_signed_in_and_of_a_running_order_for_its_devices(
    site: Site, tmp_path: Path
) -> None:
    folder = site.context.settings.home / site.context.settings.dispatch.audio_dir
    folder.mkdir(parents=True, exist_ok=True)
    name = "ab" * 32
    (folder / f"{name}.wav").write_bytes(b"RIFF")
    duty, device = site.signed_in("duty"), site.client()
    id = duty.post("/api/v1/orders", json=draft(site)).json()["id"]
    with site.connection() as connection:
        connection.execute("update orders set audio_sha256 = %s where id = %s", (name, id))
    assert duty.get(f"/audio/{name}.wav").content == b"RIFF"
    is_problem(device.get(f"/audio/{name}.wav"), 401)
    with site.connection() as connection:
        connection.execute("update orders set state = 'issued', issued_at = now() where id = %s", (id,))
    assert device.get(f"/audio/{name}.wav").content == b"RIFF"
    for path in ("/audio/..%2f..%2fetc%2fpasswd", "/audio/x.wav", f"/audio/{'cd' * 32}.wav"):
        assert device.get(path).status_code in (401, 404)


def test_pictures_and_devices_are_those_of_ones_area(site: Site) -> None:
    east = site.signed_in("east")
    assert [one["code"] for one in east.get("/api/v1/devices").json()] == ["led-east"]
    (camera,) = east.get("/api/v1/cameras").json()
    assert (camera["code"], camera["online"]) == ("c-east", False)
    picture = east.get(camera["picture_url"])
    assert picture.content == b"\xff\xd8picture" and picture.headers["content-type"] == "image/jpeg"
    is_problem(east.get("/api/v1/cameras/c-west/picture"), 404)
    assert site.client().get(camera["picture_url"]).status_code == 401


def test_a_response_is_the_county_commanders(site: Site) -> None:
    body = {"hazard": "typhoon", "level": 4, "reason": "台风逼近"}
    for name in ("duty", "leader", "east"):
        is_problem(site.signed_in(name).post("/api/v1/response", json=body), 403)
    commander = site.signed_in("commander")
    first = commander.post("/api/v1/response", json=body).json()["id"]
    is_problem(commander.post("/api/v1/response", json=body), 409)
    is_problem(commander.post("/api/v1/response", json=body | {"level": 5}), 422)
    second = commander.post(f"/api/v1/response/{first}/level", json={"level": 2, "reason": "加强"}).json()[
        "id"
    ]
    assert [(one["id"], one["level"]) for one in commander.get("/api/v1/response").json()] == [(second, 2)]
    assert commander.post(f"/api/v1/response/{second}/end", json={"reason": "过境"}).status_code == 200
    assert commander.get("/api/v1/response").json() == []
    with site.connection() as connection:
        acts = [
            row[0]
            for row in connection.execute(
                "select action from audit where action like 'response.%' order by id"
            )
        ]
    assert acts == ["response.start", "response.raise", "response.end"]


def test_what_is_not_there_is_a_problem_and_not_a_page(site: Site) -> None:
    client = site.signed_in("viewer")
    is_problem(client.get("/api/v1/nothing"), 404)
    is_problem(client.get("/api/v2/stations"), 404)
    is_problem(client.delete("/api/v1/stations"), 405)
    is_problem(
        client.post("/api/v1/response", content=b"{broken", headers={"Content-Type": "application/json"}), 422
    )


def test_the_interface_describes_itself_wholly(site: Site) -> None:
    document = site.signed_in("viewer").get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert document["components"]["securitySchemes"]
    operations = [
        (path, verb, operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]
    assert len(operations) >= 30
    for path, verb, operation in operations:
        assert path.startswith("/api/v1/"), path
        assert operation["description"].strip(), (verb, path)
        assert operation["tags"], (verb, path)
        assert "401" in operation["responses"], (verb, path)
        for parameter in operation.get("parameters", []):
            assert parameter["in"] == "path" or parameter.get("description"), (path, parameter["name"])
        if verb in ("post", "put") and "{id}" in path:
            assert {"403", "404"} <= set(operation["responses"]), (verb, path)
    paths = {path.removeprefix("/api/v1") for path, _, _ in operations}
    assert {
        "/stations", "/observations", "/alarms", "/alarms/{id}/acknowledge", "/alarms/{id}/shelve", "/orders",
        "/orders/{id}", "/orders/{id}/deliveries", "/orders/{id}/end", "/orders/{id}/withdraw",
        "/orders/{id}/answer", "/devices",
    } <= paths  # fmt: skip


def test_health_for_machines(site: Site) -> None:
    machine = site.client()
    assert machine.get("/healthz").json()["status"] == "ok"
    assert machine.get("/readyz").json() == {"ready": True, "problems": []}
    figures = machine.get("/metrics").text
    assert "anlan_database_up 1.0" in figures and 'anlan_alarms_open{exercise="",severity="yellow"' in figures
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    is_problem(machine.get("/metrics", headers=forwarded), 401)
    is_problem(machine.get("/readyz", headers=forwarded), 401)


def test_the_metrics_token_opens_the_metrics_and_nothing_else(another_database: str) -> None:
    with served(another_database, web={"metrics_token": "scrape-me"}) as site:
        machine = site.client(headers={"Authorization": "Bearer scrape-me", "X-Forwarded-For": "10.0.0.1"})
        assert machine.get("/metrics").status_code == 200
        assert machine.get("/api/v1/me").status_code == 401
