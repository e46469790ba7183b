"""The desk in a flood of alarms, and every state of an alarm: one line a group, worst first, nothing hidden."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.county import COUNTY
from tests.browser.storm_world import every_state, storm
from tests.browser.visit import visit
from tests.integration.serving import Site

TOWN = "330225004"


@pytest.fixture(scope="module")
def states(site: Site) -> dict[str, int]:
    with site.connection() as connection:
        return every_state(connection, datetime.now(UTC), TOWN)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("latched", "待复位"), ("suppressed", "由“骨干网 告警”解释"), ("out_of_service", "停用至"),
        ("shelved", "搁置至"), ("acknowledged", "chen"), ("returned", "回落"),
    ],
)  # fmt: skip
def test_every_state_can_be_reached_counted_and_tells_why(
    browser: Browser, site: Site, states: dict[str, int], state: str, said: str
) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/")
        button = visitor.page.locator(f"#filter-state [data-state={state}]")
        assert int(button.locator("b").inner_text()) >= 1
        button.click()
        line = visitor.page.locator(f".alarm[data-alarm='{states[state]}']")
        expect(line).to_contain_text(said)
        line.click()
        expect(visitor.page.locator("#detail")).to_be_visible()
        visitor.keep(f"desk-state-{state}")
        visitor.clean()


def test_what_is_hidden_is_not_among_what_calls(browser: Browser, site: Site, states: dict[str, int]) -> None:
    with visit(browser, site, "chen") as visitor:
        visitor.open("/")
        visitor.page.wait_for_selector(".alarm")
        for state in ("suppressed", "out_of_service", "shelved"):
            expect(visitor.page.locator(f".alarm[data-alarm='{states[state]}']")).to_have_count(0)
        for state in ("latched", "acknowledged", "returned"):
            expect(visitor.page.locator(f".alarm[data-alarm='{states[state]}']")).to_have_count(1)


def test_the_acts_are_those_of_the_state_and_the_role(
    browser: Browser, site: Site, states: dict[str, int]
) -> None:
    offered: dict[str, dict[str, set[str]]] = {
        "chen": {"latched": set(), "acknowledged": {"unacknowledge", "shelve"}},
        "lin": {"latched": {"reset"}, "acknowledged": {"unacknowledge", "shelve"}},
        "guest": {"latched": set(), "acknowledged": set()},
    }
    for user, expected in offered.items():
        with visit(browser, site, user) as visitor:
            visitor.open("/")
            for state, acts in expected.items():
                visitor.page.locator(f".alarm[data-alarm='{states[state]}']").click()
                for act in ("reset", "unacknowledge", "shelve", "unshelve", "verify", "dismiss"):
                    wanted = visitor.page.locator(f"#detail-{act}")
                    if act in acts or (act == "shelve" and state == "latched" and user != "guest"):
                        expect(wanted).to_be_visible()
                    else:
                        expect(wanted).to_be_hidden()


@pytest.fixture(scope="module")
def raging(site: Site, states: dict[str, int]) -> None:
    with site.connection() as connection:
        storm(connection, datetime.now(UTC), COUNTY)


@pytest.mark.usefixtures("raging")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_in_a_flood_of_alarms_the_desk_shows_one_line_a_group_worst_first(
    browser: Browser, site: Site, language: str
) -> None:
    with visit(browser, site, "chen", size=(1920, 1080), language=language) as visitor:
        visitor.open("/")
        page = visitor.page
        expect(page.locator("#storm")).to_be_visible()
        lines = page.locator(".storm-line")
        assert 10 <= lines.count() <= 60
        visitor.keep(f"desk-storm-{language}")
        worst = [line.get_attribute("class") or "" for line in lines.all()]
        order = [["red", "orange", "yellow", "blue", "none"].index(one.split()[1]) for one in worst]
        assert order == sorted(order)
        told = page.evaluate(
            "() => Array.from(document.querySelectorAll('.storm-counts b:not([hidden])'))"
            ".reduce((sum, one) => sum + Number(one.textContent.match(/\\d+/)[0]), 0)"
        )
        active = int(page.locator("#filter-state [data-state=active] b").inner_text())
        assert told == active > 200, "every alarm is in a line"
        visitor.clean()


@pytest.mark.usefixtures("raging")
def test_a_group_opens_to_its_alarms_and_is_acknowledged_at_once(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/")
        page = visitor.page
        first = page.locator(".storm-line.unacknowledged").first
        key = first.get_attribute("data-group")
        first.locator(".storm-open").click()
        assert page.locator(".alarm").count() >= 1
        visitor.keep("desk-storm-opened")
        page.locator(f".storm-line[data-group='{key}'] .storm-acknowledge").click()
        expect(page.locator("dialog")).to_be_visible()
        page.click("#ask-go")
        expect(page.locator(f".storm-line[data-group='{key}']")).to_contain_text("均已确认", timeout=30_000)
        visitor.clean()


@pytest.mark.usefixtures("raging")
def test_whoever_wants_every_alarm_by_itself_gets_it_and_the_end_of_the_flood_takes_the_view_back(
    browser: Browser, site: Site
) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/")
        page = visitor.page
        page.click("#storm-switch")
        expect(page.locator(".storm-line")).to_have_count(0)
        assert page.locator(".alarm").count() > 200
        page.click("#storm-switch")
        page.wait_for_selector(".storm-line")
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/")
        visitor.page.wait_for_selector(".storm-line")
        with site.connection() as connection:
            connection.execute("update alarm_flood set ended_at = now()")
        expect(visitor.page.locator("#storm")).to_be_hidden()
        expect(visitor.page.locator(".storm-line")).to_have_count(0)
        visitor.clean()


@pytest.mark.usefixtures("raging")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wall_shows_the_storm_and_its_groups(browser: Browser, site: Site, language: str) -> None:
    with site.connection() as connection:
        connection.execute("update alarm_flood set ended_at = null")
    with visit(browser, site, "chen", size=(1920, 1080), language=language) as visitor:
        visitor.open("/wall")
        page = visitor.page
        expect(page.locator("#wall-storm")).to_be_visible()
        page.wait_for_timeout(1500)
        visitor.keep(f"wall-storm-{language}")
        assert page.locator("#wall-alarms li").count() >= 5
        wide = "e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]"
        assert page.locator(".wall").evaluate(wide) == [0, 0]
        expect(page.locator("#wall-alarm-box [data-part=alarm-count]")).to_contain_text(
            "未列 3" if language == "zh" else "not listed 3"
        )
        visitor.clean()
    with site.connection() as connection:
        connection.execute("update alarm_flood set ended_at = now()")
