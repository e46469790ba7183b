"""The weather: warnings on every page, pictures over the map by time, tracks; live, and apart from exercises."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from core.severity import Severity
from core.typhoons import Typhoon, TyphoonFix, WindCircle
from core.warnings import MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from store import typhoons, warnings, weather_images
from tests.browser.visit import Visit, visit
from tests.integration.serving import Site

RING = ((29.0, 121.6), (29.0, 122.1), (29.6, 122.1), (29.6, 121.6), (29.0, 121.6))
HOSTILE = "<img src=x onerror=alert(1)>"


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def message(
    name: str, event: str, colour: Severity, who: str, *, ago_min: float = 10, life: timedelta = timedelta(hours=3),
    kind: MessageType = MessageType.ALERT, refers: str | None = None, headline: str = "",
) -> WarningMessage:  # fmt: skip
    sent = now() - timedelta(minutes=ago_min)
    info = WarningInfo(
        event, "zh-CN", colour=colour, expires=sent + life, sender_name=who, headline=headline or f"{who}发布{event}预警",
        description="六小时内有强降雨。", instruction="远离河道。", areas=(WarnedArea("演示县", (RING,)),),
    )  # fmt: skip
    english = WarningInfo(
        {"暴雨": "Rainstorm", "大风": "Gale"}.get(event, "Other"),
        "en",
        colour=colour,
        expires=sent + life,
        sender_name="Office",
        headline="A warning",
    )
    references = (Reference(refers),) if refers else ()
    infos = (info, english) if kind is not MessageType.CANCEL else ()
    return WarningMessage(who, name, sent, Status.ACTUAL, kind, references=references, infos=infos)


def keep(site: Site, one: WarningMessage, exercise: str | None = None, *, trusted: bool = True) -> None:
    with site.connection() as connection:
        warnings.save(
            connection, one, exercise, trusted=trusted, topic="t", received_at=now(), payload=b"<alert/>"
        )


def frame(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (60, 60), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def weather(site: Site) -> Site:
    """Three senders, a chain, an exercise's warning, three radar pictures, a typhoon with a forecast that was off."""
    keep(site, message("R1", "暴雨", Severity.YELLOW, "演示县气象台", ago_min=60))
    keep(site, message("R2", "暴雨", Severity.RED, "演示县气象台", kind=MessageType.UPDATE, refers="R1"))
    keep(site, message("R3", "暴雨", Severity.ORANGE, "演示市气象台", ago_min=20), trusted=False)
    keep(site, message("W1", "大风", Severity.BLUE, HOSTILE, headline=HOSTILE), trusted=False)
    keep(site, message("L1", "雷电", Severity.YELLOW, "演示县气象台", ago_min=300))
    keep(site, message("D1", "演练暴雨", Severity.RED, "演练台"), "drill-1")
    start = now()
    with site.connection() as connection:
        for n, colour in enumerate(("#2060ff80", "#20c04080", "#ffd02080")):
            weather_images.save(
                connection, "radar", None, start - timedelta(minutes=12 - 6 * n), (121.0, 28.6, 122.8, 30.2), (60, 60),
                frame(colour), start, keep=9, life=timedelta(hours=9),
            )  # fmt: skip
        circles = (WindCircle(7, 400.0, 200.0, None, (400.0, 350.0, 200.0, 250.0)),)
        fixes = (
            TyphoonFix(start - timedelta(hours=6), 123.5, 26.0, wind_ms=50.0, grade="STY"),
            TyphoonFix(start, 122.5, 27.0, wind_ms=45.0, pressure_hpa=945.0, grade="STY", radius7_km=400.0, circles=circles),
            TyphoonFix(start - timedelta(hours=3), 123.5, 26.5, issued=start - timedelta(hours=6), wind_ms=50.0),
        )  # fmt: skip
        typhoons.save(
            connection, Typhoon("2655", "试验", "TRIAL", fixes), None, source="t", received_at=start
        )
        typhoons.save_historical(
            connection, Typhoon("1909", "利奇马", "LEKIMA", (TyphoonFix(start - timedelta(days=2000), 121.0, 28.0),)),
            source="import:x", received_at=start,
        )  # fmt: skip
    return site


def opened(visitor: Visit, path: str = "/weather") -> None:
    visitor.open(path)
    visitor.page.frame_locator("#map").locator(".land").first.wait_for(state="attached")
    visitor.page.wait_for_timeout(700)


