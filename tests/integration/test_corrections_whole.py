"""Corrections through the whole system: broker, ingest, derive, alerts and web as they run; one database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from paho.mqtt.client import Client

from app.auth.secrets import digest, new_token
from cli.services import Services
from core.roles import Role
from core.severity import Severity
from core.thresholds import Threshold
from store import sessions
from store.stations import save_threshold
from tests.integration.ingesting import running_ingest, seed, sender, until
from tests.integration.serving import Site, served

NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def site(
    services: Services, database: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Everything runs; chen has the duty for the county, far for another one, guest only looks."""
    folder = tmp_path_factory.mktemp("whole")
    seed(database)
    running = []
    with served(database) as found, running_ingest(environment, folder):
        with found.connection() as connection:
            for name, value, severity in (
                ("warning", 4.0, Severity.YELLOW), ("guarantee", 5.0, Severity.ORANGE), ("historic_highest", 6.0, Severity.RED)
            ):  # fmt: skip
                for station in ("RIVER1", "RIVER2"):
                    save_threshold(
                        connection,
                        Threshold(station, "water_level", name, severity, value, 0.05, None, "test"),
                        "t",
                    )
            connection.execute(
                "insert into area (code, name, name_en, kind) values ('D', '邻县', 'Other', 'county')"
            )
        found.add_user("chen", "duty", area="C")
        found.add_user("far", "duty", area="D")
        found.add_user("guest", "viewer")
        for role in ("alerts", "derive"):
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "cli.main", role],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        yield found
        for process in running:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def gauge(services: Services, site: Site) -> Iterator[Client]:
    with sender(services) as client:
        yield client


def say(gauge: Client, station: str, time: datetime, **values: float) -> None:
    body = {"time": time.isoformat(), "values": values}
    gauge.publish(f"anlan/obs/{station}", json.dumps(body), qos=1).wait_for_publish(10)


def one(site: Site, query: str, *values: Any) -> tuple[Any, ...] | None:
    with site.connection() as connection:
        return connection.execute(query, values).fetchone()


def held(site: Site, station: str, property: str, time: datetime) -> tuple[Any, ...] | None:
    return one(
        site,
        "select value, quality, by_user from observation join series on series.id = series"
        " where station = %s and property = %s and time = %s and exercise is null",
        station, property, time,
    )  # fmt: skip


def alarm(site: Site, station: str) -> tuple[Any, ...] | None:
    return one(site, "select severity, state, id from alarm where station = %s order by id desc", station)


def body(station: str, time: datetime, **more: Any) -> dict[str, Any]:
    known = {"station": station, "property": "water_level", "from": time.isoformat(), "to": time.isoformat()}
    return known | more


def act(client: httpx.Client, name: str, asked: dict[str, Any], reason: str = "人工核对") -> httpx.Response:
    seen = client.post("/api/v1/observations/preview", json=asked | {"act": name})
    assert seen.status_code == 200, seen.text
    return client.post(
        f"/api/v1/observations/{name}", json=asked | {"seen": seen.json()["stamp"], "reason": reason}
    )


def test_a_false_flood_is_voided_and_everything_follows(site: Site, gauge: Client) -> None:
    for minutes in (20, 15, 10):
        say(gauge, "RIVER1", ago(minutes), water_level=3.0 + minutes / 100)
    say(gauge, "RIVER1", ago(5), water_level=9.9)
    until(lambda: (alarm(site, "RIVER1") or ("",))[0] == "red")
    bucket = ago(5).replace(minute=0)
    highest = (
        "select high from rollup_hour join series on series.id = series where station = %s and bucket = %s"
    )

    client = site.signed_in("chen")
    done = act(client, "void", body("RIVER1", ago(5)), "传感器被撞")
    assert done.json()["changed"] == 1
    until(lambda: (alarm(site, "RIVER1") or (0, ""))[1] == "returned_unacknowledged")
    number = (alarm(site, "RIVER1") or (0, 0, 0))[2]
    events = client.get(f"/api/v1/alarms/{number}").json()["events"]
    kinds = [event["kind"] for event in events if event["kind"] != "uncalled"]
    assert kinds[-2:] == ["corrected", "returned"]
    told = next(event for event in events if event["kind"] == "corrected")
    assert (told["actor"], told["detail"]["reason"], told["detail"]["was"]) == ("chen", "传感器被撞", 9.9)
    until(lambda: ((one(site, highest, "RIVER1", bucket) or (99.0,))[0] or 0.0) < 4)

    say(gauge, "RIVER1", ago(5), water_level=9.8)
    say(gauge, "RIVER1", ago(0), water_level=3.05)
    until(lambda: held(site, "RIVER1", "water_level", ago(0)) is not None)
    assert held(site, "RIVER1", "water_level", ago(5)) == (9.9, 4, "chen"), (
        "a machine never overwrites a person"
    )
    past = client.get(
        "/api/v1/observations/revisions",
        params={"station": "RIVER1", "property": "water_level", "time": ago(5).isoformat()},
    ).json()
    assert [each["value"] for each in past["revisions"]] == [9.9, 9.8]
    assert past["acts"][0]["old"]["value"] == 9.9 and past["acts"][0]["actor"] == "chen"
    assert (alarm(site, "RIVER1") or (0, 0))[1] == "returned_unacknowledged"


def test_a_false_low_value_corrected_above_its_limit_raises(site: Site, gauge: Client) -> None:
    say(gauge, "RIVER2", ago(1), water_level=0.5)
    until(lambda: held(site, "RIVER2", "water_level", ago(1)) is not None)
    done = act(site.signed_in("chen"), "correct", body("RIVER2", ago(1), value=5.31))
    assert done.status_code == 200, done.text
    until(lambda: (alarm(site, "RIVER2") or ("",))[0] == "orange")


