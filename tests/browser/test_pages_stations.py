"""The list of stations and one station's page: found, sorted, drawn; values corrected in two steps; files."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import Visit, visit
from tests.integration.serving import Site


@pytest.fixture(scope="module", autouse=True)
def seasoned(site: Site) -> None:
    """Rolled-up history of one station, and limits with a season."""
    with site.connection() as connection:
        connection.execute(
            "insert into rollup_day (series, bucket, readings, usable, suspect, bad, missing, late, revised,"
            " low, low_at, high, high_at, mean)"
            " select series.id, day, 288, 288, 0, 0, 0, 0, 0, 2 + random(), day, 3 + random(), day, 2.9"
            " from series, generate_series(date_trunc('day', now(), 'UTC') - interval '300 days',"
            " date_trunc('day', now(), 'UTC'), interval '1 day') as day where station = 'Z01'"
        )


def opened(visitor: Visit, code: str, search: str = "") -> Page:
    visitor.open(f"/stations/{code}{search}")
    visitor.page.wait_for_selector("#picture-station .main-svg", state="attached")
    visitor.page.wait_for_selector("#value-rows tr")
    return visitor.page


def value_of(site: Site, station: str, time: str) -> tuple[object, ...]:
    with site.connection() as connection:
        found = connection.execute(
            "select value, quality, reason, by_user from observation join series on series.id = series"
            " where station = %s and property = 'water_level' and time = %s",
            (station, time),
        ).fetchone()
    assert found is not None
    return tuple(found)


@pytest.mark.parametrize(
    ("sizes", "language"), [(((1920, 1080), (1280, 800)), "zh"), (((1280, 800), (1024, 768)), "en")]
)
def test_both_pages_are_whole_on_wall_desk_and_tablet(
    browser: Browser, site: Site, sizes: tuple[tuple[int, int], ...], language: str
) -> None:
    with visit(browser, site, "chen", size=sizes[0], language=language) as visitor:
        page = visitor.page
        visitor.open("/stations")
        page.wait_for_selector("#station-rows tr")
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            across = page.locator(".order-list .scroll").evaluate("e => e.scrollWidth - e.clientWidth")
            assert across <= 0, "no column is cut off"
            visitor.whole(f"stations-{language}-{width}")
        opened(visitor, "Z04")
        page.locator("#value-rows tr").first.click()
        page.wait_for_selector("#value-past li time")
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            visitor.whole(f"station-{language}-{width}")
        visitor.clean()


def test_stations_are_sought_filtered_and_sorted(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest") as visitor:
        visitor.open("/stations")
        page = visitor.page
        rows = page.locator("#station-rows tr")
        expect(page.locator("[data-station='Z04'] .pill")).to_contain_text("待核实")
        expect(page.locator("[data-station='Z03'] .pill")).to_have_text("未设阈值")
        expect(page.locator("[data-station='R02'] .pill")).to_have_text("数据过时")
        total = rows.count()
        page.select_option("#station-kind", "RR")
        expect(rows).to_have_count(2)
        page.fill("#station-search", "白岩")
        expect(rows).to_have_count(1)
        page.fill("#station-search", "")
        page.select_option("#station-kind", "")
        page.click("[data-state='suspect']")
        expect(page.locator("[data-station='Z04']")).to_be_visible()
        assert rows.count() < total
        page.click("[data-state='all']")
        page.click("[data-sort='value']")
        expect(rows.first).to_have_attribute("data-station", "R01")
        page.click("[data-sort='value']")
        expect(page.locator("th.col-value")).to_have_attribute("aria-sort", "ascending")
        page.click("[data-station='Z01'] a")
        expect(page.locator("#station-head h2")).to_have_text("南大河中游")
        visitor.clean()


def test_a_doubtful_value_is_voided_in_two_steps_and_taken_back(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = opened(visitor, "Z02")
        page.click("[data-tab='verify']")
        page.locator("#list-verify button").first.click()
        row = page.locator("#value-rows tr.current")
        expect(row).to_have_count(1)
        at = str(row.get_attribute("data-time"))
        expect(page.locator("#value-restore")).to_be_disabled()

        page.click("#value-void")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_have_text("请填写原因")
        page.fill("#ask-reason", "=树枝碰到探头")
        page.click("#ask-go")
        expect(page.locator("dialog .what")).to_contain_text("3.90 m 可疑　→　3.90 m 人工作废")
        assert value_of(site, "Z02", at)[:2] == (3.9, 3), "the first step does nothing yet"
        page.click("#ask-go")
        expect(row.locator(".voided-value")).to_have_text("3.90 m")
        assert value_of(site, "Z02", at) == (3.9, 4, "voided", "chen")
        expect(page.locator("#value-past")).to_contain_text("=树枝碰到探头")
        visitor.until("document.querySelector('#picture-station .js-plotly-plot').data.some("
                      "trace => trace.marker && trace.marker.symbol === 'x-thin')")  # fmt: skip
        visitor.keep("station-voided")

        page.click("[data-tab='acts']")
        page.locator("#list-acts button").first.click()
        page.fill("#ask-reason", "核实后恢复")
        page.click("#ask-go")
        page.click("#ask-go")
        expect(page.locator("#list-acts li")).to_have_count(2)
        assert value_of(site, "Z02", at) == (3.9, 3, "", None)
        visitor.clean()


def test_a_range_is_shifted_after_its_every_value_was_shown(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = opened(visitor, "R01")
        rows = page.locator("#value-rows tr")
        late, early = (str(rows.nth(n).get_attribute("data-time")) for n in (10, 12))
        before = value_of(site, "R01", early)[0]
        assert isinstance(before, float)
        rows.nth(10).click()
        rows.nth(12).click(modifiers=["Shift"])
        expect(page.locator("#chosen")).to_contain_text("3 个数值")
        page.click("#value-correct")
        page.fill("#ask-number", "-0.5")
        page.fill("#ask-reason", "基面高程有误")
        page.click("#ask-go")
        expect(page.locator("dialog h2")).to_have_text("更正：3 个数值中的 3 个")
        page.click("#ask-go")
        expect(page.locator("#value-rows tr.by-person")).to_have_count(3)
        assert value_of(site, "R01", early)[:3] == (round(before - 0.5, 6), 1, "corrected")
        assert value_of(site, "R01", late)[3] == "chen"
        visitor.clean()


def test_who_is_second_sees_what_holds_now(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as first, visit(browser, site, "lin") as second:
        pages = [opened(visitor, "D01") for visitor in (first, second)]
        at = str(pages[0].locator("#value-rows tr").nth(3).get_attribute("data-time"))
        for page in pages:
            page.locator(f"#value-rows tr[data-time='{at}']").click()
            page.click("#value-correct")
            page.fill("#ask-number", "1.11")
            page.fill("#ask-reason", "人工水尺")
            page.click("#ask-go")
            expect(page.locator("dialog .what")).to_contain_text("1.11 m")
        for page in pages:
            page.click("#ask-go")
            page.wait_for_timeout(400)
        expect(pages[1].locator(".notices")).to_contain_text("数据已被他人改动")
        expect(pages[1].locator(".notices")).to_contain_text("1.11 m")
        assert value_of(site, "D01", at)[3] == "chen"
        second.faults = [fault for fault in second.faults if "409" not in fault]
        first.clean()
        second.clean()


def test_a_correction_by_somebody_else_arrives_and_nothing_jumps(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest", size=(1920, 1080)) as watcher:
        page = opened(watcher, "Z01")
        page.evaluate("() => { document.querySelector('#pane-values').scrollTop = 400; }")
        page.wait_for_timeout(300)
        at = str(page.locator("#value-rows tr").nth(20).get_attribute("data-time"))
        top = page.locator(f"#value-rows tr[data-time='{at}']").bounding_box()
        client = site.signed_in("chen")
        body = {"station": "Z01", "property": "water_level", "from": at, "to": at}
        stamp = client.post("/api/v1/observations/preview", json=body | {"act": "void"}).json()["stamp"]
        done = client.post("/api/v1/observations/void", json=body | {"seen": stamp, "reason": "试"})
        assert done.status_code == 200, done.text
        expect(page.locator(f"#value-rows tr[data-time='{at}'] .voided-value")).to_be_visible(timeout=15_000)
        assert page.locator(f"#value-rows tr[data-time='{at}']").bounding_box() == top
        watcher.clean()


@pytest.mark.parametrize("user", ["guest", "town"])
def test_who_may_not_correct_has_no_way_to(browser: Browser, site: Site, user: str) -> None:
    with visit(browser, site, user) as visitor:
        if user == "guest":
            page = opened(visitor, "Z04")
            page.locator("#value-rows tr").first.click()
            expect(page.locator("#value-past li").first).to_contain_text("设备上报")
            assert page.locator("#value-void, #value-correct, #value-confirm, #value-restore").count() == 0
        else:
            visitor.page.goto(f"{visitor.url}/stations/Z04")
            expect(visitor.page.locator(".empty strong")).to_have_text("没有这个测站")
    client = site.signed_in(user)
    now = datetime.now(UTC)
    body = {
        "station": "Z04", "act": "void", "property": "water_level",
        "from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat(),
    }  # fmt: skip
    refused = client.post("/api/v1/observations/preview", json=body)
    assert refused.status_code == (403 if user == "guest" else 404)


def test_a_year_is_drawn_from_its_days_and_files_hold_what_is_shown(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest", size=(1920, 1080)) as visitor:
        page = opened(visitor, "Z01")
        page.click("[data-hours='8760']")
        visitor.until(
            "document.querySelector('#picture-station .js-plotly-plot').data.some(trace => trace.fill === 'tonexty')"
        )
        expect(page.locator("#legend-rollup")).to_be_visible()
        visitor.keep("station-year")
        page.click("[data-hours='6']")
        visitor.until(
            "document.querySelector('#picture-station .js-plotly-plot').data.every(trace => trace.fill !== 'tonexty' || trace.hoverinfo === 'skip')"
        )
        with page.expect_download() as picture:
            page.click("#export-png")
        assert picture.value.path().read_bytes().startswith(b"\x89PNG")
        with page.expect_download() as workbook:
            page.click("#export-xlsx")
        sheet = load_workbook(io.BytesIO(workbook.value.path().read_bytes())).active
        assert sheet is not None
        head, *lines = sheet.iter_rows(values_only=True)
        assert head[:3] == ("测站编码", "站名", "要素") and len(lines) == 72
        visitor.clean()


def test_a_station_that_is_silent_and_without_limits_says_both(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest") as visitor:
        visitor.open("/stations/Z03")
        visitor.page.click("[data-tab='limits']")
        expect(visitor.page.locator("#list-limits")).to_contain_text("未设不等于正常")
        visitor.open("/stations/P99")
        expect(visitor.page.locator("#value-none")).to_be_visible()
        visitor.open("/stations/Z01")
        visitor.page.click("[data-tab='limits']")
        expect(visitor.page.locator("#list-limits")).to_contain_text("第 1 版")
        visitor.page.click("[data-tab='alarms']")
        expect(visitor.page.locator("#list-alarms .course li").first).to_be_visible()
        visitor.keep("station-alarms")
        visitor.clean()


def test_in_an_exercise_nothing_real_is_shown(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        visitor.open("/stations/Z01?exercise=drill-1")
        expect(visitor.page.locator(".drill-band")).to_be_visible()
        expect(visitor.page.locator("#station-head")).to_contain_text("该站尚未上报数据")
        expect(visitor.page.locator("#value-none")).to_have_text("该站尚未上报数据")
        assert visitor.page.locator("#value-rows tr").count() == 0
        visitor.clean()
