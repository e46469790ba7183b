"""Alarm performance: figures with their limits, a chart, lists that lead on, an empty time, and a town's own desk."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.county import COUNTY
from tests.browser.storm_world import add_alarm
from tests.browser.visit import visit
from tests.integration.serving import Site

TOWN = "330225004"


@pytest.fixture(scope="module")
def month(site: Site) -> None:
    """A month of a county's and a town's desk: few alarms a day, a flood two days ago, one that chatters, one stale."""
    now, chance = datetime.now(UTC), random.Random(7)
    with site.connection() as connection:

        def asked(
            subject: str, at: datetime, severity: str, wait_s: float | None, desk: str = COUNTY
        ) -> None:
            number = add_alarm(
                connection, subject, at, severity=None, area=desk, state="normal",
                returned_at=at + timedelta(hours=2), closed_at=at + timedelta(hours=2),
            )  # fmt: skip
            connection.execute("update alarm set highest_severity = %s where id = %s", (severity, number))
            if wait_s is not None:
                connection.execute(
                    "insert into alarm_event (alarm, at, kind, state, actor) values (%s, %s, 'acknowledged', 'x', 'chen')",
                    (number, at + timedelta(seconds=wait_s)),
                )
            connection.execute(
                "insert into annunciation (alarm, asked_at, severity, title, text, line, hazard, desk, state, due_at)"
                " values (%s, %s, %s, 't', 't', 't', 'water', %s, 'past', %s)",
                (number, at, severity, desk, at),
            )

        for _ in range(260):
            severity = chance.choices(["red", "orange", "yellow", "blue"], [1, 3, 6, 10])[0]
            at = now - timedelta(days=chance.uniform(0.2, 29))
            asked(
                f"{chance.randint(1, 40)}号站",
                at,
                severity,
                chance.expovariate(1 / 240),
                chance.choice([COUNTY, TOWN]),
            )
        for number in range(40):
            asked(f"{number + 1}号站", now - timedelta(days=2, seconds=number * 25), "orange", 700 + number)
        for second in (0, 15, 30, 45):
            connection.execute(
                "insert into alarm_event (alarm, at, kind, state, actor) select max(id), %s, %s, 'x', 'x' from alarm",
                (now - timedelta(hours=5, seconds=second), "raised" if second % 30 else "returned"),
            )
        add_alarm(
            connection, "久未解除", now - timedelta(hours=60), hazard="equipment", severity=None, area=COUNTY
        )


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (1280, 800)], ids=["desk", "tablet"])
def test_it_tells_figures_with_their_limits(
    browser: Browser, site: Site, language: str, size: tuple[int, int]
) -> None:
    with visit(browser, site, "chen", size=size, language=language) as visitor:
        visitor.open("/kpi")
        page = visitor.page
        page.wait_for_selector("#kpi-chart .column")
        visitor.keep(f"kpi-{size[0]}-{language}")
        assert int(page.locator("#kpi-floods b").inner_text()) == 1
        heights = page.evaluate(
            "() => Array.from(document.querySelectorAll('#kpi-chart .column')).map(one => one.getBoundingClientRect().height)"
        )
        assert max(heights) > 100 and max(heights) > 10 * min(heights), "a column is as high as its number"
        assert page.locator("#kpi-top-list li").count() == 10
        expect(page.locator("#kpi-stale-list")).to_contain_text(
            "久未解除" if language == "zh" else "Alarm of 久未解除"
        )
        assert page.locator("#kpi-chattering-list li").count() >= 1
        assert page.locator("#kpi-answering-rows tr").count() == 5
        across = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert across <= 0
        visitor.clean()


@pytest.mark.usefixtures("month")
def test_another_time_and_another_desk_are_asked_anew(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/kpi")
        page = visitor.page
        page.wait_for_selector("#kpi-chart .column")
        page.click("#kpi-span [data-span=month]")
        expect(page.locator("#kpi-desks-rows tr")).to_have_count(2)
        page.select_option("#kpi-desk", TOWN)
        expect(page.locator("#kpi-desks-rows tr")).to_have_count(1)
        expect(page.locator("#kpi-rate .judged")).to_contain_text("目标 6")
        page.click("#kpi-span [data-span=own]")
        page.fill("#kpi-from", "2020-01-01")
        page.fill("#kpi-to", "2020-01-03")
        page.dispatch_event("#kpi-to", "change")
        expect(page.locator("#kpi-desks-rows")).to_contain_text("没有需要叫人的告警")
        visitor.keep("kpi-empty")
        page.fill("#kpi-from", "2020-02-01")
        page.dispatch_event("#kpi-from", "change")
        expect(page.locator("#kpi-none")).to_contain_text("请选择起止日期")
        visitor.clean()


@pytest.mark.usefixtures("month")
def test_it_is_taken_along_as_a_spreadsheet(browser: Browser, site: Site) -> None:
    with visit(browser, site, "town") as visitor:
        visitor.open("/kpi")
        visitor.page.wait_for_selector("#kpi-chart .column")
        with visitor.page.expect_download() as told:
            visitor.page.click("#kpi-csv")
        text = told.value.path().read_text("utf-8-sig")
        assert text.startswith("date,desk,alarms") and TOWN in text
        assert {line.split(",")[1] for line in text.splitlines()[1:]} == {TOWN}