def test_rain_sums_and_hours_follow(site: Site, gauge: Client) -> None:
    bucket = (ago(60)).replace(minute=0)
    times = [bucket + timedelta(minutes=minutes) for minutes in (5, 10, 15)]
    for time, rain in zip(times, (1.0, 120.0, 2.0), strict=True):
        say(gauge, "RAIN1", time, rainfall=rain)
    total = (
        "select total from rollup_hour join series on series.id = series"
        " where station = 'RAIN1' and property = 'rainfall' and bucket = %s"
    )
    until(lambda: (one(site, total, bucket) or (0,))[0] in (123.0, 3.0))
    asked = body("RAIN1", times[1], property="rainfall", period_s=300)
    assert act(site.signed_in("chen"), "void", asked, "清洗雨量筒").status_code == 200
    until(lambda: (one(site, total, bucket) or (0,))[0] == 3.0)
    sliding = (
        "select max(value) from observation join series on series.id = series"
        " where station = 'RAIN1' and property = 'rainfall_sliding' and series.period_s = 3600 and time <= %s"
    )
    until(lambda: (one(site, sliding, times[2]) or (None,))[0] == 3.0, 30)


def test_who_may_not_is_refused_in_a_problem_document(site: Site, gauge: Client) -> None:
    say(gauge, "RIVER3", ago(3), water_level=2.0)
    until(lambda: held(site, "RIVER3", "water_level", ago(3)) is not None)
    asked = body("RIVER3", ago(3), act="void")
    for user, status in (("guest", 403), ("far", 404)):
        refused = site.signed_in(user).post("/api/v1/observations/preview", json=asked)
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert site.signed_in("guest").get("/api/v1/observations/corrections").status_code == 200
    chen = site.signed_in("chen")
    unknown = chen.post("/api/v1/observations/preview", json=asked | {"exercise": "EX1"})
    assert unknown.status_code == 404, "the real world's value is no exercise's"
    for wrong in ({"reason": "", "seen": "x"}, {"reason": "  ", "seen": "x"}, {"seen": "x"}, {"reason": "y"}):
        answer = chen.post("/api/v1/observations/void", json=body("RIVER3", ago(3)) | wrong)
        assert answer.status_code == 422, wrong
    assert held(site, "RIVER3", "water_level", ago(3)) == (2.0, 1, None)


def test_a_token_corrects_nothing_whatever_its_role(site: Site, gauge: Client) -> None:
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, "bureau", digest(secret), Role.COMMANDER, None, "test")
    program = site.client(headers={"Authorization": f"Bearer {secret}"})
    say(gauge, "RIVER6", ago(3), water_level=2.0)
    until(lambda: held(site, "RIVER6", "water_level", ago(3)) is not None)
    refused = program.post("/api/v1/observations/preview", json=body("RIVER6", ago(3), act="void"))
    assert refused.status_code == 403 and "person" in refused.json()["detail"]


def test_a_second_request_is_told_what_holds_or_does_nothing_twice(site: Site, gauge: Client) -> None:
    say(gauge, "RIVER4", ago(3), water_level=2.0)
    until(lambda: held(site, "RIVER4", "water_level", ago(3)) is not None)
    chen, asked = site.signed_in("chen"), body("RIVER4", ago(3), shift=0.25)
    stamp = chen.post("/api/v1/observations/preview", json=asked | {"act": "correct"}).json()["stamp"]
    request = asked | {"seen": stamp, "reason": "水尺"}
    first, again = (chen.post("/api/v1/observations/correct", json=request).json() for _ in range(2))
    assert again == first | {"repeated": True}
    assert held(site, "RIVER4", "water_level", ago(3)) == (2.25, 1, "chen")
    stale = chen.post("/api/v1/observations/void", json=body("RIVER4", ago(3), seen=stamp, reason="y"))
    assert stale.status_code == 409
    problem = stale.json()
    assert problem["reason"] == "changed_meanwhile"
    assert (problem["present"][0]["value"], problem["present"][0]["by"]) == (2.25, "chen")


def test_files_hold_no_formula(site: Site, gauge: Client, tmp_path: Path) -> None:
    with site.connection() as connection:
        connection.execute(
            "update station set name = '=cmd|calc', name_en = '=cmd|calc' where code = 'RIVER5'"
        )
    say(gauge, "RIVER5", ago(3), water_level=-1.5)
    until(lambda: held(site, "RIVER5", "water_level", ago(3)) is not None)
    chen = site.signed_in("chen")
    asked = {"station": "RIVER5", "from": ago(60).isoformat(), "to": ago(-5).isoformat()}
    text = chen.get("/api/v1/observations/export", params=asked).content.decode("utf-8-sig")
    head, line = text.splitlines()[:2]
    assert head.startswith("测站编码,站名") and line.split(",")[1] == "'=cmd|calc"
    assert ",-1.5," in line, "numbers stay numbers"
    book = chen.get("/api/v1/observations/export", params=asked | {"format": "xlsx", "language": "en"})
    path = tmp_path / "x.xlsx"
    path.write_bytes(book.content)
    sheet = load_workbook(path).active
    assert sheet is not None
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert sheet["B2"].value == "'=cmd|calc" and sheet["G2"].value == -1.5
    assert site.signed_in("far").get("/api/v1/observations/export", params=asked).status_code == 404
    too_long = chen.get("/api/v1/observations/export", params=asked | {"from": ago(600_000).isoformat()})
    assert too_long.status_code == 422
