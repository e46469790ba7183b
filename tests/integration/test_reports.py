"""Reports from the field on the real server and database: filed, joined, followed, closed; and attacks."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from PIL import Image

from alerts.notices import Wording
from alerts.standing.finding import Look
from alerts.standing.reconcile import look
from alerts.standing.reports import ReportFinder
from app.auth.secrets import digest, new_token
from core.roles import Role
from core.settings import Settings
from store import sessions
from store.exercises import start_exercise
from tests.integration.levels import AT_ONCE
from tests.integration.serving import Site, served

AREAS = """
insert into area (code, name, name_en, kind, parent, lon, lat) values
('C', '演示县', 'Demo county', 'county', null, 121.8, 29.4),
('T1', '甲镇', 'First town', 'town', 'C', 121.7, 29.4), ('T2', '乙镇', 'Second town', 'town', 'C', 121.9, 29.4),
('V1', '堤下村', 'Dike village', 'village', 'T1', 121.70, 29.40), ('V2', '乙村', 'Other', 'village', 'T2', 121.9, 29.4)
"""


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    with psycopg.connect(database) as connection:
        connection.execute(AREAS)
        start_exercise(connection, "spring", "春季演练", None, "test")
        connection.execute(
            "insert into person (code, name, phone, area, post) values ('D1', '王值班', '13800000001', 'T1', '值班员')"
        )
        connection.execute(
            "insert into roster (area, person, position, starts, ends)"
            " values ('T1', 'D1', 'duty', now() - interval '1 day', now() + interval '1 day')"
        )
    with served(database) as site:
        yield site


def by(site: Site, name: str, role: Role, area: str | None = None) -> httpx.Client:
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, name, digest(secret), role, area, "test")
    return site.client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture(scope="module")
def field(site: Site) -> httpx.Client:
    return by(site, "巡查员", Role.FIELD, "T1")


@pytest.fixture(scope="module")
def duty(site: Site) -> httpx.Client:
    return by(site, "值班员", Role.DUTY, "T1")


@pytest.fixture(scope="module")
def leader(site: Site) -> httpx.Client:
    return by(site, "带班领导", Role.LEADER)


def body(kind: str = "piping", **more: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "kind": kind, "lon": 121.7, "lat": 29.4} | more


def looked(site: Site) -> None:
    with site.connection() as connection:
        now = site.context.clock()
        found = look(
            connection, ReportFinder(), Look(now, ZoneInfo("Asia/Shanghai"), Settings()),
            Wording("zh", "Asia/Shanghai", cadence=AT_ONCE),
        )  # fmt: skip
    assert found.faults == 0


def file(client: httpx.Client, **given: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/reports", json=given)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def alarm(client: httpx.Client, report: int) -> dict[str, Any]:
    number = client.get(f"/api/v1/reports/{report}").json()["alarm"]
    found: dict[str, Any] = client.get(f"/api/v1/alarms/{number}").json()
    return found


def picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_a_report_of_danger_calls_latches_when_closed_and_says_so_in_its_history(
    site: Site, field: httpx.Client, leader: httpx.Client
) -> None:
    report = file(field, **body(lat=29.41, text="堤脚冒浑水", place="东堤 2+300"))
    assert (report["severity"], report["area"], report["reported_by"]) == ("orange", "V1", "token:巡查员")
    looked(site)
    raised = alarm(field, report["id"])
    assert (raised["class"], raised["state"], raised["severity"], raised["area"]) == (
        "report", "unacknowledged", "orange", "V1",
    )  # fmt: skip
    with site.connection() as connection:
        text = connection.execute(
            "select text from orders join order_alarm on order_id = id where alarm = %s", (raised["id"],)
        ).fetchone()
    assert text == ("堤下村东堤 2+300上报管涌险情（橙色）。堤脚冒浑水。上报人：token:巡查员。",)
    refused = field.post(f"/api/v1/reports/{report['id']}/close", json={"reason": "已处置"})
    assert refused.status_code == 403
    closed = leader.post(f"/api/v1/reports/{report['id']}/close", json={"reason": "导滤堆完成，出清水"})
    assert closed.status_code == 200, closed.text
    looked(site)
    assert alarm(field, report["id"])["state"] == "returned_unacknowledged"
    leader.post(f"/api/v1/alarms/{raised['id']}/acknowledge", json={})
    assert alarm(field, report["id"])["state"] == "latched"
    detail = field.get(f"/api/v1/reports/{report['id']}").json()
    assert [event["kind"] for event in detail["events"]] == ["filed", "closed"]
    assert detail["closed_reason"] == "导滤堆完成，出清水"
    again = leader.post(f"/api/v1/reports/{report['id']}/close", json={"reason": "x"})
    assert again.status_code == 409


def test_a_cut_road_does_not_latch(site: Site, field: httpx.Client, leader: httpx.Client) -> None:
    report = file(field, **body("road_cut", lat=29.415))
    looked(site)
    number = alarm(field, report["id"])["id"]
    leader.post(f"/api/v1/alarms/{number}/acknowledge", json={})
    leader.post(f"/api/v1/reports/{report['id']}/close", json={"reason": "已抢通"})
    looked(site)
    assert alarm(field, report["id"])["state"] == "normal"


def test_sent_again_it_is_filed_once(field: httpx.Client) -> None:
    given = body("crack", lat=29.42)
    first, second = file(field, **given), file(field, **given)
    assert first == second


def test_what_looks_the_same_is_proposed_for_joining(
    site: Site, field: httpx.Client, duty: httpx.Client
) -> None:
    first = file(field, **body("seepage", lat=29.43))
    second = body("seepage", lat=29.431, severity="red")
    asked = duty.post("/api/v1/reports", json=second)
    assert asked.status_code == 409
    assert asked.json()["reason"] == "similar"
    assert [one["id"] for one in asked.json()["similar"]] == [first["id"]]
    joined = file(duty, **second, join=first["id"])
    assert joined["joined_to"] == first["id"]
    looked(site)
    assert alarm(field, first["id"])["severity"] == "red"
    apart = file(duty, **body("seepage", lat=29.431), separate=True)
    assert apart["joined_to"] is None
    late = duty.post(f"/api/v1/reports/{apart['id']}/join", json={"to": joined["id"]})
    assert late.status_code == 200, late.text
    detail = field.get(f"/api/v1/reports/{first['id']}").json()
    assert {one["id"] for one in detail["joined"]} == {joined["id"], apart["id"]}
    assert duty.post(f"/api/v1/reports/{apart['id']}/join", json={"to": first["id"]}).status_code == 409
    assert duty.post(f"/api/v1/reports/{first['id']}/join", json={"to": first["id"]}).status_code == 409


def test_of_many_at_once_all_but_the_first_are_asked(site: Site) -> None:
    answers: list[int] = []
    clients = [by(site, f"手机{number}", Role.FIELD, "T1") for number in range(6)]

    def send(client: httpx.Client) -> None:
        answers.append(client.post("/api/v1/reports", json=body("overtopping", lat=29.44)).status_code)

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409, 409, 409]


def test_an_edit_keeps_what_was_said_and_others_reports_are_edited_by_duty_only(
    site: Site, field: httpx.Client, duty: httpx.Client
) -> None:
    report = file(field, **body("landslide", lat=29.45, text="小塌方"))
    path = f"/api/v1/reports/{report['id']}"
    assert field.patch(path, json={"text": "大塌方", "severity": "red"}).status_code == 200
    assert by(site, "另一巡查员", Role.FIELD, "T1").patch(path, json={"text": "没事"}).status_code == 403
    assert duty.patch(path, json={"lon": 121.701, "lat": 29.451}).status_code == 200
    assert duty.patch(path, json={"text": "大塌方"}).status_code == 409
    assert duty.post(f"{path}/notes", json={"text": "挖机已到"}).status_code == 200
    detail = field.get(path).json()
    assert [event["kind"] for event in detail["events"]] == ["filed", "edited", "edited", "noted"]
    assert detail["events"][1]["detail"]["text"] == {"was": "小塌方", "now": "大塌方"}
    with site.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from report_event where report = %s", (report["id"],))


def test_a_picture_is_kept_and_shown_as_jpeg(site: Site, field: httpx.Client) -> None:
    report = file(field, **body("breach", lat=29.46))
    payload = picture()
    added = field.post(
        f"/api/v1/reports/{report['id']}/photos", content=payload, headers={"Content-Type": "image/jpeg"}
    )
    assert added.status_code == 201, added.text
    shown = field.get(added.json()["url"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content)).size == (1200, 900)
    assert field.get(f"/api/v1/reports/{report['id']}").json()["pictures"][0]["url"] == added.json()["url"]
    other = by(site, "乙镇员", Role.FIELD, "T2")
    assert other.get(added.json()["url"]).status_code == 404
    assert other.post(f"/api/v1/reports/{report['id']}/photos", content=payload).status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"<html>", 422, "not_a_photo"),
        (b"", 422, "not_a_photo"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 3_000_000, 422, None),
        (b"\xff\xd8" + b"\0" * 5_000_001, 413, None),
    ],
)
def test_pictures_that_are_none_or_too_large_are_refused(
    field: httpx.Client, content: bytes, status: int, reason: str | None
) -> None:
    report = file(field, **body("other", lat=29.47), separate=True)
    answer = field.post(f"/api/v1/reports/{report['id']}/photos", content=content)
    assert answer.status_code == status, answer.text
    if reason:
        assert answer.json()["reason"] == reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {"lon": 200.0},
        {"lat": None},
        {"lon": "x"},
        {"severity": "purple"},
        {"text": "堤" * 1001},
        {"text": "a\u0000b"},
        {"text": "a\u202eb"},
        {"place": "x\u0007"},
        {"key": "short"},
        {"key": "a'; drop table report; --"},
        {"area": "nowhere"},
        {"observed_at": "2001-01-01T00:00:00Z"},
        {"observed_at": "2100-01-01T00:00:00Z"},
        {"observed_at": "2026-07-01T00:00:00"},
        {"accuracy_m": -1},
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(field: httpx.Client, wrong: dict[str, Any]) -> None:
    answer = field.post("/api/v1/reports", json=body(lat=29.48) | wrong)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]


def test_numbers_that_are_none_are_refused(field: httpx.Client) -> None:
    raw = '{"key": "12345678", "kind": "piping", "lon": NaN, "lat": Infinity}'
    answer = field.post("/api/v1/reports", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_markup_in_a_report_stays_text(field: httpx.Client) -> None:
    said = "<img src=x onerror=alert(1)> {0.__class__} %s"
    report = file(field, **body("other", lat=29.49, text=said), separate=True)
    assert field.get(f"/api/v1/reports/{report['id']}").json()["text"] == said


def test_braces_in_a_report_do_not_stop_its_alarm(site: Site, field: httpx.Client) -> None:
    report = file(field, **body("crack", lat=29.495, text="{kind} {0} {x[y]}"))
    looked(site)
    assert alarm(field, report["id"])["state"] == "unacknowledged"


def test_a_named_area_outside_ones_own_is_refused_and_a_position_outside_is_filed_at_home(
    site: Site, field: httpx.Client
) -> None:
    assert field.post("/api/v1/reports", json=body(area="V2")).status_code == 403
    report = file(field, **body("crack", lon=121.9, lat=29.4))
    assert report["area"] == "T1"
    assert (report["lon"], report["lat"]) == (121.9, 29.4)
    events = field.get(f"/api/v1/reports/{report['id']}").json()["events"]
    assert events[0]["detail"]["outside_area"] is True


def test_without_a_position_the_area_says_where(site: Site, field: httpx.Client) -> None:
    report = file(field, key=str(uuid.uuid4()), kind="road_cut", area="V1", place="村口")
    assert (report["area"], report["lon"]) == ("V1", None)
    nowhere = by(site, "县级", Role.DUTY).post(
        "/api/v1/reports", json={"key": str(uuid.uuid4()), "kind": "road_cut"}
    )
    assert nowhere.status_code == 422
    assert nowhere.json()["reason"] == "place_missing"


def test_viewers_and_administrators_do_not_report_and_towns_see_their_own(
    site: Site, field: httpx.Client
) -> None:
    for role in (Role.VIEWER, Role.ADMINISTRATOR):
        assert by(site, f"x{role}", role).post("/api/v1/reports", json=body()).status_code == 403
    report = file(field, **body("seepage", lat=29.399), separate=True)
    other = by(site, "乙镇值班", Role.LEADER, "T2")
    assert other.get(f"/api/v1/reports/{report['id']}").status_code == 404
    assert report["id"] not in [one["id"] for one in other.get("/api/v1/reports").json()]
    assert other.post(f"/api/v1/reports/{report['id']}/close", json={"reason": "x"}).status_code == 404
    assert other.post("/api/v1/reports", json=body("seepage", join=report["id"])).status_code == 404
    assert site.client().get("/api/v1/reports").status_code == 401


def test_an_exercises_reports_are_its_own(site: Site, field: httpx.Client) -> None:
    report = file(field, **body("breach", lat=29.405, exercise="spring"))
    assert report["exercise"] == "spring"
    assert report["id"] not in [one["id"] for one in field.get("/api/v1/reports").json()]
    assert report["id"] in [one["id"] for one in field.get("/api/v1/reports?exercise=spring").json()]
    looked(site)
    assert alarm(field, report["id"])["exercise"] == "spring"
    real = file(field, **body("breach", lat=29.405))
    assert field.post(f"/api/v1/reports/{real['id']}/join", json={"to": report["id"]}).status_code == 409
    assert field.post("/api/v1/reports", json=body(exercise="none")).status_code == 404
