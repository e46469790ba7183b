"""Data health: how stations report, one click to what they said, nothing executed of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.health_world import HOSTILE, fill_health
from tests.browser.visit import visit
from tests.integration.serving import Site


@pytest.fixture(scope="module")
def health(site: Site) -> Iterator[Site]:
    """The county with telemetry of every quality."""
    fill_health(site, datetime.now(UTC))
    yield site


def row(page: Page, code: str) -> str:
    return page.locator(f"[data-station='{code}']").inner_text()


@pytest.mark.parametrize(
    ("size", "language"), [((1920, 1080), "zh"), ((1280, 800), "en"), ((1280, 800), "zh")]
)
def test_every_page_is_whole_at_any_size(
    browser: Browser, health: Site, size: tuple[int, int], language: str
) -> None:
    with visit(browser, health, "chen", size=size, language=language) as visitor:
        page = visitor.page
        for path in ("/health", "/health/H2", "/quarantine"):
            visitor.open(path)
            if path == "/health":
                page.wait_for_selector("#health-rows tr")
            else:
                if path == "/quarantine":
                    page.locator("#group-rows tr").first.click()
                page.locator(".message-head").first.click()
                page.wait_for_selector(".payload")
            visitor.keep(f"{path.strip('/').replace('/', '-')}-{size[0]}-{language}")
            assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
            for part in (".top", ".health-counted .detail-head", ".health-counted .detail-head .switch"):
                for shown in page.locator(part).all():
                    assert shown.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, (
                        f"{part} of {path} is cut"
                    )
        visitor.clean()


def test_the_worst_stand_first_and_silence_is_never_whole(browser: Browser, health: Site) -> None:
    with visit(browser, health, "guest", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/health")
        expect(page.locator("[data-station='H4'] .pill")).to_have_text("无报文")
        expect(page.locator("[data-station='H2'] .pill")).to_have_text("缺报")
        expect(page.locator("[data-station='H6'] .pill")).to_have_text("从未来报")
        expect(page.locator("[data-station='H5'] .pill")).to_have_text("停用")
        codes = page.locator("#health-rows tr").evaluate_all("rows => rows.map(r => r.dataset.station)")
        assert codes.index("H4") < codes.index("H2") < codes.index("H1") < codes.index("H6")
        assert "−1 分" in row(page, "H1"), "the clock's error"
        states = page.locator("#health-states").inner_text()
        assert "停用 1" in states
        expect(page.locator("#health-receiver")).to_contain_text("接收入库延迟 34 ms")
        visitor.clean()


def test_filters_narrow_and_an_update_keeps_place_and_choice(browser: Browser, health: Site) -> None:
    with visit(browser, health, "guest") as visitor:
        page = visitor.page
        visitor.open("/health")
        page.wait_for_selector("[data-station='H2']")
        page.fill("#health-search", "h2")
        expect(page.locator("#health-found")).to_have_text("1 个测站")
        page.click("[data-state='incomplete']")
        expect(page.locator("#health-rows tr")).to_have_count(1)
        mark = page.evaluate("() => document.querySelector(\"[data-station='H2']\").kept = 7")
        assert mark == 7
        with page.expect_response("**/health/stations?hours=168"):
            page.click("[data-hours='168']")
        expect(page.locator("[data-station='H2'] .strip")).to_have_attribute("viewBox", "0 0 168 10")
        assert page.locator("#health-search").input_value() == "h2"
        page.click("[data-state='incomplete']")
        page.fill("#health-search", "nobody")
        expect(page.locator("#health-none")).to_contain_text("没有符合条件的测站")
        visitor.clean()


def test_one_click_leads_to_what_the_station_said(browser: Browser, health: Site) -> None:
    with visit(browser, health, "chen") as visitor:
        page = visitor.page
        visitor.open("/health")
        page.locator("[data-station='H1'] a", has_text="原文").click()
        page.wait_for_url("**/health/H1#raw")
        due = page.locator("#series-rows tr").first.locator("[data-part='received']")
        facts = page.evaluate(
            "async () => (await (await fetch('/api/v1/health/stations/H1')).json()).station"
        )
        expect(due).to_have_text(f"{facts['received']} / {facts['expected']}")
        head = page.locator(".message-head", has_text="password").first
        head.click()
        body = page.locator(".message-body:visible").first
        expect(body).to_contain_text("••••")
        expect(body).to_contain_text(HOSTILE)
        expect(body).to_contain_text("未知要素")
        assert "geheim" not in page.content()
        whole = page.locator(".message:not(.faulty) .message-head").first
        whole.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".message-body:visible table").first).to_contain_text("水位")
        assert page.evaluate("() => window.anlanHurt === undefined")
        page.click("#raw-faulty")
        expect(page.locator(".message:not(.faulty)")).to_have_count(0)
        visitor.clean()


def test_a_viewer_sees_counts_and_no_payload(browser: Browser, health: Site) -> None:
    with visit(browser, health, "guest") as visitor:
        visitor.open("/health/H1")
        page = visitor.page
        expect(page.locator(".health-raw")).to_contain_text("仅值班员")
        page.locator(".message-head").first.click()
        expect(page.locator(".message-body:visible")).to_contain_text("仅值班员")
        refused = page.evaluate(
            "async () => { const list = await (await fetch('/api/v1/raw-messages?station=H1')).json();"
            " return [list.items[0].head, (await fetch('/api/v1/raw-messages/' + list.items[0].id)).status]; }"
        )
        assert refused == [None, 403]
        visitor.faults[:] = [fault for fault in visitor.faults if "403" not in fault]
        visitor.clean()


def test_a_town_sees_its_own_stations_alone(browser: Browser, health: Site) -> None:
    with visit(browser, health, "town") as visitor:
        visitor.open("/health")
        page = visitor.page
        page.wait_for_selector("[data-station='H6']")
        with health.connection() as connection:
            foreign = connection.execute(
                "select code from station where area <> '330225004' order by code limit 1"
            ).fetchone()
        assert foreign is not None
        assert page.locator(f"[data-station='{foreign[0]}']").count() == 0
        page.goto(f"{visitor.url}/health/{foreign[0]}")
        expect(page.locator(".empty")).to_be_visible()
        assert page.locator("#raw-rows").count() == 0
        visitor.clean()


def test_the_other_pages_are_behind_one_word_by_keyboard_too(browser: Browser, health: Site) -> None:
    with visit(browser, health, "guest", size=(1280, 800)) as visitor:
        page = visitor.page
        visitor.open("/health")
        summary = page.locator("#more-pages summary")
        expect(summary).to_have_text("数据质量")
        summary.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#more-pages .menu a", has_text="隔离区")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#more-pages .menu")).to_be_hidden()
        visitor.clean()
