"""Who may: login, sessions, throttle, tokens, foreign pages, and that no route is without a check."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.routing import Mount
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.auth.open_paths import OPEN, checks_itself, is_open
from app.auth.secrets import digest, new_token
from core.areas import Area
from core.clock import system_clock
from core.roles import Role
from store import sessions, users
from store.areas import save_area
from tests.integration.serving import PASSWORD, Site, served


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    """A server with a county, two towns and a user of every role."""
    with served(database) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            save_area(connection, Area("east", "东镇", "East Town", "town", "county"))
            save_area(connection, Area("west", "西镇", "West Town", "town", "county"))
        for role in Role:
            running.add_user(f"{role}-one", role)
        yield running


def _token(site: Site, name: str, role: Role = Role.VIEWER, area: str | None = None) -> str:
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, name, digest(secret), role, area, "test")
    return secret


def _login(client: httpx.Client, name: str, password: str) -> httpx.Response:
    return client.post("/login", data={"name": name, "password": password})


def test_a_page_leads_to_the_login_and_back(site: Site) -> None:
    client = site.client(headers={"Origin": site.url, "Accept": "text/html"})
    sent = client.get("/orders/3?exercise=x")
    assert sent.status_code == 303
    login = client.get(sent.headers["location"])
    assert 'name="next" value="/orders/3?exercise=x"' in login.text
    back = client.post(
        "/login", data={"name": "duty-one", "password": PASSWORD, "next": "/orders/3?exercise=x"}
    )
    assert (back.status_code, back.headers["location"]) == (303, "/orders/3?exercise=x")
    assert client.get("/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    client = site.client(headers={"Origin": site.url})
    cookie = _login(client, "duty-one", PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    with site.connection() as connection:
        kept = connection.execute(
            "select string_agg(encode(token_hash, 'escape'), '') from session"
        ).fetchone()
    assert secret not in str(kept), "the database keeps hashes only"


def test_after_login_nobody_is_sent_to_another_site(site: Site) -> None:
    for foreign in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        client = site.client(headers={"Origin": site.url})
        answer = client.post("/login", data={"name": "duty-one", "password": PASSWORD, "next": foreign})
        assert answer.headers["location"] == "/"


def test_login_speaks_both_languages_and_shows_a_name_as_text(site: Site) -> None:
    client = site.client(headers={"Origin": site.url})
    assert "登录" in client.get("/login").text and "Sign in" in client.get("/login?lang=en").text
    refused = client.post(
        "/login", data={"name": '"><script>alert(1)</script>', "password": "x", "lang": "en"}
    )
    assert refused.status_code == 401
    assert "<script>" not in refused.text and "&lt;script&gt;" in refused.text


def test_signing_out_ends_the_session(site: Site) -> None:
    client = site.signed_in("viewer-one")
    assert client.get("/api/v1/me").status_code == 200
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_ends_by_itself(another_database: str) -> None:
    with served(another_database) as site:
        site.add_user("王工", "duty")
        client = site.signed_in("王工")
        assert client.get("/api/v1/me").status_code == 200
        with site.connection() as connection:
            connection.execute("update session set expires_at = now() - interval '1 second'")
        assert client.get("/api/v1/me").status_code == 401


def test_guessing_gets_slow_for_strangers_and_never_for_the_desk(site: Site) -> None:
    site.add_user("张值班", "duty")
    desk = site.signed_in("张值班")
    assert desk.post("/logout").status_code == 303
    with site.connection() as connection:
        for _ in range(40):
            sessions.record_attempt(connection, "张值班", "10.9.9.9", False, None, system_clock())
        connection.execute("delete from login_attempt where name = '张值班' and success")
    stranger = site.client(headers={"Origin": site.url})
    refused = _login(stranger, "张值班", PASSWORD)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 60
    assert _login(desk, "张值班", PASSWORD).status_code == 303, (
        "the browser that was signed in before is let in"
    )
    other = site.client(headers={"Origin": site.url})
    assert _login(other, "张值班", PASSWORD).status_code == 303, "and now its address is known too"


def test_wrong_passwords_of_one_known_browser_slow_that_browser(site: Site) -> None:
    site.add_user("李值班", "duty")
    desk = site.signed_in("李值班")
    (secret,) = desk.cookies.values()
    with site.connection() as connection:
        for _ in range(12):
            sessions.record_attempt(connection, "李值班", "127.0.0.1", False, digest(secret), system_clock())
    refused = _login(desk, "李值班", PASSWORD)
    assert refused.status_code == 429 and 1 < int(refused.headers["retry-after"]) <= 15
    assert _login(site.client(headers={"Origin": site.url}), "李值班", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/x"}]
)
def test_a_request_of_another_sites_page_changes_nothing(site: Site, headers: dict[str, str]) -> None:
    client = site.signed_in("commander-one")
    client.headers.pop("Origin")
    answer = client.post(
        "/api/v1/response", json={"hazard": "flood", "level": 4, "reason": "x"}, headers=headers
    )
    assert answer.status_code == 403
    assert client.get("/api/v1/response").json() == []
    assert client.post("/_dash-update-component", json={}, headers=headers).status_code == 403
    assert client.post("/login", data={"name": "x", "password": "y"}, headers=headers).status_code == 403


def test_a_link_from_another_site_is_asked_again_with_the_cookie(site: Site) -> None:
    client = site.client(headers={"Accept": "text/html", "Sec-Fetch-Site": "cross-site"})
    answer = client.get("/orders/3")
    assert answer.status_code == 200 and 'http-equiv="refresh"' in answer.text


def _paths(site: Site) -> list[tuple[str, str]]:
    found = []
    routes: list[Any] = []
    for route in site.app.routes:
        inner = getattr(route, "effective_route_contexts", None)
        routes += list(inner()) if inner else [route]
    for route in routes:
        path = re.sub(r"{(\w+)(:\w+)?}", "1", getattr(route, "path", ""))
        if isinstance(route, Mount):
            found.append((path + "/x", "GET"))
        else:
            found += [(path, method) for method in sorted(getattr(route, "methods", None) or ())]
    return [(path if path.startswith("/") else "/" + path, method) for path, method in found]


def test_every_route_is_behind_the_door_but_those_of_the_one_list(site: Site) -> None:
    client = site.client(headers={"Origin": site.url})
    walked = _paths(site)
    assert len(walked) > 30
    for path, method in walked:
        answer = client.request(method, path)
        if is_open(path):
            assert answer.status_code in (200, 404, 405, 422), (method, path)
        elif path.startswith("/audio/"):
            assert answer.status_code in (401, 404), (method, path)
        elif not checks_itself(path):
            assert answer.status_code == 401, (method, path)
            page = client.request(method, path, headers={"Accept": "text/html"})
            assert page.status_code in (303, 401), (method, path)
    assert {"/login", "/login/style.css", "/healthz"} <= OPEN and len(OPEN) == 5


def test_a_bad_token_opens_nothing_and_a_revoked_one_no_more(site: Site) -> None:
    secret = _token(site, "hydrology-bureau")
    program = site.client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").json()["name"] == "token:hydrology-bureau"
    with site.connection() as connection:
        assert secret.encode() not in bytes(
            connection.execute("select token_hash from api_token where name = 'hydrology-bureau'").fetchone()[
                0
            ]  # type: ignore[index]
        )
        sessions.revoke_token(connection, "hydrology-bureau", system_clock())
    assert program.get("/api/v1/me").status_code == 401
    assert site.client(headers={"Authorization": "Bearer nonsense"}).get("/api/v1/me").status_code == 401


def test_a_wall_screen_signs_in_by_token_and_may_only_look(site: Site) -> None:
    secret = _token(site, "wall-east", Role.COMMANDER, "east")
    wall = site.client(headers={"Accept": "text/html", "Origin": site.url})
    answer = wall.get(f"/wall?token={secret}")
    assert answer.status_code == 200 and "url=/wall" in answer.text and secret not in answer.text
    assert wall.get("/wall").status_code == 200
    me = wall.get("/api/v1/me").json()
    assert (me["role"], me["area"], me["kiosk"], me["acts"]) == ("viewer", "east", True, ["view"])
    assert wall.post("/api/v1/response", json={"hazard": "x", "level": 1, "reason": "x"}).status_code == 403
    assert site.client().get("/wall?token=wrong").status_code == 401
    with site.connection() as connection:
        sessions.revoke_token(connection, "wall-east", system_clock())
    assert wall.get("/api/v1/me").status_code == 401


def test_a_socket_needs_a_session_and_our_own_page(site: Site) -> None:
    client = site.signed_in("viewer-one")
    with pytest.raises(InvalidStatus), site.socket(client, origin="https://evil.example"):
        pass
    with site.socket(site.client()) as stranger, pytest.raises(ConnectionClosed) as closed:
        stranger.recv(timeout=5)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4001


@pytest.mark.parametrize("act", ["disable", "sign out", "password"])
def test_open_pages_close_when_the_session_ends(site: Site, act: str) -> None:
    name = {"disable": "赵一", "sign out": "钱二", "password": "孙三"}[act]
    site.add_user(name, "duty")
    client = site.signed_in(name)
    with site.feed(client) as page:
        assert page.push()["kind"] == "snapshot"
        if act == "sign out":
            client.post("/logout")
        with site.connection() as connection:
            if act == "disable":
                users.set_disabled(connection, name, True)
            if act == "password":
                sessions.end_sessions_of(connection, name, system_clock())
        while (push := page.push(timeout=4))["kind"] != "signed_out":
            assert push["kind"] == "delta"
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                page.socket.recv(timeout=4)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4001
    assert client.get("/api/v1/me").status_code == 401


def test_what_is_too_large_is_refused_with_and_without_its_length(site: Site) -> None:
    client = site.signed_in("duty-one")
    body = b"x" * 1_000_001
    assert client.post("/api/v1/alarms/1/acknowledge", content=body).status_code == 413
    assert client.post("/api/v1/alarms/1/acknowledge", content=iter([body])).status_code == 413
    client.headers["Content-Type"] = "application/json"
    assert client.post("/_dash-update-component", content=iter([body])).status_code == 413


def test_every_answer_carries_the_security_headers(site: Site) -> None:
    client = site.signed_in("viewer-one")
    for path in ("/", "/login", "/healthz", "/api/v1/me", "/api/v1/nothing", "/maps/live", "/_dash-layout"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy and "object-src 'none'" in policy
        assert "unsafe" not in policy.partition("script-src")[2].partition(";")[0], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert client.get("/api/v1/me").headers["cache-control"] == "no-store"


def test_logins_stand_in_the_audit_chain(site: Site) -> None:
    site.signed_in("leader-one").post("/logout")
    with site.connection() as connection:
        acts = [
            row[0]
            for row in connection.execute("select action from audit where actor = 'leader-one' order by id")
        ]
    assert acts[-2:] == ["sign_in", "sign_out"]


def test_many_guesses_at_once_gain_nothing(site: Site) -> None:
    site.add_user("周一", "duty")

    def guess(turn: int) -> int:
        client = site.client(headers={"Origin": site.url})
        return _login(client, "周一", f"guess number {turn}").status_code

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(401) <= 8, "those that were let through before the first failures counted"
    assert answers.count(429) >= 16
