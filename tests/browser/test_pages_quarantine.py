"""The quarantine page: groups first, acts in two steps, results shown, nothing lost under the hands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from core.settings import Settings
from ingest.derive import retries
from tests.browser.health_world import HOSTILE, fill_health
from tests.browser.visit import visit
from tests.integration.serving import Site

_RENEWED_MS = 11_000
"""The page asks anew every ten seconds; the tests put its clock forward instead of waiting."""


@pytest.fixture(scope="module")
def health(site: Site) -> Iterator[Site]:
    """The county with messages that could not be read."""
    fill_health(site, datetime.now(UTC))
    yield site


@contextmanager
def deriving(site: Site) -> Iterator[None]:
    """The role that reads again, at work beside the page."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.2):
            with site.connection() as connection:
                retries.step(connection, Settings(), datetime.now(UTC))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def choose(page: Page, topic: str) -> None:
    page.locator("#group-rows tr", has_text=topic).first.click()
    expect(page.locator("#entries-topic")).to_contain_text(topic)


def test_a_station_that_was_imported_is_read_again_from_the_page(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor, deriving(health):
        page = visitor.page
        visitor.open("/quarantine")
        choose(page, "GHOST1")
        expect(page.locator("#entries-advice")).to_contain_text("先导入这个测站")
        with health.connection() as connection:
            connection.execute(
                "insert into station (code, name, name_en, kind, area, lon, lat)"
                " values ('GHOST1', '补建站', 'Later', 'ZZ', '330225004', 121.8, 29.3)"
            )
        page.click("#entries-retry")
        expect(page.locator("dialog .what")).to_contain_text("10 条报文")
        with health.connection() as connection:
            asked = connection.execute("select count(*) from quarantine_request").fetchone()
        assert asked == (0,), "the first step does nothing yet"
        page.click("#ask-go")
        expect(page.locator("#retry-requests")).to_contain_text("读入 10 条", timeout=20_000)
        expect(page.locator("#group-rows tr", has_text="GHOST1")).to_have_count(0, timeout=20_000)
        page.click("[data-state='resolved']")
        expect(page.locator("#group-rows tr", has_text="GHOST1")).to_have_count(1)
        visitor.clean()


def test_giving_up_needs_a_reason_and_is_listed_with_it(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor:
        page = visitor.page
        visitor.open("/quarantine")
        choose(page, "GHOST2")
        page.click("#entries-close")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_be_visible()
        page.fill("#ask-why", "测试设备，已拆除")
        page.click("#ask-go")
        expect(page.locator("#group-rows tr", has_text="GHOST2")).to_have_count(0)
        page.click("[data-state='closed']")
        choose(page, "GHOST2")
        expect(page.locator("#entry-rows")).to_contain_text("chen 放弃：测试设备，已拆除")
        expect(page.locator("#entries-acts")).to_be_hidden()
        visitor.clean()


def test_a_hostile_topic_and_payload_stay_text(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor:
        page = visitor.page
        visitor.open("/quarantine")
        choose(page, HOSTILE)
        page.locator("#entry-rows .message-head").first.click()
        expect(page.locator(".payload")).to_contain_text("00 01 02 62")
        page.select_option("#quarantine-reason", "unknown_field")
        choose(page, "anlan/obs/H1")
        page.locator("#entry-rows .message-head").first.click()
        expect(page.locator(".payload")).to_contain_text("<img src=x onerror=")
        assert page.evaluate("() => window.anlanHurt === undefined")
        visitor.clean()


def test_a_viewer_looks_and_may_do_nothing(browser: Browser, health: Site) -> None:
    with visit(browser, health, "guest", language="en") as visitor:
        page = visitor.page
        visitor.open("/quarantine")
        choose(page, "GHOST0")
        expect(page.locator("#entries-acts")).to_be_hidden()
        page.locator("#entry-rows .message-head").first.click()
        expect(page.locator(".message-body:visible")).to_contain_text("can be read by duty officers")
        visitor.clean()


def test_filters_and_an_open_message_survive_an_update(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor:
        page = visitor.page
        page.clock.install()
        visitor.open("/quarantine")
        page.fill("#quarantine-topic", "GHOST0")
        expect(page.locator("#quarantine-found")).to_contain_text("1 行")
        choose(page, "GHOST0")
        page.locator("#entry-rows .message-head").first.click()
        page.wait_for_selector(".payload")
        with page.expect_response("**/quarantine/groups**", timeout=20_000):
            page.clock.fast_forward(_RENEWED_MS)
        page.wait_for_timeout(200)
        expect(page.locator(".payload")).to_be_visible()
        assert page.input_value("#quarantine-topic") == "GHOST0"
        page.fill("#quarantine-topic", "nothing-like-it")
        expect(page.locator("#group-none")).to_contain_text("没有符合条件的报文")
        visitor.clean()


def test_what_cannot_be_renewed_is_said_and_not_shown_as_new(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor:
        page = visitor.page
        page.clock.install()
        visitor.open("/quarantine")
        page.wait_for_selector("#group-rows tr")
        page.route("**/api/v1/quarantine/**", lambda route: route.abort())
        page.clock.fast_forward(_RENEWED_MS)
        expect(page.locator("#quarantine-found")).to_contain_text("未能更新", timeout=20_000)
        assert page.locator("#group-rows tr").count() > 0, "what was known stays, and is said to be old"


def test_an_exercise_has_a_quarantine_of_its_own(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor:
        visitor.open("/quarantine?exercise=drill-1")
        expect(visitor.page.locator("#group-rows tr")).to_have_count(1)
        expect(visitor.page.locator("#group-rows")).to_contain_text("GHOST9")
        visitor.clean()
