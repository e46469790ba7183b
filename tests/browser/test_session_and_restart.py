"""In a real browser: signing in, a wall screen by token, a restart of the server, the end of a session."""

import signal
import time

import psycopg
from playwright.sync_api import Browser, Page, Request

from app.auth.passwords import hash_password
from app.auth.secrets import digest, new_token
from core.clock import system_clock
from core.roles import Role
from store import response, sessions, users
from tests.integration.serving import PASSWORD
from tests.integration.test_web_process import running

QUIET = "未启动应急响应"
"""What the wall's head line says while no response stands."""


class Watch:
    """Requests to other hosts, and what the browser complains of (a refused script, an error in one)."""

    def __init__(self, page: Page, url: str) -> None:
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self._url = url
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if "Content Security Policy" in said.text else None
            ),
        )

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._url, self._url.replace("http", "ws", 1), "data:", "blob:")):
            self.foreign.append(request.url)


def _sign_in(page: Page, url: str, name: str, path: str) -> None:
    page.goto(url + path)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_url(url + path)


def test_an_open_page_is_live_again_after_a_restart(
    browser: Browser, environment: dict[str, str], database: str
) -> None:
    with psycopg.connect(database) as connection:
        users.add_user(connection, "王工", hash_password(PASSWORD), Role.DUTY)
    page = browser.new_page()
    with running(environment) as (process, url):
        watch = Watch(page, url)
        _sign_in(page, url, "王工", "/wall")
        page.wait_for_function("text => document.body.innerText.includes(text)", arg=QUIET)
        around_map = page.wait_for_selector("iframe")
        map_frame = around_map.content_frame() if around_map else None
        assert map_frame is not None
        map_frame.wait_for_function("() => window.anlanLiveMap")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    with running(environment, int(url.rpartition(":")[2])):
        began = time.monotonic()
        with psycopg.connect(database) as connection:
            id = response.start(
                connection, hazard="flood", level=3, exercise=None, by="x", reason="", at=system_clock()
            )
        page.wait_for_function("text => !document.body.innerText.includes(text)", arg=QUIET, timeout=15_000)
        again = time.monotonic() - began
        began = time.monotonic()
        with psycopg.connect(database) as connection:
            response.end(connection, id, by="x", at=system_clock())
        page.wait_for_function("text => document.body.innerText.includes(text)", arg=QUIET, timeout=5_000)
        change = time.monotonic() - began
    print(f"live again {again:.1f} s after the new server was ready; a change shows after {change:.2f} s")
    assert again < 10 and change < 1.5
    assert watch.foreign == [] and watch.complaints == []
    page.close()


def test_a_disabled_users_page_goes_to_the_login(
    browser: Browser, environment: dict[str, str], database: str
) -> None:
    with psycopg.connect(database) as connection:
        users.add_user(connection, "赵一", hash_password(PASSWORD), Role.DUTY)
    context = browser.new_context()
    page = context.new_page()
    with running(environment) as (_, url):
        _sign_in(page, url, "赵一", "/")
        page.wait_for_timeout(2500)
        with psycopg.connect(database) as connection:
            users.set_disabled(connection, "赵一", True)
        page.wait_for_url("**/login**", timeout=6_000)
        assert page.locator("#password").is_visible()
    context.close()


def test_a_wall_screen_opens_by_token_and_forgets_it(
    browser: Browser, environment: dict[str, str], database: str
) -> None:
    secret = new_token()
    with psycopg.connect(database) as connection:
        sessions.add_token(connection, "wall-1", digest(secret), Role.VIEWER, None, "test")
    context = browser.new_context()
    page = context.new_page()
    with running(environment) as (_, url):
        page.goto(f"{url}/wall?token={secret}")
        page.wait_for_url(url + "/wall", timeout=10_000)
        page.wait_for_function("text => document.body.innerText.includes(text)", arg=QUIET)
        assert page.evaluate("document.cookie.includes('session')") is False, "scripts cannot read it"
    context.close()
