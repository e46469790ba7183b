"""Attacks on the door and the interface: impossible values, logins at once, other people's areas."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from app.auth.secrets import digest, new_token
from core.devices import Camera
from core.roles import Role
from core.stations import Station, StationKind
from store import sessions
from store.cameras import save_camera
from store.connection import open_pool
from store.stations import save_station
from tests.integration.serving import PASSWORD, Site, served


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    with psycopg.connect(database) as connection:
        connection.execute("insert into area (code, name, name_en, kind) values ('C', '县', 'C', 'county')")
        connection.execute(
            "insert into area (code, name, name_en, kind, parent)"
            " values ('T1', '甲', 'T1', 'town', 'C'), ('T2', '乙', 'T2', 'town', 'C')"
        )
    with served(database) as site:
        yield site


def token(site: Site, name: str, role: Role, area: str | None = None) -> str:
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, name, digest(secret), role, area, "test")
    return secret


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/stations/%00",
        "/api/v1/observations?station=%00",
        "/api/v1/cameras/a%00/picture",
        "/api/v1/observations?from=0001-01-01T00:00:00%2B14:00&to=0001-02-01T00:00:00Z",
    ],
)
def test_values_that_no_database_takes_are_refused_with_a_sentence(site: Site, path: str) -> None:
    program = site.client(headers={"Authorization": f"Bearer {token(site, str(abs(hash(path))), Role.DUTY)}"})
    answer = program.get(path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["reason"] == "unusable_value"


def test_a_name_with_a_zero_byte_does_not_break_the_login(site: Site) -> None:
    answer = site.client(headers={"Origin": site.url}).post(
        "/login", data={"name": "a\x00b", "password": "guess"}
    )
    assert answer.status_code == 422


def test_attempts_at_the_same_moment_are_counted_one_after_the_other(site: Site, database: str) -> None:
    """Three failures are free; a fourth that begins before they are committed must wait for them."""
    site.add_user("target", "duty")
    answers: list[int] = []

    def guess() -> None:
        client = site.client(headers={"Origin": site.url})
        answers.append(client.post("/login", data={"name": "target", "password": PASSWORD}).status_code)

    with psycopg.connect(database) as others:
        sessions.one_at_a_time(others)
        for _ in range(4):
            sessions.record_attempt(others, "target", "198.51.100.7", False, None, datetime.now(UTC))
        guessing = threading.Thread(target=guess)
        guessing.start()
        guessing.join(1)
        assert not answers, "it was not counted behind the others"
    guessing.join(10)
    assert answers == [429]


def test_a_link_of_another_site_does_not_turn_a_browser_into_its_wall_screen(site: Site) -> None:
    """The browser's own session, kept back on such a link by SameSite=Strict, must not be replaced."""
    address = f"/wall?token={token(site, 'hall', Role.VIEWER)}"
    linked = site.client(headers={"Sec-Fetch-Site": "cross-site"}).get(address)
    assert linked.status_code == 200 and "set-cookie" not in linked.headers
    assert 'http-equiv="refresh"' in linked.text
    assert "set-cookie" in site.client(headers={"Sec-Fetch-Site": "same-origin"}).get(address).headers


def test_templates_tell_a_town_nothing_of_another_towns_alarm(site: Site) -> None:
    with site.connection() as connection:
        made = connection.execute(
            "insert into alarm (class, subject_kind, subject, area, rule, rule_version, state, raised_at, value)"
            " values ('report', 'town', 'T2', 'T2', 'r', 1, 'unacknowledged', now(), 47.11) returning id"
        ).fetchone()
        assert made is not None
    town = site.client(headers={"Authorization": f"Bearer {token(site, 'town-1', Role.DUTY, 'T1')}"})
    assert town.get("/api/v1/orders/templates", params={"area": "T1"}).status_code == 200
    answer = town.get("/api/v1/orders/templates", params={"area": "T1", "alarm": made[0]})
    assert answer.status_code == 404, answer.text


def test_nobody_holds_the_database_by_asking_for_much(site: Site, database: str) -> None:
    with site.connection() as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("30s",)
    pool = open_pool(database, name="test", longest_s=1)
    try:
        with pytest.raises(psycopg.errors.QueryCanceled), pool.connection() as connection:
            connection.execute("select pg_sleep(5)")
    finally:
        pool.close()


@pytest.mark.parametrize("exercise", ['x"; filename="setup.bat', "演练", "a\r\nSet-Cookie: b=c"])
def test_the_name_of_a_file_is_nobody_elses_to_give(site: Site, exercise: str) -> None:
    with site.connection() as connection:
        save_station(connection, Station("R-1", "一", "One", StationKind.RIVER, "T1", 121.8, 29.4))
    program = site.client(headers={"Authorization": f"Bearer {token(site, new_token()[:20], Role.VIEWER)}"})
    asked = {"station": "R-1", "from": "2026-07-01T00:00:00Z", "to": "2026-07-02T00:00:00Z"}
    answer = program.get("/api/v1/observations/export", params=asked | {"exercise": exercise})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="R-1-202607010800-202607020800.csv"'
    )
    assert "set-cookie" not in answer.headers


def test_the_login_of_a_stream_is_shown_to_nobody(site: Site) -> None:
    with site.connection() as connection:
        camera = Camera("CAM1", "桥", "Bridge", "T1", 121.8, 29.4, "rtsp://admin:p@geheim@10.0.0.1:554/live")
        save_camera(connection, camera)
    program = site.client(headers={"Authorization": f"Bearer {token(site, 'looks', Role.VIEWER)}"})
    [shown] = [one for one in program.get("/api/v1/cameras").json() if one["code"] == "CAM1"]
    assert shown["stream"] == "rtsp://10.0.0.1:554/live"