@pytest.fixture(scope="module")
def chinese(browser: Browser, weather: Site) -> Iterator[Visit]:
    """The page as it stays open: what one test did to it, the next one finds."""
    with visit(browser, weather, "chen", size=(1920, 1080)) as visitor:
        opened(visitor)
        yield visitor


@pytest.fixture(scope="module")
def english(browser: Browser, weather: Site) -> Iterator[Visit]:
    with visit(browser, weather, "chen", size=(1920, 1080), language="en") as visitor:
        opened(visitor)
        yield visitor


@pytest.mark.parametrize(
    ("visited", "colour", "event"), [("chinese", "■ 红", "暴雨"), ("english", "■ red", "rainstorm")]
)
def test_what_is_in_force_who_says_so_and_until_when(
    request: pytest.FixtureRequest, visited: str, colour: str, event: str
) -> None:
    visitor: Visit = request.getfixturevalue(visited)
    visitor.page.wait_for_selector(".warning")
    visitor.keep(f"weather-{visited}")
    cards = visitor.page.locator("#warning-list > li")
    assert cards.count() == 3
    first = cards.nth(0).inner_text()
    assert colour in first
    assert event in first.lower()
    assert cards.nth(0).get_attribute("class") == "warning red"
    assert cards.nth(0).locator("[data-part=unverified]").is_hidden()
    assert cards.nth(1).locator("[data-part=unverified]").is_visible()
    strip = visitor.page.inner_text("#warning-strip")
    assert "+1" in strip, "two offices warn of one event"
    visitor.clean()


def test_the_table_of_a_typhoon_is_whole_in_english(english: Visit) -> None:
    english.page.wait_for_selector("#typhoon-rows tr.now")
    box = english.page.locator("table.fixes").locator("xpath=..")
    assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_markup_of_a_sender_is_text(chinese: Visit) -> None:
    assert HOSTILE in chinese.page.inner_text("#warning-list")
    assert chinese.page.locator("#warning-list img").count() == 0
    chinese.clean()


def test_history_and_the_course_of_a_chain(chinese: Visit) -> None:
    chinese.page.click("[data-warnings=history]")
    chinese.page.wait_for_selector(".warning.over")
    text = chinese.page.inner_text("#warning-list")
    assert "雷电" in text and "到期" in text and "已被更新" in text
    chinese.page.click("[data-warnings=standing]")
    chinese.page.locator(".warning summary").first.click()
    course = chinese.page.locator(".warning").first.locator(".course li")
    assert [("发布" in one, "更新" in one) for one in course.all_inner_texts()] == [
        (True, False),
        (False, True),
    ]
    chinese.clean()


def test_pictures_by_time_and_how_much_they_cover(chinese: Visit) -> None:
    shown = chinese.page.frame_locator("#map").locator("img.weather-image")
    shown.wait_for(state="attached")
    newest = shown.get_attribute("src")
    assert "（3/3）" in chinese.page.inner_text("#image-time")
    slider = chinese.page.locator("#image-slider-box input")
    slider.focus()
    slider.press("ArrowLeft")
    chinese.page.wait_for_timeout(500)
    assert "（2/3）" in chinese.page.inner_text("#image-time")
    assert shown.get_attribute("src") != newest
    opacity = chinese.page.locator("#image-opacity-box input")
    opacity.focus()
    opacity.press("Home")
    chinese.page.wait_for_timeout(300)
    assert shown.evaluate("e => e.style.opacity") == "0.1"
    chinese.page.click("#image-play")
    time.sleep(0.1)
    chinese.until("document.querySelector('#image-time').textContent.includes('（1/3）')", 8)
    chinese.page.click("#image-play")
    assert chinese.page.frame_locator("#map").locator("path.warned").count() == 3
    chinese.page.click("[data-layer=areas]")
    chinese.page.wait_for_timeout(300)
    assert chinese.page.frame_locator("#map").locator("path.warned").count() == 0
    chinese.clean()


