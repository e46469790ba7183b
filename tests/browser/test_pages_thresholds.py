"""Limits, rules and requests on their pages: what is missing is seen, relaxing takes two, a card is edited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from core.observations import Observation
from core.quality import Quality
from store import observations
from tests.browser.visit import Visit, visit
from tests.integration.serving import Site


@pytest.fixture(scope="module", autouse=True)
def year(site: Site) -> None:
    """A year of hourly levels at Z02 with five floods, so that a back-test has something to find."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    floods = {800: 2.7, 801: 3.4, 802: 2.8, 2500: 2.65, 4000: 3.0, 6100: 2.9, 6102: 2.7, 8000: 2.62}
    with site.connection() as connection:
        (series,) = connection.execute(
            "select id from series where station = 'Z02' and property = 'water_level' and exercise is null"
        ).fetchone() or (None,)
        assert series is not None
        batch = [
            Observation(
                series, now - timedelta(hours=8700 - n), floods.get(n, 1.4), Quality.GOOD, "", now, "test"
            )
            for n in range(8600)
        ]
        for start in range(0, len(batch), 2000):
            observations.store(connection, batch[start : start + 2000])
        connection.execute(
            "update threshold set set_by = 'lin', source = '县防汛防台应急预案 2025' where station = 'Z02'"
        )


def choose_station(visitor: Visit, name: str) -> Page:
    page = visitor.page
    visitor.open("/admin/thresholds")
    page.locator("#threshold-rows tr", has_text=name).first.click()
    expect(page.locator("#threshold-title")).to_contain_text(name)
    return page


