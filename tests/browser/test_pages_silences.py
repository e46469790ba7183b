"""The silences' page: what would be muted is seen first; red waits for a second person; ended in two steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.integration.serving import Site


@pytest.fixture(scope="module", autouse=True)
def absent(site: Site) -> None:
    """A station that is out of service."""
    now = datetime.now(UTC)
    with site.connection() as connection:
        connection.execute(
            "insert into service_absence (kind, subject, area, starts, until, reason, by_user, second)"
            " select 'station', code, area, %s, %s, '更换水位计', 'lin', 'wang' from station where code = 'Z03'",
            (now - timedelta(hours=1), now + timedelta(hours=3)),
        )


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
def test_a_silence_is_seen_before_it_is_made_and_ended_in_two_steps(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    with visit(browser, site, "chen", size=size) as visitor:
        page = visitor.page
        visitor.open("/silences")
        expect(page.locator("#silence-none")).to_contain_text("没有静默")
        expect(page.locator("#absence-rows li")).to_contain_text("更换水位计")
        page.fill("#silence-reason", "检修水尺")
        expect(page.locator("#silence-make")).to_be_disabled()
        page.click("#silence-look")
        expect(page.locator("#silence-fault")).to_contain_text("至少选择")
        page.select_option("#silence-hazard", "water")
        page.click("#silence-look")
        expect(page.locator("#silence-count")).to_contain_text("将静默")
        muted = page.locator("#silence-muted li").count()
        assert muted > 0
        page.select_option("#silence-hazard", "tide")
        expect(page.locator("#silence-make")).to_be_disabled()
        page.select_option("#silence-hazard", "water")
        page.click("#silence-look")
        expect(page.locator("#silence-make")).to_be_enabled()
        visitor.whole(f"silences-preview-{size[0]}")
        page.click("#silence-make")
        row = page.locator("#silence-rows li")
        expect(row).to_contain_text(f"正在静默 {muted} 条")
        expect(row).to_contain_text("chen")
        visitor.whole(f"silences-{size[0]}")
        row.locator("button.end").click()
        expect(page.locator("dialog .what")).to_contain_text("重新呼叫")
        page.click("#ask-go")
        expect(page.locator("#silence-rows li")).to_have_count(0)
        page.click("#silences-shown [data-shown='all']")
        expect(page.locator("#silence-rows li").first).to_contain_text("chen 于")
        visitor.clean()


def test_red_becomes_a_request_and_a_viewer_only_looks(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin", language="en") as visitor:
        page = visitor.page
        visitor.open("/silences")
        page.select_option("#silence-hazard", "tide")
        page.select_option("#silence-most", "red")
        expect(page.locator("#silence-red")).to_be_visible()
        page.fill("#silence-reason", "gauge under repair")
        page.click("#silence-look")
        page.click("#silence-make")
        expect(page.locator("#silence-made a")).to_have_attribute("href", "/requests?request=1")
        expect(page.locator("#silence-rows li")).to_have_count(0)
        visitor.keep("silences-request")
        visitor.clean()
    with visit(browser, site, "guest") as visitor:
        visitor.open("/silences")
        expect(visitor.page.locator("#silence-denied")).to_be_visible()
        expect(visitor.page.locator("button.end")).to_have_count(0)
        visitor.clean()


def test_a_silence_in_an_exercise_mutes_nothing_real(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        visitor.open("/silences?exercise=drill-1")
        expect(page.locator(".drill-band")).to_contain_text("夏季演练")
        page.select_option("#silence-hazard", "water")
        page.fill("#silence-reason", "演练静默")
        page.click("#silence-look")
        expect(page.locator("#silence-count")).to_contain_text("没有")
        page.click("#silence-make")
        expect(page.locator("#silence-rows li")).to_contain_text("演练静默")
        visitor.keep("silences-exercise")
        visitor.open("/silences")
        expect(page.locator("#silence-none")).to_contain_text("没有静默")
        visitor.open("/silences?exercise=drill-1")
        page.locator("#silence-rows button.end").click()
        page.click("#ask-go")
        expect(page.locator("#silence-rows li")).to_have_count(0)
        visitor.clean()
    with site.connection() as connection:
        made = connection.execute("select exercise from silence where reason = '演练静默'").fetchall()
    assert made == [("drill-1",)]


def test_out_of_service_is_ended_early_in_two_steps(browser: Browser, site: Site) -> None:
    def absent() -> tuple[bool, str | None]:
        with site.connection() as connection:
            found = connection.execute("select ended_at is null, ended_by from service_absence").fetchone()
        assert found is not None
        return bool(found[0]), found[1]

    with visit(browser, site, "chen", size=(1024, 768)) as visitor:
        page = visitor.page
        visitor.open("/silences")
        page.locator("#absence-rows button.end").click()
        page.click("#ask-cancel")
        assert absent() == (True, None), "the first step does nothing"
        page.locator("#absence-rows button.end").click()
        page.click("#ask-go")
        expect(page.locator("#absence-rows li")).to_have_count(0)
        expect(page.locator("#absence-none")).to_be_visible()
        visitor.clean()
    assert absent() == (False, "chen")
