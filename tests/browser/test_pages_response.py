"""The response level: the county's commander sets it in two steps, the wall shows it at once."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import visit
from tests.integration.serving import Site


@pytest.fixture
def quiet(site: Site) -> Site:
    """No level stands."""
    with site.connection() as connection:
        connection.execute("update response set ended_at = now(), ended_by = 'test' where ended_at is null")
    return site


def stands(site: Site) -> list[tuple[object, ...]]:
    with site.connection() as connection:
        return connection.execute(
            "select hazard, level, started_by, reason from response where ended_at is null and exercise is null"
        ).fetchall()


def decide(page: Page, label: str, reason: str) -> None:
    """Both steps; between them nothing has happened."""
    page.click("#response-change")
    page.select_option("#ask-act", label=label)
    page.fill("#ask-reason", reason)
    page.click("#ask-go")
    expect(page.locator("dialog h2")).to_have_text(label)
    expect(page.locator("dialog .what")).to_contain_text(reason)
    page.click("#ask-go")


def test_started_raised_and_ended_before_the_wall(browser: Browser, quiet: Site) -> None:
    with visit(browser, quiet, "guest", size=(1920, 1080)) as hall, visit(browser, quiet, "wang") as desk:
        hall.open("/wall")
        expect(hall.page.locator("#responses")).to_have_text("未启动应急响应")
        desk.open("/")
        desk.page.click("#response-change")
        desk.page.click("#ask-go")
        expect(desk.page.locator("dialog .fault")).to_have_text("请填写原因")
        desk.page.fill("#ask-reason", "台风逼近")
        desk.page.click("#ask-go")
        expect(desk.page.locator("dialog .what")).to_contain_text("台风逼近")
        desk.page.click("#ask-cancel")
        assert stands(quiet) == [], "neither the first step nor leaving the second does anything"

        decide(desk.page, "启动防汛Ⅳ级应急响应", "未来六小时有暴雨")
        expect(hall.page.locator("#responses .pill")).to_contain_text("防汛Ⅳ级应急响应")
        expect(desk.page.locator("#top-responses")).to_have_text("防汛Ⅳ级响应")
        assert stands(quiet) == [("flood", 4, "wang", "未来六小时有暴雨")]

        decide(desk.page, "防汛应急响应由Ⅳ级提升至Ⅱ级", "多站超警戒")
        expect(hall.page.locator("#responses .pill")).to_contain_text("防汛Ⅱ级应急响应")
        decide(desk.page, "终止防汛应急响应", "水位全线回落")
        expect(hall.page.locator("#responses")).to_have_text("未启动应急响应")
        assert stands(quiet) == []
        desk.clean()
        hall.clean()
    with quiet.connection() as connection:
        lines = connection.execute(
            "select action, actor from audit where action like 'response.%' order by id desc limit 3"
        ).fetchall()
    assert lines == [("response.end", "wang"), ("response.raise", "wang"), ("response.start", "wang")]


def test_in_english_and_in_an_exercise(browser: Browser, quiet: Site) -> None:
    with visit(browser, quiet, "wang", language="en") as visitor:
        visitor.open("/?exercise=drill-1")
        decide(visitor.page, "Start the Typhoon response at level Ⅲ", "practised")
        expect(visitor.page.locator("#top-responses")).to_have_text("Typhoon Ⅲ")
        assert stands(quiet) == [], "the real world has none"
        head = visitor.page.locator(".top")
        assert head.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        visitor.clean()


@pytest.mark.parametrize("user", ["chen", "lin", "guest", "town"])
def test_others_have_no_button(browser: Browser, quiet: Site, user: str) -> None:
    with visit(browser, quiet, user) as visitor:
        visitor.open("/")
        expect(visitor.page.locator("#response-change")).to_have_count(0)
