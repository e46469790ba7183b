"""The command hall: far, live, honest, and alone with its own server."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import Visit, visit
from tests.integration.serving import Site

SIZES = [(1920, 1080), (3840, 2160), (3840, 1080)]

SMALLEST = """() => {
  const found = [];
  const look = (root, vh) => {
    const walker = root.createTreeWalker(root.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const box = node.parentElement;
      if (!node.textContent.trim() || !box.getClientRects().length || /SCRIPT|STYLE/.test(box.tagName)) continue;
      found.push([parseFloat(root.defaultView.getComputedStyle(box).fontSize), node.textContent.trim()]);
    }
  };
  look(document);
  look(document.getElementById("map").contentDocument);
  return found.sort((a, b) => a[0] - b[0]);
}"""


def shown(visitor: Visit) -> None:
    """Waits until map, pictures and numbers are drawn."""
    visitor.page.wait_for_selector("#card-picture-1 .main-svg", state="attached")
    visitor.page.wait_for_selector("#ranking li")
    visitor.page.frame_locator("#map").locator(".mark").first.wait_for(state="attached")
    visitor.page.wait_for_timeout(1500)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_can_be_read_from_afar_and_asks_no_other_host(
    browser: Browser, site: Site, size: tuple[int, int], language: str
) -> None:
    with visit(browser, site, "chen", size=size, language=language) as visitor:
        visitor.open("/wall")
        shown(visitor)
        visitor.keep(f"wall-{size[0]}x{size[1]}-{language}")
        sizes: list[list[Any]] = visitor.page.evaluate(SMALLEST)
        assert len(sizes) > 100
        assert sizes[0][0] >= size[1] / 60 - 0.1, sizes[0]
        for key in ("#counter-guarantee b", "#evacuation .moved b", "#clock"):
            height = visitor.page.locator(key).evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
            assert height >= size[1] / 25 - 0.1, key
        wide = "e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]"
        assert visitor.page.locator(".wall").evaluate(wide) == [0, 0]
        assert visitor.page.locator(".wall-head").evaluate(wide) == [0, 0]
        visitor.clean()


def test_it_shows_what_is_dangerous_and_who_has_not_answered(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/wall")
        shown(visitor)
        text = visitor.page.inner_text
        assert "演示" in text(".wall-head")
        assert "防台风Ⅱ级应急响应" in text("#responses")
        assert "13 级" in text("#typhoon-line")
        assert "向西北 18 km/h" in text("#typhoon-line")
        assert text("#counter-guarantee b") == "1"
        assert text("#counter-reservoir .of") == "/ 2"
        assert text("#ranking li:first-child .place") == "泗洲头"
        assert "南大河中游 水位 超保证" in " ".join(text("#wall-alarms").split())
        assert "3/6" in text("#wall-orders").replace("\n", "")
        assert text("#silent-box [data-part=silent-count]") == "3 人"
        assert text("#evacuation .moved b") == "46"
        assert "5/6 在线" in text("#camera-box")
        assert visitor.page.locator("#wall-alarms .pill.flash").count() >= 2
        visitor.clean()


def test_silence_suspicion_and_missing_limits_each_look_different(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/wall")
        shown(visitor)
        marks: list[str] = (
            visitor.page.frame_locator("#map")
            .locator(".mark")
            .evaluate_all("marks => marks.map(e => e.title.split(' · ')[0] + '=' + e.dataset.state)")
        )
        states = dict(mark.split("=") for mark in marks)
        assert states["茅洋溪"] == "suspect"
        assert states["东溪水库"] == "stale"
        assert states["涂茨"] == "missing"
        assert states["珠溪"] == "unset"
        assert states["西溪"] == ""
        visitor.clean()


def test_a_value_changes_in_its_place_within_a_second(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/wall")
        shown(visitor)
        visitor.page.evaluate(
            "() => { window.kept = document.querySelector('#card-picture-1 .value');"
            " window.frameKept = document.getElementById('map').contentWindow;"
            " window.zoomKept = 1; }"
        )
        with site.connection() as connection:
            connection.execute(
                "update latest set value = 5.37, usable_value = 5.37, time = now(), usable_time = now(), received_at = now()"
                " where series = (select id from series where station = 'Z01' and property = 'water_level')"
            )
            connection.execute(
                "select pg_notify('anlan_changes', json_build_object('kind', 'latest', 'keys', json_build_array(id))::text)"
                " from series where station = 'Z01' and property = 'water_level'"
            )
        visitor.page.wait_for_function(
            "() => document.querySelector('#card-picture-1 .value').textContent.includes('5.37')",
            timeout=1000,
        )
        assert visitor.page.evaluate("() => window.kept === document.querySelector('#card-picture-1 .value')")
        visitor.page.frame_locator("#map").locator(".mark[title*='超保证 0.67 m']").wait_for(
            state="attached", timeout=2000
        )
        assert visitor.page.evaluate(
            "() => window.frameKept === document.getElementById('map').contentWindow"
        )
        visitor.clean()


def test_what_was_pushed_is_not_kept_for_an_undo(browser: Browser, site: Site) -> None:
    """Dash records every value that is set; on a page that stays open for weeks that must not add up."""
    past = "window.dash_stores[0].getState().history.past.length"
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.page.clock.install()
        visitor.open("/wall")
        shown(visitor)
        assert visitor.page.evaluate(past) > 3, "Dash does record: else this test and its cause are gone"
        visitor.page.clock.fast_forward(25_000)
        visitor.until(f"{past} <= 3")
        visitor.page.wait_for_selector("#lost", state="hidden", timeout=9000)


def test_lost_is_said_at_once_and_taken_back(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.page.clock.install()
        visitor.open("/wall")
        visitor.page.wait_for_selector("#ranking li")
        assert visitor.page.locator("#lost").count() == 0
        visitor.page.clock.fast_forward(20_000)
        visitor.page.wait_for_selector("#lost", timeout=3000)
        assert "连接中断 00:2" in visitor.page.inner_text("#lost")
        visitor.page.wait_for_selector("#lost", state="hidden", timeout=9000)


def test_a_tag_in_a_name_is_text(browser: Browser, site: Site) -> None:
    name = "<img src=x onerror=window.harmed=1>"
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/wall")
        shown(visitor)
        with site.connection() as connection:
            connection.execute("update station set name = %s where code = 'T01'", (name,))
            connection.execute('select pg_notify(\'anlan_changes\', \'{"kind":"alarm","keys":[3]}\')')
        try:
            visitor.page.frame_locator("#map").locator(".mark[title^='<img']").wait_for(
                state="attached", timeout=5000
            )
            visitor.until(
                "document.getElementById('wall-alarms').textContent.includes('<img') ||"
                " document.querySelector('.wall-hydro').textContent.includes('<img')"
            )
            harmed = "() => window.harmed || document.getElementById('map').contentWindow.harmed || 0"
            assert visitor.page.evaluate(harmed) == 0
            visitor.clean()
        finally:
            with site.connection() as connection:
                connection.execute("update station set name = '石浦' where code = 'T01'")


def test_what_is_not_known_yet_is_not_said(browser: Browser, site: Site) -> None:
    """Before the first snapshot nobody can say that there is no alarm; a page that does not exist says nothing."""
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.page.add_init_script(
            "window.dash_clientside = {}; Object.defineProperty(window.dash_clientside, 'anlan', {"
            " set(given) { given.receive = () => dash_clientside.no_update; this.kept = given; },"
            " get() { return this.kept; } });"
        )
        visitor.page.goto(visitor.url + "/wall")
        visitor.page.wait_for_selector(".wall.waiting")
        visitor.page.wait_for_timeout(2500)
        visitor.keep("wall-waiting")
        text = visitor.page.inner_text(".wall")
        assert "没有" not in text and "无响应" not in text and "0/0" not in text
        assert visitor.page.inner_text("#clock") != ""
    with visit(browser, site, "chen") as visitor:
        visitor.page.goto(visitor.url + "/nothing-here")
        visitor.page.wait_for_selector(".page-state")
        visitor.page.wait_for_timeout(13_000)
        assert visitor.page.inner_text("#top-health").strip() == ""
        assert visitor.page.locator("#lost").count() == 0, "there is no connection that it could have lost"
        visitor.clean()


def test_a_canary_that_stops_looks_late_by_the_pages_own_clock(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen", size=(1920, 1080)) as visitor:
        visitor.open("/wall")
        visitor.page.wait_for_selector("#wall-health")
        told = visitor.page.evaluate(
            """() => {
              const check = function (part, age, limit, more) {
                return Object.assign({ part: part, condition: "good", reason: "", figure_s: 1, limit_s: limit, alarm: false,
                  since: new Date(anlan.now() - age * 1000).toISOString(), detail: {} }, more);
              };
              anlan.health.watch = { checks: [check("canary", 20, 180), check("evaluator", 3, 30, { detail: { silent_s: 60 } })] };
              const well = anlan.watchState();
              anlan.health.watch = { checks: [check("canary", 200, 180), check("evaluator", 90, 30, { detail: { silent_s: 60 } })] };
              return [well, anlan.watchState()];
            }"""
        )
        assert (told[0]["chain"], told[0]["chainBad"], told[0]["parts"]) == ("20 秒", False, [])
        assert told[1]["chainBad"] and "3 分钟" in told[1]["chain"] and "未走通" in told[1]["chain"]
        assert [one["text"] for one in told[1]["parts"]] == ["告警判断 无心跳"]