@pytest.mark.parametrize("size", [(1920, 1080), (1180, 820)])
def test_missing_limits_are_seen_first_and_never_look_set(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    with visit(browser, site, "guest", size=size) as visitor:
        page = visitor.page
        visitor.open("/admin/thresholds")
        first = page.locator("#threshold-rows tr").first
        expect(first).to_contain_text("未设")
        expect(first.locator(".limit-chip.missing").first).to_be_visible()
        expect(page.locator("#threshold-found")).to_contain_text("阈值不全")
        page.click("#threshold-states [data-state='unset']")
        expect(page.locator("#threshold-rows tr", has_text="珠溪")).to_have_count(1)
        page.locator("#threshold-rows tr", has_text="珠溪").click()
        expect(page.locator("#threshold-doubts")).to_contain_text("不会告警")
        expect(page.locator("#threshold-new")).to_be_hidden()
        expect(page.locator(".limit-rows button:visible")).to_have_count(0)
        page.click("#threshold-states [data-state='all']")
        visitor.keep(f"thresholds-{size[0]}")
        page.fill("#threshold-search", "no such station")
        expect(page.locator("#threshold-none")).to_be_visible()
        visitor.clean()


def test_a_leader_lowers_a_limit_at_once_with_a_reason(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin", size=(1920, 1080)) as visitor:
        page = choose_station(visitor, "西溪")
        limit = page.locator("article.limit", has_text="黄").first
        limit.get_by_role("button", name="更改").click()
        page.fill("#ask-value", "2.55")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_be_visible()
        page.fill("#ask-reason", "河道淤积")
        page.click("#ask-go")
        expect(page.locator("#threshold-history")).to_contain_text("河道淤积")
        expect(page.locator("article.limit", has_text="2.55")).to_be_visible()
        visitor.clean()


def test_a_rule_that_has_no_limit_here_gets_one(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin", size=(1920, 1080)) as visitor:
        page = choose_station(visitor, "茅洋溪")
        page.locator("article.limit", has_text="该规则在本站没有阈值").last.get_by_role(
            "button", name="设定"
        ).click()
        page.fill("#ask-limit", "急涨")
        page.fill("#ask-value", "0.8")
        page.fill("#ask-source", "县预案")
        page.fill("#ask-reason", "首次设定")
        page.click("#ask-go")
        expect(page.locator("article.limit", has_text="急涨")).to_contain_text("0.80 m/h")
        visitor.clean()


def test_raising_is_tested_over_the_last_year_and_allowed_by_another(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin", size=(1920, 1080)) as visitor:
        page = choose_station(visitor, "西溪")
        page.locator("article.limit", has_text="黄").first.get_by_role("button", name="更改").click()
        page.fill("#ask-value", "2.95")
        page.fill("#ask-reason", "堤防加固后复核")
        visitor.keep("thresholds-edit")
        page.click("#ask-go")
        expect(page.locator("#propose-go")).to_be_enabled(timeout=40_000)
        expect(page.locator("dialog .gone")).to_contain_text("不再告警")
        expect(page.locator("dialog .months")).to_be_visible()
        page.wait_for_timeout(200)
        visitor.keep("thresholds-propose")
        page.click("#propose-go")
        expect(page.locator("#notices")).to_contain_text("待第二人复核")
        expect(page.locator("#request-strip")).to_contain_text("lin提出")
        expect(page.locator("article.limit", has_text="2.55")).to_be_visible()
        visitor.clean()
    with visit(browser, site, "wang", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/requests")
        page.locator("#request-rows li", has_text="西溪").first.click()
        expect(page.locator("#request-detail")).to_contain_text("2.55 m → 2.95 m")
        expect(page.locator("#request-detail")).to_contain_text("堤防加固后复核")
        expect(page.locator("#request-detail .gone")).to_be_visible()
        visitor.keep("requests")
        page.click("#request-approve")
        expect(page.locator("dialog .what")).to_contain_text("通知本区域全部指挥长")
        page.click("#ask-go")
        expect(page.locator("#request-detail")).to_contain_text("已同意")
        visitor.clean()
    with site.connection() as connection:
        found = connection.execute(
            "select value, set_by, second_person from threshold"
            " where station = 'Z02' and name = 'warning' and replaced_at is null"
        ).fetchone()
    assert found == (2.95, "lin", "wang")


def test_who_proposed_may_take_it_back_and_not_allow_it(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin") as visitor:
        page = choose_station(visitor, "茅洋溪")
        page.locator("article.limit", has_text="橙").first.get_by_role("button", name="取消").click()
        page.fill("#ask-reason", "<img src=x onerror='window.anlanHurt=1'>")
        page.click("#ask-go")
        expect(page.locator("#propose-go")).to_be_enabled(timeout=40_000)
        page.click("#propose-go")
        visitor.open("/requests")
        page.locator("#request-rows li", has_text="茅洋溪").first.click()
        expect(page.locator("#request-detail")).to_contain_text("onerror")
        expect(page.locator("#request-approve")).to_have_count(0)
        page.click("#request-refuse")
        page.click("#ask-go")
        expect(page.locator("#request-detail")).to_contain_text("已拒绝")
        assert page.evaluate("() => window.anlanHurt === undefined")
        visitor.clean()


def test_a_back_test_of_a_station_and_of_a_rule_is_drawn(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        page = choose_station(visitor, "西溪")
        page.click("#backtest-run")
        expect(page.locator("#threshold-backtest table.figures")).to_be_visible(timeout=40_000)
        assert page.locator("#threshold-backtest .months rect.block").count() >= 2
        visitor.keep("thresholds-backtest")
        visitor.open("/admin/rules")
        page.locator("#rule-rows li", has_text="river_level").first.click()
        page.click("#backtest-run")
        expect(page.locator("#rule-backtest table.figures")).to_contain_text("值班负荷", timeout=40_000)
        page.locator("#rule-rows li", has_text="silence_station").first.click()
        page.click("#backtest-run")
        expect(page.locator("#rule-backtest table.figures")).to_contain_text("至多", timeout=40_000)
        expect(page.locator("#rule-backtest")).to_contain_text("未重演")
        page.locator("#rule-backtest").scroll_into_view_if_needed()
        visitor.keep("rules-backtest-silence")
        visitor.clean()


@pytest.mark.parametrize(
    ("size", "language", "hides", "by"),
    [
        ((1920, 1080), "zh", "存在时抑制：", "被抑制于："),
        ((1180, 820), "en", "Hides while it stands:", "Is hidden by:"),
    ],
)
def test_a_rule_tells_what_it_hides_and_what_hides_it(
    browser: Browser, site: Site, size: tuple[int, int], language: str, hides: str, by: str
) -> None:
    with visit(browser, site, "guest", size=size, language=language) as visitor:
        visitor.open("/admin/rules?rule=silence_station")
        listed = visitor.page.locator("#rule-hiding")
        expect(listed).to_contain_text(hides)
        expect(listed).to_contain_text(by)
        listed.scroll_into_view_if_needed()
        visitor.keep(f"rules-hiding-{size[0]}")
        visitor.clean()


@pytest.mark.parametrize(("size", "language"), [((1920, 1080), "zh"), ((1180, 820), "en")])
def test_a_card_is_edited_and_its_old_version_stays(
    browser: Browser, site: Site, size: tuple[int, int], language: str
) -> None:
    text = f"Patrol the dike at once {size[0]}"
    with visit(browser, site, "lin", size=size, language=language) as visitor:
        page = visitor.page
        visitor.open("/admin/rules")
        page.locator("#rule-rows li", has_text="sluice_level").first.click()
        expect(page.locator("#card-en-action")).not_to_have_value("")
        expect(page.locator("#rule-save")).to_be_hidden()
        page.fill("#card-en-action", text)
        visitor.keep(f"rules-{size[0]}")
        page.click("#rule-save")
        page.fill("#ask-reason", "yearly review")
        page.click("#ask-go")
        expect(page.locator("#rule-versions")).to_contain_text("yearly review")
        expect(page.locator("#card-en-action")).to_have_value(text)
        visitor.clean()


def test_switching_a_rule_off_is_proposed_and_terms_must_be_json(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin") as visitor:
        page = visitor.page
        visitor.open("/admin/rules")
        page.locator("#rule-rows li", has_text="tide_level").first.click()
        expect(page.locator("#rule-title")).not_to_be_empty()
        page.fill("#rule-terms", "{nonsense")
        page.click("#rule-save")
        expect(page.locator("#notices .fault")).to_contain_text("JSON")
        page.click("#rule-discard")
        page.select_option("#rule-active", "no")
        page.click("#rule-save")
        expect(page.locator("dialog .what")).to_contain_text("停用规则")
        page.fill("#ask-reason", "试")
        page.click("#ask-go")
        expect(page.locator("#notices")).to_contain_text("待第二人复核")
        with site.connection() as connection:
            found = connection.execute("select active from rule where code = 'tide_level'").fetchone()
        assert found == (True,)
        visitor.clean()


def test_a_viewer_reads_rules_and_changes_nothing(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest", language="en") as visitor:
        page = visitor.page
        visitor.open("/admin/rules")
        page.locator("#rule-rows li", has_text="river_level").first.click()
        expect(page.locator("#card-zh-cause")).to_have_attribute("readonly", "")
        expect(page.locator("#rule-active")).to_be_disabled()
        visitor.open("/requests")
        expect(page.locator("#request-rows li").first).to_be_visible()
        visitor.clean()


@pytest.mark.parametrize(("size", "language"), [((1920, 1080), "zh"), ((1180, 820), "en")])
def test_what_hides_a_rule_is_proposed_shortened_and_switched_off(
    browser: Browser, site: Site, size: tuple[int, int], language: str
) -> None:
    with visit(browser, site, "lin", size=size, language=language) as visitor:
        page = visitor.page
        visitor.open("/admin/rules?rule=device")
        row = page.locator("#rule-hiding li").first
        row.scroll_into_view_if_needed()
        rows = page.locator("#rule-hiding li").count()
        row.locator("[data-act=change]").click()
        page.fill("#ask-minutes", "3" if language == "zh" else "2")
        page.fill("#ask-reason", f"shorter {size[0]}")
        visitor.keep(f"rules-hiding-ask-{size[0]}")
        page.click("#ask-go")
        expect(page.locator("#rule-hiding-history li").first).to_contain_text(f"shorter {size[0]}")
        page.click("#rule-hide")
        page.select_option("#ask-source", "silence_station" if language == "zh" else "link_sms")
        page.fill("#ask-reason", f"proposed {size[0]}")
        page.click("#ask-go")
        expect(page.locator("#notices")).to_contain_text(
            "待第二人复核" if language == "zh" else "second person"
        )
        expect(page.locator("#rule-hiding li")).to_have_count(rows)
        page.locator("#rule-hiding li").first.locator("[data-act=end]").click()
        page.fill("#ask-reason", f"ended {size[0]}")
        page.click("#ask-go")
        expect(page.locator("#rule-hiding li")).to_have_count(rows - 1)
        expect(page.locator("#rule-hiding-history li").first).to_contain_text(f"ended {size[0]}")
        visitor.keep(f"rules-hiding-changed-{size[0]}")
        visitor.open("/requests")
        page.locator("#request-rows li", has_text=f"proposed {size[0]}").first.click()
        expect(page.locator("#request-detail")).to_contain_text("抑制" if language == "zh" else "hides")
        visitor.keep(f"requests-hiding-{size[0]}")
        visitor.clean()


def test_who_may_not_change_rules_only_reads_what_hides_what(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest") as visitor:
        visitor.open("/admin/rules?rule=camera")
        expect(visitor.page.locator("#rule-hiding")).to_contain_text("被抑制于")
        expect(visitor.page.locator("#rule-hide")).to_be_hidden()
        expect(visitor.page.locator("#rule-hiding button:visible")).to_have_count(0)
        visitor.clean()
