"""Warnings and pictures of the weather from the broker to the pages and programs."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from paho.mqtt.client import Client
from PIL import Image
from psycopg import Connection, sql

from cli.imports.tracks import import_tracks
from cli.services import Services
from core.errors import ConflictError, InputError
from core.language import translator
from core.severity import Severity
from core.typhoons import Typhoon, TyphoonFix, WindCircle
from core.warnings import MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from formats import cap, typhoon, weather_image
from store import installation, live, typhoons, warnings, weather_images
from tests.integration.ingesting import Ingest, number, running_ingest, seed, sender, until
from tests.integration.serving import Site, served

SAMPLES = Path(__file__).parents[1] / "samples"
HOUR = timedelta(hours=1)
BOUNDS = (121.0, 29.0, 122.0, 30.0)
TRUSTED = "county@weather.test"


@pytest.fixture(scope="module")
def ingest(
    services: Services, database: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    seed(database)
    folder = tmp_path_factory.mktemp("ingest")
    with running_ingest(environment, folder, warning_senders=f'["{TRUSTED}"]', images_kept=3) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(services: Services, ingest: Ingest) -> Iterator[Client]:
    with sender(services) as client:
        yield client


@pytest.fixture(scope="module")
def site(database: str, ingest: Ingest) -> Iterator[Site]:
    with served(database) as running:
        running.add_user("chen", "duty")
        yield running


@pytest.fixture(scope="module")
def chen(site: Site) -> httpx.Client:
    """A duty officer's browser."""
    return site.signed_in("chen")


@pytest.fixture
def aside(database: str) -> Iterator[Connection[tuple[object, ...]]]:
    """A database without any weather, for as long as the test lasts: it is rolled back."""
    with psycopg.connect(database) as connection:
        for table in ("weather_image", "weather_warning", "typhoon_fix", "typhoon"):
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        yield connection
        connection.rollback()


@pytest.fixture
def rows(database: str) -> Iterator[Connection[tuple[object, ...]]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def warning(
    name: str,
    *,
    at: datetime | None = None,
    kind: MessageType = MessageType.ALERT,
    refers: WarningMessage | None = None,
    who: str = TRUSTED,
    life: timedelta = HOUR,
    status: Status = Status.ACTUAL,
    colour: Severity = Severity.ORANGE,
) -> WarningMessage:
    sent = at or now() - timedelta(minutes=5)
    info = WarningInfo(
        "暴雨", "zh-CN", colour=colour, severity="Severe", parameters=(("color", colour.value),), headline=name,
        expires=sent + life, areas=(WarnedArea("演示县", (((29.0, 121.0), (29.0, 122.0), (30.0, 122.0), (29.0, 121.0)),)),),
    )  # fmt: skip
    return WarningMessage(
        who, name, sent, status, kind,
        references=(Reference(refers.identifier, refers.sender, refers.sent),) if refers else (),
        infos=() if kind is MessageType.CANCEL else (info,),
    )  # fmt: skip


def send(gateway: Client, message: WarningMessage, topic: str = "anlan/weather/warning") -> None:
    gateway.publish(topic, cap.encode(message), qos=1).wait_for_publish(5)


def kept(rows: Connection[tuple[object, ...]], name: str) -> bool:
    return bool(number(rows, "select count(*) from weather_warning where identifier = %s", name))


def standing(chen: httpx.Client, name: str, exercise: str = "") -> str:
    listed: list[dict[str, str]] = chen.get(
        f"/api/v1/warnings?exercise={exercise}" if exercise else "/api/v1/warnings"
    ).json()
    return next(one["standing"] for one in listed if one["identifier"] == name)


def test_a_warning_is_stored_once_and_shown_with_all_it_says(
    gateway: Client, rows: Connection[tuple[object, ...]], chen: httpx.Client
) -> None:
    message = warning("whole")
    for _ in range(3):
        send(gateway, message)
    until(lambda: kept(rows, "whole"))
    send(gateway, warning("marker"))
    until(lambda: kept(rows, "marker"))
    assert number(rows, "select count(*) from weather_warning where identifier = 'whole'") == 1
    listed = {one["identifier"]: one for one in chen.get("/api/v1/warnings?standing=in_force").json()}
    shown = listed["whole"]
    assert (shown["colour"], shown["trusted"], shown["signed"]) == ("orange", True, False)
    assert shown["infos"][0]["area"] == "演示县"
    assert shown["areas"][0]["polygons"][0][0] == [29.0, 121.0]
    assert chen.get(f"/api/v1/warnings/{shown['id']}/document").content == cap.encode(message)
    assert cap.decode(chen.get(f"/api/v1/warnings/{shown['id']}/cap").content) == ([message], [])


def test_a_cancellation_that_comes_before_its_warning_ends_it(
    gateway: Client, rows: Connection[tuple[object, ...]], chen: httpx.Client
) -> None:
    first = warning("early", at=now() - timedelta(minutes=9))
    update = warning("early-2", at=now() - timedelta(minutes=6), kind=MessageType.UPDATE, refers=first)
    cancel = warning("early-3", at=now() - timedelta(minutes=3), kind=MessageType.CANCEL, refers=update)
    for message in (cancel, update, first):
        send(gateway, message)
    until(lambda: kept(rows, "early"))
    assert [standing(chen, name) for name in ("early", "early-2", "early-3")] == [
        "replaced", "cancelled", "without_warning",
    ]  # fmt: skip


def test_a_stranger_is_marked_and_ends_nobody_elses_warning(
    gateway: Client, rows: Connection[tuple[object, ...]], chen: httpx.Client
) -> None:
    first = warning("ours")
    send(gateway, first)
    send(gateway, warning("theirs", at=now(), kind=MessageType.CANCEL, refers=first, who="stranger@x"))
    send(gateway, warning("alone", who="stranger@x"))
    until(lambda: kept(rows, "alone"))
    assert standing(chen, "ours") == "in_force"
    assert number(rows, "select trusted from weather_warning where identifier = 'alone'") is False


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST, Status.DRAFT, Status.SYSTEM])
def test_what_is_not_meant_in_earnest_is_kept_aside_and_shown_nowhere(
    gateway: Client, rows: Connection[tuple[object, ...]], status: Status
) -> None:
    send(gateway, warning(f"not-{status}", status=status))
    until(
        lambda: bool(number(rows, "select count(*) from quarantine where detail like %s", f"%not-{status}%"))
    )
    assert (
        number(rows, "select reason from quarantine where detail like %s", f"%not-{status}%") == "not_actual"
    )
    assert not kept(rows, f"not-{status}")