def test_tracks_with_how_far_a_forecast_was_off(chinese: Visit) -> None:
    chinese.page.select_option("#typhoon-choice", "2655")
    chinese.page.wait_for_selector("#typhoon-rows tr.forecast")
    assert chinese.page.inner_text("#typhoon-rows tr.forecast [data-part=off]") == "50 km"
    newest = chinese.page.inner_text("#typhoon-rows tr.now")
    assert "强台风" in newest and "7: 400/350/200/250" in newest and "14 级" in newest
    drawn = chinese.page.frame_locator("#map").locator("path.wind7")
    shapes = drawn.evaluate_all("all => all.map(e => e.getBBox().width / e.getBBox().height)")
    assert sorted(shapes) == [
        pytest.approx((400 + 250) / (400 + 350), rel=0.03),
        pytest.approx(1.0, rel=0.03),
    ]
    chinese.page.select_option("#typhoon-choice", "1909")
    chinese.until("document.querySelector('#typhoon-facts').textContent.includes('历史')")
    assert "利奇马" not in chinese.page.evaluate("() => anlan.list('typhoons').map(row => row.name).join()")
    chinese.clean()


def test_the_wall_shows_warnings_in_colour_shape_and_text(browser: Browser, weather: Site) -> None:
    with visit(browser, weather, "chen", size=(1920, 1080)) as visitor:
        opened(visitor, "/wall")
        visitor.page.wait_for_selector("#wall-warning-list li")
        visitor.page.click("[data-layer=images]")
        visitor.page.frame_locator("#map").locator("img.weather-image").wait_for(state="attached")
        note = visitor.page.frame_locator("#map").locator(".image-note")
        note.wait_for()
        for width, height in ((1920, 1080), (3840, 2160)):
            visitor.page.set_viewport_size({"width": width, "height": height})
            visitor.page.wait_for_timeout(700)
            visitor.keep(f"wall-weather-{width}")
            lines = visitor.page.locator("#wall-warning-list li").all_inner_texts()
            assert "■ 暴雨红 +1" in lines[0] and "演示县气象台" in lines[0] and "至" in lines[0]
            assert "● 大风蓝" in lines[1] and "未核验" in lines[1]
            head = visitor.page.inner_text("#wall-warnings")
            assert "■ 暴雨红" in head and "● 大风蓝" in head
            for box in (".wall", ".wall-left"):
                assert visitor.page.locator(box).evaluate("e => e.scrollHeight - e.clientHeight") <= 0, box
            assert "雷达" in note.inner_text()
            assert note.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= height / 60 - 0.1
        visitor.clean()


def test_a_new_warning_is_told_and_one_that_ends_goes_without_a_reload(
    browser: Browser, weather: Site
) -> None:
    with visit(browser, weather, "chen") as visitor:
        visitor.open("/")
        keep(
            weather,
            message("H1", "冰雹", Severity.ORANGE, "演示县气象台", ago_min=0, life=timedelta(seconds=8)),
        )
        visitor.until("document.querySelector('#warning-strip').textContent.includes('冰雹')")
        assert "新预警：冰雹" in visitor.page.inner_text("#notices")
        visitor.until("!document.querySelector('#warning-strip').textContent.includes('冰雹')", 15)
        keep(weather, message("H2", "大雾", Severity.ORANGE, "演示县气象台", ago_min=0.1))
        visitor.until("document.querySelector('#warning-strip').textContent.includes('大雾')")
        keep(
            weather,
            message(
                "H3", "大雾", Severity.ORANGE, "演示县气象台", ago_min=0, kind=MessageType.CANCEL, refers="H2"
            ),
        )
        visitor.until("!document.querySelector('#warning-strip').textContent.includes('大雾')")
        visitor.clean()


def test_two_typhoons_out_of_sight_the_same_way_are_both_told_of(chinese: Visit) -> None:
    told = chinese.page.frame_locator("#map").locator(".typhoon.away")
    expect(told).to_have_count(2)
    tops = sorted(
        told.evaluate_all(
            "all => all.map(e => [e.getBoundingClientRect().top, e.getBoundingClientRect().bottom])"
        )
    )
    assert tops[0][1] <= tops[1][0], tops


def test_an_exercise_shows_its_own_warnings_under_its_band(browser: Browser, weather: Site) -> None:
    with visit(browser, weather, "chen") as visitor:
        opened(visitor, "/weather?exercise=drill-1")
        visitor.page.wait_for_selector(".warning")
        assert "演练暴雨" in visitor.page.inner_text("#warning-list")
        assert visitor.page.locator("#warning-list > li").count() == 1
        assert "防汛演练" in visitor.page.inner_text(".drill-band")
        assert "尚无雷达" in visitor.page.inner_text("#image-layers")
        assert "没有台风资料" in visitor.page.inner_text("#typhoon-none")
        opened(visitor)
        assert "演练暴雨" not in visitor.page.inner_text(".page")
        visitor.clean()
