"""The duty desk and the orders: acts in two steps, nothing lost under the hands, roles."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.integration.serving import Site

PLACES = {"/": "desk", "/orders": "orders", "/orders/1": "order", "/orders/new?alarm=1": "compose"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PLACES)
def test_every_page_is_whole_and_asks_no_other_host(
    browser: Browser, site: Site, path: str, language: str
) -> None:
    with visit(browser, site, "wang", language=language) as visitor:
        visitor.open(path)
        visitor.page.wait_for_timeout(2500)
        if path == "/":
            visitor.page.locator(".alarm").first.click()
            visitor.page.wait_for_selector("#picture-detail .main-svg", state="attached")
            visitor.page.wait_for_timeout(800)
        visitor.keep(f"{PLACES[path]}-{language}")
        across = visitor.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert across <= 0
        head = visitor.page.locator(".top")
        assert head.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        visitor.clean()


def test_many_alarms_are_acknowledged_in_two_steps(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        visitor.open("/")
        for alarm in (4, 6):
            page.locator(f".alarm[data-alarm='{alarm}'] input").check()
        page.click("#bulk-acknowledge")
        expect(page.locator("dialog .what")).to_contain_text("自动叫应随即停止")
        with site.connection() as connection:
            before = connection.execute("select state from alarm where id = 4").fetchone()
        assert before == ("unacknowledged",), "the first step does nothing yet"
        page.click("#ask-go")
        expect(page.locator(".alarm[data-alarm='4'] .pill")).to_have_text("黄 · 已确认")
        with site.connection() as connection:
            done = connection.execute(
                "select state, acknowledged_by from alarm where id in (4, 6)"
            ).fetchall()
        assert done == [("acknowledged", "chen")] * 2
        visitor.clean()


def test_an_alarm_says_why_its_call_waits_and_until_when(browser: Browser, site: Site) -> None:
    with site.connection() as connection:
        connection.execute("update alarm set state = 'unacknowledged' where id = 2")
        connection.execute(
            "insert into annunciation (alarm, asked_at, severity, title, text, line, hazard, due_at, reason)"
            " values (2, now(), 'yellow', 't', 't', 't', 'water', now() + interval '150 s', 'group_wait')"
        )
    with visit(browser, site, "chen") as visitor:
        visitor.open("/")
        line = visitor.page.locator(".alarm[data-alarm='2']")
        expect(line).to_contain_text("等同组合并，")
        with site.connection() as connection:
            connection.execute(
                "update annunciation set reason = 'pace', due_at = now() + interval '150 s' where alarm = 2"
            )
        expect(line).to_contain_text("呼叫限速，")
        visitor.keep("desk-call-waits")
        with site.connection() as connection:
            connection.execute("delete from annunciation where alarm = 2")
            connection.execute("update alarm set state = 'acknowledged' where id = 2")
        visitor.clean()


@pytest.mark.parametrize(("size", "language"), [((820, 1180), "en"), ((1180, 820), "zh")])
def test_what_is_done_to_many_alarms_is_within_reach_beside_the_sound(
    browser: Browser, site: Site, size: tuple[int, int], language: str
) -> None:
    with visit(browser, site, "chen", size=size, language=language) as visitor:
        visitor.open("/")
        expect(visitor.page.locator("#desk-sound")).to_be_visible()
        reach = """names => {
            const sound = document.querySelector("#desk-sound");
            sound.classList.add("warn");
            sound.textContent = anlan.t("sound blocked");
            const right = node => node.getBoundingClientRect().right;
            return names.filter(name => right(document.querySelector(name)) > right(sound.closest(".panel")));
        }"""
        assert visitor.page.evaluate(reach, ["#desk-sound", "#bulk-acknowledge", "#bulk-shelve"]) == []
        visitor.keep(f"desk-sound-{size[0]}")
        visitor.clean()


def test_shelving_needs_a_reason(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        visitor.open("/")
        page.locator(".alarm[data-alarm='5']").click()
        page.click("#detail-shelve")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_have_text("请填写原因")
        page.fill("#ask-reason", "传感器检修")
        page.click("#ask-go")
        expect(page.locator(".alarm[data-alarm='5']")).to_have_count(0)
        page.click("#filter-state [data-state=shelved]")
        expect(page.locator(".alarm[data-alarm='5'] .pill")).to_contain_text("已搁置")
        expect(page.locator("#detail-facts")).to_contain_text("传感器检修")
        visitor.clean()


def test_what_is_typed_chosen_and_scrolled_survives_updates(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        visitor.open("/")
        page.locator(".alarm[data-alarm='2'] input").check()
        page.locator(".alarm[data-alarm='1']").click()
        page.click("#detail-acknowledge")
        page.fill("#ask-note", "已电话核实")
        with site.connection() as connection:
            connection.execute(
                "update latest set value = 5.08, usable_value = 5.08, time = now(), usable_time = now()"
                " where series = (select id from series where station = 'Z01')"
            )
            connection.execute(
                "select pg_notify('anlan_changes', json_build_object('kind', 'latest', 'keys',"
                " json_build_array(id))::text) from series where station = 'Z01'"
            )
        visitor.until("document.querySelector(\".alarm[data-alarm='1']\").textContent.includes('0.38 m')")
        expect(page.locator("#ask-note")).to_have_value("已电话核实")
        page.click("#ask-cancel")
        expect(page.locator(".alarm[data-alarm='2'] input")).to_be_checked()
        expect(page.locator(".alarm[data-alarm='1']")).to_have_class("alarm orange current unacknowledged")
        visitor.clean()


def test_the_keyboard_is_enough(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        visitor.open("/")
        page.wait_for_selector(".alarm")
        page.keyboard.press("ArrowDown")
        for _ in range(page.locator(".alarm").count()):
            if page.locator(".alarm.current.unacknowledged").count():
                break
            page.keyboard.press("ArrowDown")
        expect(page.locator(".alarm.current.unacknowledged")).to_have_count(1)
        page.keyboard.press(" ")
        expect(page.locator(".alarm[aria-selected='true']")).to_have_count(1)
        page.keyboard.press("a")
        expect(page.locator("dialog[open]")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        visitor.clean()


def test_a_viewer_is_offered_no_act(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest") as visitor:
        page = visitor.page
        visitor.open("/")
        page.locator(".alarm").first.click()
        for act in ("detail-acknowledge", "detail-shelve", "detail-order"):
            expect(page.locator(f"#{act}")).to_be_hidden()
        visitor.open("/orders/1")
        expect(page.locator(".acts button:visible")).to_have_count(0)
        page.goto(site.url + "/orders/new")
        expect(page.locator(".empty")).to_contain_text("您的角色不能使用此页")
        visitor.clean()


def test_a_town_sees_its_own_alarms_and_orders_only(browser: Browser, site: Site) -> None:
    with visit(browser, site, "town") as visitor:
        page = visitor.page
        visitor.open("/")
        page.wait_for_selector(".alarm")
        assert set(page.locator(".group [data-part=name]").all_inner_texts()) == {"石浦镇"}
        page.goto(site.url + "/orders/1")
        expect(page.locator("#delivery-none")).to_contain_text("没有这条指令")


def test_a_draft_is_looked_at_checked_and_issued_by_three(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        visitor.open("/orders/new?alarm=1")
        expect(page.locator("#preview-sentence")).to_contain_text("短信 6 人、2 块LED屏、4 只大喇叭")
        expect(page.locator("#preview-sms")).to_contain_text("【演示县防指】")
        expect(page.locator("#preview-led .led-face").first).to_be_visible()
        page.fill("#text-sms", "请立即上堤巡查并报告。")
        expect(page.locator("#preview-sms")).to_contain_text("请立即上堤巡查并报告。")
        page.click("#submit")
        page.click("#ask-go")
        page.wait_for_url("**/orders/3")
        path = "/orders/3"
        expect(page.locator("#order-head [data-part=state]")).to_have_text("拟稿")
        expect(page.locator("#act-check")).to_be_hidden()
        visitor.clean()
    with visit(browser, site, "lin") as visitor:
        visitor.open(path)
        visitor.page.click("#act-check")
        visitor.page.click("#ask-go")
        expect(visitor.page.locator("#order-head [data-part=state]")).to_have_text("已审核")
        visitor.clean()
    with visit(browser, site, "wang") as visitor:
        page = visitor.page
        visitor.open(path)
        page.click("#act-issue")
        expect(page.locator("dialog .what")).to_contain_text("短信 6 人、2 块LED屏、4 只大喇叭")
        page.click("#ask-go")
        expect(page.locator("#order-head [data-part=state]")).to_have_text("执行中")
        expect(page.locator("#delivery-rows tr")).to_have_count(12)
        expect(page.locator("#timeline")).to_contain_text("签发 · wang")
        page.click("#act-end")
        page.fill("#ask-reason", "水位已回落")
        page.click("#ask-go")
        expect(page.locator("#order-head [data-part=state]")).to_have_text("已解除")
        visitor.clean()


def test_an_exercise_wears_its_band_everywhere(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        for path in ("/wall", "/", "/orders", "/orders/new"):
            visitor.open(path + "?exercise=drill-1")
            expect(visitor.page.locator(".drill-band")).to_contain_text("防汛演练·非真实汛情")
            expect(visitor.page.locator(".demo-tag")).to_have_text("演示")
        visitor.open("/?exercise=drill-1")
        expect(visitor.page.locator("#alarm-list")).to_contain_text("当前没有告警")
        visitor.page.select_option("#exercise-switch", "")
        visitor.page.wait_for_selector(".alarm")
        expect(visitor.page.locator(".drill-band")).to_have_count(0)
        visitor.page.goto(site.url + "/?exercise=unknown")
        expect(visitor.page.locator(".empty")).to_contain_text("没有这个演练")
        visitor.clean()


def test_the_language_is_switched_and_kept(browser: Browser, site: Site) -> None:
    with visit(browser, site, "chen") as visitor:
        visitor.open("/")
        visitor.page.click("#language-en")
        expect(visitor.page.locator("nav a[aria-current]")).to_have_text("Alarms")
        visitor.open("/orders")
        expect(visitor.page.locator("nav a[aria-current]")).to_have_text("Orders")
        assert visitor.page.evaluate("() => document.documentElement.lang") == "en"
        visitor.clean()


_COUNTED = """
window.pitches = [];
const begin = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.pitches.push(this.frequency.value); return begin.call(this, at); };
"""


def test_what_nobody_has_acknowledged_is_heard_until_somebody_hushes_or_acknowledges_it(
    browser: Browser, site: Site
) -> None:
    with visit(browser, site, "chen") as visitor:
        page = visitor.page
        page.add_init_script(_COUNTED)
        visitor.open("/")
        if page.locator("#desk-sound").get_attribute("aria-pressed") == "false":
            page.click("#desk-sound")
        expect(page.locator("#desk-sound")).to_have_text("声音 开")
        visitor.until("window.pitches.length > 0")
        assert set(page.evaluate("window.pitches")) == {770, 960}, "the real call"
        page.click("#desk-hush")
        expect(page.locator("#desk-hush")).to_be_hidden()
        before = page.evaluate("window.pitches.length")
        with site.connection() as connection:
            connection.execute(
                "insert into alarm (class, subject_kind, subject, area, rule, rule_version, severity, highest_severity,"
                " state, raised_at, observed_at) select 'report', 'town', code, code, 'sound', 1, 'red', 'red',"
                " 'unacknowledged', now(), now() from area where parent is null limit 1"
            )
        visitor.until(f"window.pitches.length >= {before} + 6")
        expect(page.locator("#desk-hush")).to_be_visible()
        page.click("#desk-sound")
        expect(page.locator("#desk-sound")).to_have_text("声音 关")
        page.reload()
        expect(page.locator("#desk-sound")).to_have_text("声音 关")
        with site.connection() as connection:
            connection.execute("update alarm set closed_at = now(), state = 'normal' where rule = 'sound'")
        visitor.clean()


def test_who_may_not_acknowledge_hears_nothing(browser: Browser, site: Site) -> None:
    with visit(browser, site, "guest") as visitor:
        visitor.page.add_init_script(_COUNTED)
        visitor.open("/")
        visitor.page.wait_for_timeout(2500)
        expect(visitor.page.locator("#desk-sound")).to_be_hidden()
        assert visitor.page.evaluate("window.pitches") == []
        visitor.clean()
