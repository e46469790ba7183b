"""Reports from the field on a tablet, and the decision of what is to be verified on the desk."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, expect

from tests.browser.visit import Visit, visit
from tests.integration.serving import Site

TABLET = (1280, 800)
UPRIGHT = (800, 1280)
HALL = (1920, 1080)


@pytest.fixture(scope="module", autouse=True)
def people(site: Site) -> None:
    site.add_user("field", "field", area="330225004")


def _noise() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((1600, 1200), 80).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


PHOTO: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": _noise()}


def write(visitor: Visit, kind: str, *, place: str = "东堤 2+300", text: str = "") -> None:
    page = visitor.page
    page.click("#report-new")
    page.click(f"[data-kind='{kind}']")
    page.fill("#report-place", place)
    page.fill("#report-text", text)


def test_a_danger_is_reported_in_a_few_touches_with_a_picture(browser: Browser, site: Site) -> None:
    with visit(browser, site, "field", size=TABLET) as visitor:
        page = visitor.page
        visitor.open("/reports")
        expect(page.locator("#reports-none")).to_contain_text("没有未解除的险情")
        visitor.whole("reports-empty")
        write(visitor, "piping", text="堤脚冒浑水，<b>约 2 米</b>")
        expect(page.locator("[data-severity='orange']")).to_have_attribute("aria-pressed", "true")
        page.set_input_files("#report-files", [PHOTO])
        expect(page.locator("#report-photos img")).to_have_count(1)
        for button in ("#report-kinds button", "#report-colours button", "#report-locate", "#report-send"):
            box = page.locator(button).first.bounding_box()
            assert box is not None
            assert box["height"] >= 60, button
        page.locator("#report-form").evaluate("e => e.scrollTop = 0")
        visitor.whole("reports-form-tablet")
        page.click("#report-send")
        expect(page.locator("#report-detail h2")).to_contain_text("管涌")
        expect(page.locator("#report-detail .report-text")).to_have_text("堤脚冒浑水，<b>约 2 米</b>")
        expect(page.locator("#report-pictures img")).to_have_count(1)
        visitor.until("document.querySelector('#report-pictures img').naturalWidth > 0")
        expect(page.locator("#report-rows li")).to_have_count(1)
        visitor.whole("reports-detail-tablet")
        expect(page.locator("#report-close")).to_be_hidden()
        visitor.clean()
    with site.connection() as connection:
        found = connection.execute("select kind, severity, area, place, reported_by from report").fetchall()
    assert found == [("piping", "orange", "330225004", "东堤 2+300", "field")]


def test_what_looks_the_same_is_asked_for_and_joined(browser: Browser, site: Site) -> None:
    with visit(browser, site, "field", size=UPRIGHT) as visitor:
        page = visitor.page
        visitor.open("/reports")
        write(visitor, "piping", place="东堤", text="又一处")
        visitor.whole("reports-form-upright")
        page.click("#report-send")
        expect(page.locator("dialog .what")).to_contain_text("同一处请并入")
        visitor.keep("reports-similar")
        page.click("#ask-go")
        expect(page.locator("#report-joined-box")).to_contain_text("另有 1 条")
        # The browser itself writes the refusal into its console: that is the only line there.
        assert [fault for fault in visitor.faults if "409" not in fault] == []
    with site.connection() as connection:
        joined = connection.execute("select count(*) from report where joined_to is not null").fetchone()
    assert joined == (1,)


def test_a_report_without_kind_or_place_says_what_is_missing(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=TABLET) as visitor:
        page = visitor.page
        visitor.open("/reports?new=1")
        page.click("#report-send")
        expect(page.locator("#report-fault")).to_have_text("请先选择险情种类")
        page.click("[data-kind='crack']")
        page.click("#report-send")
        expect(page.locator("#report-fault")).to_have_text("请定位或选择地点")
        page.select_option("#report-area", "330225004")
        page.click("#report-cancel")
        visitor.clean()


def test_the_position_of_the_tablet_is_taken(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=TABLET) as visitor:
        page = visitor.page
        page.context.grant_permissions(["geolocation"], origin=site.url)
        page.context.set_geolocation({"latitude": 29.46, "longitude": 121.86, "accuracy": 12})
        visitor.open("/reports?new=1")
        page.click("#report-locate")
        expect(page.locator("#report-position")).to_have_text("已定位 29.46000, 121.86000，误差 12 米")
        page.click("[data-kind='road_cut']")
        page.click("[data-severity='blue']")
        page.click("#report-send")
        expect(page.locator("#report-detail")).to_contain_text("29.46000, 121.86000 ±12 m")
        visitor.clean()
    with site.connection() as connection:
        found = connection.execute(
            "select severity, lon, lat, accuracy_m from report where kind = 'road_cut'"
        )
        assert found.fetchone() == ("blue", 121.86, 29.46, 12)


def test_notes_corrections_and_the_end_by_the_leader(browser: Browser, site: Site) -> None:
    with visit(browser, site, "lin", size=HALL) as visitor:
        page = visitor.page
        visitor.open("/reports")
        page.locator("#report-rows li", has_text="管涌").last.locator("button").click()
        expect(page.locator("#report-detail h2")).to_contain_text("管涌")
        page.click("#report-note")
        page.fill("#ask-text", "导滤料已到")
        page.click("#ask-go")
        expect(page.locator("#report-events")).to_contain_text("导滤料已到")
        page.click("#report-edit")
        page.select_option("#ask-severity", "red")
        page.click("#ask-go")
        expect(page.locator("#report-events")).to_contain_text("级别 橙 → 红")
        visitor.whole("reports-hall")
        page.click("#report-close")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_be_visible()
        page.fill("#ask-reason", "已出清水")
        page.click("#ask-go")
        expect(page.locator("#report-detail .pill")).to_have_text("险情解除")
        page.click("[data-view='all']")
        expect(page.locator("#report-rows li.closed")).to_have_count(2)
        visitor.clean()


def test_a_viewer_reads_and_reports_nothing(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest", size=TABLET, language="en") as visitor:
        page = visitor.page
        visitor.open("/reports")
        page.click("[data-view='all']")
        page.locator("#report-rows button").first.click()
        expect(page.locator("#report-detail h2")).to_be_visible()
        for act in ("#report-new", "#report-note", "#report-edit", "#report-close"):
            expect(page.locator(act)).to_be_hidden()
        visitor.whole("reports-en")
        visitor.clean()


def test_the_desk_and_the_report_lead_to_each_other(browser: Browser, site: Site) -> None:
    with site.connection() as connection:
        report = connection.execute("select id from report where kind = 'road_cut'").fetchone()
        assert report is not None
        alarm = connection.execute(
            "insert into alarm (class, subject_kind, subject, area, rule, rule_version, state, severity, highest_severity,"
            " raised_at, observed_at, title) values ('report', 'report', %s, '330225004', 'field_report', 1,"
            " 'unacknowledged', 'blue', 'blue', now(), now(), '{\"zh\": \"石浦镇道路中断险情\", \"en\": \"Road cut\"}')"
            " returning id",
            (str(report[0]),),
        ).fetchone()
        assert alarm is not None
    with visit(browser, site, "chen", size=HALL) as visitor:
        page = visitor.page
        visitor.open(f"/?alarm={alarm[0]}")
        expect(page.locator("#detail h2")).to_contain_text("道路中断")
        visitor.whole("desk-report")
        page.click("#detail-report")
        expect(page.locator("#report-detail h2")).to_contain_text("道路中断")
        expect(page.locator("#report-alarm")).to_have_attribute("href", f"/?alarm={alarm[0]}")
        visitor.clean()


@pytest.fixture
def doubtful(site: Site) -> Iterator[int]:
    """A doubtful reading of Z02 beyond its limit, and the alarm that stands for it."""
    now = datetime.now(UTC)
    with site.connection() as connection:
        found = connection.execute(
            "select id from series where station = 'Z02' and property = 'water_level'"
        ).fetchone()
        assert found is not None
        connection.execute(
            "insert into observation (series, time, value, quality, reason, received_at, source)"
            " values (%s, %s, 9.87, 4, 'rises_fast', %s, 'test') on conflict do nothing",
            (found[0], now - timedelta(seconds=50), now),
        )
        number = connection.execute(
            "insert into alarm (class, subject_kind, subject, station, property, area, rule, rule_version, state, severity,"
            " highest_severity, called_severity, to_verify, raised_at, observed_at, reached_from, value, threshold,"
            " threshold_name) select 'water', 'station', 'Z02', 'Z02', 'water_level', area, 'river_level', 1,"
            " 'unacknowledged', 'orange', 'orange', 'orange', true, %(now)s, %(at)s, %(at)s, 9.87, 3.2, 'guarantee'"
            " from station where code = 'Z02' returning id",
            {"now": now, "at": now - timedelta(seconds=50)},
        ).fetchone()
        assert number is not None
        connection.execute(
            "insert into alarm_event (alarm, at, kind, state, severity, value, threshold, actor, detail) values"
            " (%s, %s, 'raised', 'unacknowledged', 'orange', 9.87, 3.2, 'rule:river_level v1', '{\"to_verify\": true}')",
            (number[0], now),
        )
    yield int(number[0])
    with site.connection() as connection:
        connection.execute("update alarm set closed_at = now(), state = 'normal' where id = %s", number)


@pytest.mark.parametrize("size", [HALL, TABLET], ids=["hall", "tablet"])
def test_the_duty_officer_decides_beside_neighbours_rain_and_picture(
    browser: Browser, site: Site, doubtful: int, size: tuple[int, int]
) -> None:
    with visit(browser, site, "chen", size=size) as visitor:
        page = visitor.page
        visitor.open(f"/?alarm={doubtful}")
        box = page.locator("#detail-verify")
        expect(box).to_be_visible()
        expect(page.locator("#verify-readings li.doubtful")).to_have_count(1)
        expect(page.locator("#verify-readings")).to_contain_text("9.87 m")
        assert page.locator("#verify-neighbours li").count() >= 2
        assert page.locator("#verify-rain li").count() >= 2
        expect(page.locator("#verify-head")).to_contain_text(re.compile(r"04:[0-5][0-9] 后呼叫带班领导"))
        page.wait_for_timeout(1200)
        visitor.whole(f"verify-{size[0]}")
        page.click("#verify-false")
        expect(page.locator("dialog .what")).to_contain_text("1 个可疑读数作废")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_be_visible()
        page.fill("#ask-reason", "现场水位正常，浮子卡住")
        page.click("#ask-go")
        with site.connection() as connection:
            visitor.until(f"!document.querySelector('.alarm[data-alarm=\"{doubtful}\"].unacknowledged')")
            kept = connection.execute(
                "select quality, reason from observation where value = 9.87 order by time desc limit 1"
            ).fetchone()
        assert kept == (4, "voided")
        visitor.clean()


def test_true_takes_the_mark_off(browser: Browser, site: Site, doubtful: int) -> None:
    with visit(browser, site, "chen", size=HALL, language="en") as visitor:
        page = visitor.page
        visitor.open(f"/?alarm={doubtful}")
        page.wait_for_timeout(1200)
        visitor.whole("verify-en")
        page.click("#verify-true")
        page.fill("#ask-reason", "seen on site")
        page.click("#ask-go")
        expect(page.locator("#detail-verify")).to_be_hidden()
        expect(page.locator("#detail-events")).to_contain_text("seen on site")
        visitor.clean()