def test_an_exercise_has_its_own_warnings(
    gateway: Client, rows: Connection[tuple[object, ...]], chen: httpx.Client
) -> None:
    send(gateway, warning("drilled", status=Status.EXERCISE), "anlan/drill/EX1/weather/warning")
    send(gateway, warning("replayed"), "anlan/drill/EX1/weather/warning")
    send(gateway, warning("tested", status=Status.TEST), "anlan/drill/EX1/weather/warning")
    until(lambda: bool(number(rows, "select count(*) from quarantine where detail like %s", "%tested%")))
    until(lambda: kept(rows, "replayed"))
    assert standing(chen, "drilled", "EX1") == "in_force"
    listed = chen.get("/api/v1/warnings").json()
    assert not {one["identifier"] for one in listed} & {"drilled", "replayed", "tested"}
    id = number(rows, "select id from weather_warning where identifier = 'replayed'")
    assert b"<status>Exercise</status>" in chen.get(f"/api/v1/warnings/{id}/cap").content


def test_the_database_itself_takes_no_exercise_for_the_real_thing(
    rows: Connection[tuple[object, ...]],
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        rows.execute(
            "insert into weather_warning (sender, identifier, sent, status, message_type, scope, profile, note,"
            " incidents, signed, trusted, ends, topic, received_at, payload) values ('a', 'b', now(), 'Exercise',"
            " 'Alert', 'Public', 'cap1.2', '', '', false, false, now(), 't', now(), '')"
        )


def test_documents_of_the_national_platform_and_feeds_are_taken(
    gateway: Client, rows: Connection[tuple[object, ...]]
) -> None:
    for name in ("gb35965.xml", "feed.json"):
        payload = (SAMPLES / "cap" / name).read_bytes()
        gateway.publish("anlan/weather/warning", payload, qos=1)
    until(lambda: kept(rows, "202607150900000001"))
    query = "select identifier, profile from weather_warning where profile <> 'cap1.2'"
    assert {str(row[0]): row[1] for row in rows.execute(query)} == {
        "33022541600000_20260715081200_1": "gb35965", "202607150812000001": "json", "202607150900000001": "json",
    }  # fmt: skip


def test_pages_hear_of_a_warning_when_it_comes_and_when_it_expires(
    gateway: Client,
    rows: Connection[tuple[object, ...]],
    site: Site,
    chen: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.live.hub._REFRESH_BEATS", 1)
    with site.feed(chen) as feed:
        assert feed.push()["kind"] == "snapshot"
        message = warning("pushed", at=now(), life=timedelta(seconds=3))
        send(gateway, message)
        until(lambda: kept(rows, "pushed"))
        id = str(number(rows, "select id from weather_warning where identifier = 'pushed'"))
        assert feed.until("warnings", id)["standing"] == "in_force"
        assert feed.until("warnings", id, timeout=40) is None, "it expired, and nothing else happened"


def test_pages_hear_that_a_warning_is_replaced(
    gateway: Client, rows: Connection[tuple[object, ...]], site: Site, chen: httpx.Client
) -> None:
    first = warning("before", at=now() - timedelta(minutes=2))
    send(gateway, first)
    until(lambda: kept(rows, "before"))
    id = str(number(rows, "select id from weather_warning where identifier = 'before'"))
    with site.feed(chen) as feed:
        assert id in feed.push()["warnings"]
        send(gateway, warning("after", at=now(), kind=MessageType.UPDATE, refers=first, colour=Severity.RED))
        assert feed.until("warnings", id) is None


def test_hostile_documents_reach_the_quarantine_and_hold_nothing_up(
    gateway: Client, rows: Connection[tuple[object, ...]]
) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "' + b"a" * 50_000 + b'">]><alert>' + b"&x;" * 10_000 + b"</alert>"
    gateway.publish("anlan/weather/warning", bomb, qos=1)
    gateway.publish("anlan/weather/image/radar", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, qos=1)
    send(gateway, warning("after-the-bomb"))
    until(lambda: kept(rows, "after-the-bomb"))
    reasons = {row[0] for row in rows.execute("select reason from quarantine where format like 'weather%'")}
    assert {"unsafe_xml", "bad_image"} <= reasons


def picture(moment: datetime, colour: str = "blue") -> bytes:
    return weather_image.write_png(Image.new("RGBA", (40, 30), colour), moment, BOUNDS)


def test_pictures_are_kept_served_and_let_go(
    gateway: Client, rows: Connection[tuple[object, ...]], site: Site, chen: httpx.Client
) -> None:
    start = now() - HOUR
    for n in range(5):
        gateway.publish("anlan/weather/image/radar", picture(start + n * timedelta(minutes=6)), qos=1)
    gateway.publish("anlan/weather/image/radar", picture(start + timedelta(minutes=24), "red"), qos=1)
    gateway.publish("anlan/drill/EX1/weather/image/radar", picture(start, "green"), qos=1)
    until(lambda: bool(number(rows, "select count(*) from weather_image where exercise = 'EX1'")))
    listed = chen.get("/api/v1/weather/images?layer=radar").json()
    assert [datetime.fromisoformat(one["time"]) for one in listed] == [
        start + n * timedelta(minutes=6) for n in (2, 3, 4)
    ]
    assert (listed[0]["west"], listed[0]["north"]) == (121.0, 30.0)
    answer = chen.get(listed[-1]["url"])
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"] and "private" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).convert("RGBA").getpixel((20, 15)) == (255, 0, 0, 255)
    assert chen.get("/api/v1/weather/images/999999").status_code == 404
    with site.feed(chen) as feed:
        assert [one["id"] for one in feed.push()["images"]["radar"]["frames"]] == [
            one["id"] for one in listed
        ]


@pytest.mark.parametrize("path", ["/api/v1/warnings", "/api/v1/weather/images", "/api/v1/weather/typhoons"])
def test_nobody_sees_the_weather_unasked(site: Site, path: str) -> None:
    assert site.client().get(path, headers={"accept": "application/json"}).status_code == 401


def test_pictures_are_not_for_strangers(site: Site, rows: Connection[tuple[object, ...]]) -> None:
    id = number(rows, "select min(id) from weather_image")
    assert (
        site.client().get(f"/api/v1/weather/images/{id}", headers={"accept": "image/png"}).status_code == 401
    )


@pytest.mark.parametrize(
    "query",
    ["from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z", "from=2026-01-01T00:00:00", "standing=loud"],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(chen: httpx.Client, query: str) -> None:
    answer = chen.get(f"/api/v1/warnings?{query}")
    assert answer.status_code == 422 and answer.json()["detail"]


def test_layers_are_bounded(aside: Connection[tuple[object, ...]]) -> None:
    saved = [
        weather_images.save(aside, f"layer{n}", None, now(), BOUNDS, (1, 1), b"png", now(), keep=3, life=HOUR)
        for n in range(weather_images.MOST_LAYERS + 1)
    ]
    assert saved == [True] * weather_images.MOST_LAYERS + [False]
    old, new = now() - 3 * HOUR, now()
    for moment in (old, new):
        weather_images.save(aside, "layer0", None, moment, BOUNDS, (1, 1), b"png", new, keep=30, life=HOUR)
    assert old not in {one.time for one in weather_images.images(aside, None, "layer0")}


def test_a_demo_that_begins_anew_forgets_the_warnings_of_its_last_story(
    aside: Connection[tuple[object, ...]],
) -> None:
    for who in ("demo@x", "other@x"):
        received = warning(who, who=who)
        warnings.save(aside, received, None, trusted=False, topic="t", received_at=now(), payload=b"")
    weather_images.save(aside, "radar", None, now(), BOUNDS, (1, 1), b"", now(), keep=3, life=HOUR)
    with pytest.raises(ConflictError):
        installation.forget_story(aside, "scenario:x", "2699", ["demo@x"], now() - HOUR)
    installation.mark_demo(aside, "演示", "Demo", 1.0, 2.0)
    installation.forget_story(aside, "scenario:x", "2699", ["demo@x"], now() - HOUR)
    left = warnings.between(aside, None, now() - HOUR, now() + HOUR)
    assert [one.received.message.sender for one in left] == ["other@x"]
    assert weather_images.images(aside, None) == []


def test_a_gauge_may_not_warn(
    services: Services, ingest: Ingest, rows: Connection[tuple[object, ...]]
) -> None:
    services.ensure_accounts(["RIVER1"])
    with sender(services, "RIVER1") as gauge, sender(services) as gateway:
        send(gauge, warning("forged"))
        send(gateway, warning("genuine"))
        until(lambda: kept(rows, "genuine"))
    assert not kept(rows, "forged")


def test_wind_circles_and_grades_are_kept(
    gateway: Client, rows: Connection[tuple[object, ...]], chen: httpx.Client
) -> None:
    circles = (
        WindCircle(7, 400.0, 200.0, None, (400.0, 350.0, 200.0, 250.0)),
        WindCircle(10, 100.0, 60.0, 45.0),
    )
    fix = TyphoonFix(
        now(), 123.0, 27.0, wind_ms=45.0, radius7_km=400.0, radius10_km=100.0, grade="STY", circles=circles
    )
    ahead = replace(fix, time=now() + 6 * HOUR, issued=now())
    sent = Typhoon("2677", "测试", "TEST", (fix, ahead))
    gateway.publish("anlan/weather/typhoon", typhoon.encode(sent), qos=1)
    until(lambda: bool(number(rows, "select count(*) from typhoon_fix where typhoon = '2677'")))
    with psycopg.connect(rows.info.dsn, password=rows.info.password) as connection:
        assert typhoons.fixes(connection, "2677", None, forecasts=1) == [fix, ahead]
        assert typhoons.fixes(connection, "2677", None, forecasts=0) == [fix]
    shown = chen.get("/api/v1/weather/typhoons/2677").json()
    assert shown[0]["circles"][0]["quadrants_km"] == [400.0, 350.0, 200.0, 250.0]


def test_tracks_of_the_past_are_imported_and_are_no_typhoon_of_today(
    aside: Connection[tuple[object, ...]],
) -> None:
    file = SAMPLES / "typhoon" / "jma-best-track.txt"
    translate = translator("cli", "zh")
    import_tracks(aside, file, actor="t", translate=translate)
    found = {one.code: one for one in typhoons.known(aside, None)}
    assert {code: (one.name, one.fixes, one.historical) for code, one in found.items()} == {
        "1509": ("CHAN-HOM", 62, True), "1909": ("LEKIMA", 56, True),
        "2106": ("IN-FA", 81, True), "1323": ("FITOW", 39, True),
    }  # fmt: skip
    assert live.READERS["typhoons"](aside, None, None, "Asia/Shanghai") == {}
    typhoons.save(
        aside, Typhoon("1909", "利奇马", "LEKIMA", (TyphoonFix(now(), 1.0, 2.0),)), None, source="t", received_at=now()
    )  # fmt: skip
    with pytest.raises(ConflictError):
        import_tracks(aside, file, actor="t", translate=translate)
    with pytest.raises(InputError):
        import_tracks(aside, SAMPLES / "cap" / "feed.json", actor="t", translate=translate)


def test_the_command_imports_tracks(database: str, environment: dict[str, str]) -> None:
    file = SAMPLES / "typhoon" / "jma-best-track.txt"
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "import", "tracks", str(file)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "238" in done.stdout
