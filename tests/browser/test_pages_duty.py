"""The duty page: desks and gaps, the hand-over that only who hears can confirm, substitutes, the dry run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.duty_world import fill_duty
from tests.browser.visit import Visit, visit
from tests.integration.serving import Site
from tests.integration.test_duty import counted

_RENEWED_MS = 16_000
"""The page asks anew every 15 seconds; the tests put its clock forward instead of waiting."""


@pytest.fixture(scope="module")
def duty(site: Site) -> Iterator[Site]:
    """The county with a roster; its desk changed hands forty minutes ago."""
    with site.connection() as connection:
        fill_duty(connection, datetime.now(UTC))
    yield site


def enter(visitor: Visit, **fields: str) -> None:
    """Fills the open dialog and goes on."""
    for name, value in fields.items():
        box = visitor.page.locator(f"#ask-{name}")
        box.select_option(value) if box.evaluate("node => node.tagName") == "SELECT" else box.fill(value)
    visitor.page.click("#ask-go")


def hear(visitor: Visit) -> list[int]:
    """Plays the sound and counts its beeps, as the officer's ear does."""
    with visitor.page.expect_response(
        lambda answer: "/duty/sounds/" in answer.url and answer.status == 200
    ) as heard:
        visitor.page.click("#handover-play")
    return counted(heard.value.body())


def press(visitor: Visit, beeps: list[int]) -> None:
    for group, number in enumerate(beeps):
        visitor.page.click(f"#beeps-{group} [data-beeps='{number}']")
    visitor.page.click("#handover-confirm")


def test_the_desks_show_who_is_there_and_shout_where_nobody_is(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "guest", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/duty")
        expect(page.locator("#duty-desks tr.county")).to_contain_text("带班领导")
        expect(page.locator("#duty-desks td.substitute")).to_contain_text("（代 ")
        expect(page.locator("#duty-desks tr.nobody")).to_have_count(1)
        expect(page.locator("#duty-faults li.loud").first).to_contain_text("现在无人值班")
        expect(page.locator("#duty-faults")).to_contain_text("演示县")
        expect(page.locator("#handover-sign")).to_be_hidden()
        expect(page.locator("#handover-said")).to_contain_text("只有值班员")
        visitor.keep("duty-now")
        page.click("[data-view='fortnight']")
        expect(page.locator("#fortnight-desks td.gap.whole")).not_to_have_count(0)
        page.locator("#fortnight-desks .turn").first.click()
        expect(page.locator("dialog #ask-act")).to_have_count(0)
        page.click("#ask-go")
        visitor.keep("duty-fortnight")
        visitor.clean()


def test_a_desk_is_handed_over_only_to_who_hears_the_sound(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "chen") as leaving, visit(browser, duty, "lin", size=(1920, 1080)) as coming:
        leaving.open("/duty")
        expect(leaving.page.locator("#handover-desk")).to_have_value("330225")
        note = leaving.page.locator("#handover-note")
        expect(note).to_have_value(re.compile("南大河中游"))
        note.fill("溪口泵站检修到 18 点。" + note.input_value())
        leaving.page.click("#handover-sign")
        expect(leaving.page.locator("dialog .what")).to_contain_text("演示县")
        leaving.page.click("#ask-go")
        expect(leaving.page.locator("#handover-back")).to_be_visible()
        expect(leaving.page.locator("#handover-listen")).to_be_hidden()

        coming.open("/duty")
        page = coming.page
        expect(page.locator("#handover-read")).to_contain_text("溪口泵站检修到 18 点")
        expect(page.locator("#handover-confirm")).to_be_disabled()
        heard = hear(coming)
        coming.keep("duty-listen")
        press(coming, [heard[0] % 5 + 1, heard[1]])
        expect(page.locator("#handover-heard")).to_contain_text("声数不对")
        expect(page.locator("#handover-confirm")).to_be_disabled()
        press(coming, hear(coming))
        expect(page.locator("#handover-history li").first).to_contain_text("chen → lin")
        expect(page.locator("#handover-history li").first).to_contain_text("共 2 次")
        expect(page.locator("#duty-faults li.loud", has_text="演示县")).to_have_count(0)
        page.locator("#handover-history .history-head").first.click()
        expect(page.locator("#handover-history .duty-note").first).to_contain_text("溪口泵站检修")
        coming.keep("duty-history")
        coming.clean()
        leaving.clean()
    with duty.connection() as connection:
        kept = connection.execute("select outgoing, incoming from handover").fetchall()
        tries = connection.execute("select beeps = heard from handover_sound order by id").fetchall()
    assert kept == [("chen", "lin")]
    assert tries == [(False,), (True,)]


def test_what_is_typed_survives_a_renewal(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "chen") as visitor:
        page = visitor.page
        page.clock.install()
        visitor.open("/duty")
        expect(page.locator("#handover-note")).to_be_visible()
        page.fill("#handover-note", "写到一半")
        with page.expect_response("**/api/v1/duty/brief**", timeout=20_000):
            page.clock.fast_forward(_RENEWED_MS)
        page.wait_for_timeout(200)
        assert page.input_value("#handover-note") == "写到一半"
        page.route("**/api/v1/duty**", lambda route: route.abort())
        page.clock.fast_forward(_RENEWED_MS)
        expect(page.locator("#duty-as-of")).to_contain_text("未能更新", timeout=20_000)


def test_a_leader_enters_a_substitute_and_ends_it(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "lin") as visitor:
        page = visitor.page
        visitor.open("/duty")
        page.click("[data-tab='roster']")
        page.wait_for_selector("#away-rows li")
        page.click("#away-add")
        page.click("#ask-go")
        expect(page.locator("dialog .fault")).to_be_visible()
        enter(visitor, person="3302250040", substitute="3302250044", reason="病假")
        row = page.locator("#away-rows li", has_text="郑镇长")
        expect(row).to_contain_text("（代 郑镇长）")
        expect(page.locator("#duty-desks tr", has_text="石浦镇")).to_contain_text("（代 郑镇长）")
        visitor.keep("duty-away")
        row.locator("button").click()
        page.click("#ask-go")
        expect(page.locator("#away-rows li", has_text="郑镇长")).to_have_count(0)
        page.locator("#shift-rows button").first.click()
        page.click("#ask-go")
        expect(page.locator("#notices")).to_contain_text("班")
        expect(page.locator("#shift-rows li").first).to_contain_text("已排到")
        visitor.clean()


def test_the_dry_run_says_who_and_why(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "town", language="en") as visitor:
        page = visitor.page
        visitor.open("/duty")
        page.click("[data-tab='chains']")
        expect(page.locator("#callees-found")).to_contain_text("2 would be called; desk of Town 4")
        expect(page.locator("#callees-steps")).to_contain_text("by the chain")
        assert page.locator("#callees-area option").count() == 1, "a town asks for itself"
        page.select_option("#callees-severity", "yellow")
        expect(page.locator("#callees-found")).to_contain_text("1 would be called")
        expect(page.locator("#callees-steps")).to_contain_text("begins at a higher severity")
        visitor.keep("duty-chains")
        visitor.clean()


def test_a_tablet_has_room_for_all_of_it(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "chen", size=(1024, 768)) as visitor:
        page = visitor.page
        visitor.open("/duty")
        page.wait_for_selector("#duty-desks tr.county")
        page.wait_for_selector("#handover-history li")
        visitor.keep("duty-tablet")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 1024
        visitor.clean()


def test_a_shift_is_made_with_the_fortnight_beside_it_and_its_turns_follow(
    browser: Browser, duty: Site
) -> None:
    with visit(browser, duty, "lin", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/duty")
        page.click("[data-tab='roster']")
        page.click("#shift-add")
        expect(page.locator("#editor-go")).to_be_disabled()
        page.fill("dialog [name='name']", "镇夜班")
        page.fill("dialog [name='code']", "town-night")
        page.select_option("dialog [name='area']", "330225009")
        page.fill("dialog [name='starts']", "20:00")
        page.fill("dialog [name='ends']", "08:00")
        expect(page.locator(".editor-look")).to_contain_text("请在轮值里加上人")
        own = page.locator("dialog [name='rota-add'] option")
        page.select_option("dialog [name='rota-add']", index=1)
        page.select_option("dialog [name='rota-add']", index=2)
        page.locator(".rota-with").first.select_option(index=3)
        assert own.count() > 3
        expect(page.locator(".rota .chip")).to_have_count(3)
        expect(page.locator(".outlook-turns li")).not_to_have_count(0)
        visitor.keep("duty-shift-editor")
        page.click(".week [data-day='6']")
        expect(page.locator(".outlook-fault").first).to_contain_text("缺人")
        page.click("#editor-go")
        page.click("#ask-go")
        row = page.locator("#shift-rows li", has_text="镇夜班")
        expect(row).to_contain_text("已排到")
        row.locator("[data-act='change']").click()
        expect(page.locator("dialog [name='code']")).to_be_disabled()
        expect(page.locator(".outlook")).to_be_visible()
        page.uncheck("dialog [name='active']")
        expect(page.locator(".outlook")).to_contain_text("停用后")
        page.click("#editor-go")
        expect(page.locator("#notices")).to_contain_text("已停用，撤下")
        visitor.clean()


def test_a_chain_is_tried_before_it_is_kept(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "wang", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/duty")
        page.click("[data-tab='chains']")
        page.click("#chain-add")
        page.fill("dialog [name='name']", "橙色以上叫镇长")
        page.fill("dialog [name='code']", "orange-up")
        page.fill("dialog [name='source']", "县预案 4.2")
        page.select_option("dialog [name='least']", "orange")
        page.select_option("dialog [name='hazard']", "rain")
        page.click("#member-add")
        page.locator(".members li").nth(1).locator("select").first.select_option("person")
        expect(page.locator(".editor-look")).to_contain_text("有对象还没选定")
        page.locator(".members li").nth(1).locator("select").nth(1).select_option(index=1)
        expect(page.locator(".called")).to_have_count(2)
        chosen = (
            page.locator(".members li")
            .nth(1)
            .locator("select")
            .nth(1)
            .locator("option:checked")
            .text_content()
            or ""
        )
        name = chosen.split(" · ")[-1].split("（")[0]
        expect(page.locator(".called").nth(1)).to_contain_text(name)
        visitor.keep("duty-chain-editor")
        page.click("#editor-go")
        row = page.locator("#chain-rows li", has_text="橙色以上叫镇长")
        expect(row).to_contain_text(name)
        row.locator("[data-act='change']").click()
        page.uncheck("dialog [name='active']")
        page.locator("#editor-go:enabled").click()
        expect(row).to_contain_text("停用")
        visitor.clean()
    with visit(browser, duty, "chen") as visitor:
        visitor.open("/duty")
        visitor.page.click("[data-tab='chains']")
        visitor.page.wait_for_selector("#chain-rows li")
        expect(visitor.page.locator("#chain-add")).to_be_hidden()
        expect(visitor.page.locator("#chain-rows [data-act='change']").first).to_be_hidden()


def test_a_turn_is_changed_by_hand(browser: Browser, duty: Site) -> None:
    with visit(browser, duty, "lin", size=(1024, 768), language="en") as visitor:
        page = visitor.page
        visitor.open("/duty")
        page.click("[data-view='fortnight']")
        turn = page.locator("#fortnight-desks tr:nth-child(3) td:nth-child(9) .turn")
        before = turn.text_content()
        turn.click()
        page.select_option("#ask-act", "change")
        page.click("#ask-go")
        options = page.locator("#ask-person option")
        other = next(one for one in options.all_text_contents() if before and before.strip() not in one)
        enter(
            visitor, person=options.filter(has_text=other).first.get_attribute("value") or "", reason="swap"
        )
        expect(page.locator("#notices")).to_contain_text("Changed")
        expect(turn).not_to_have_text(before or "")
        page.click("[data-tab='roster']")
        page.click("#shift-rows [data-act='change'] >> nth=0")
        expect(page.locator(".outlook-turns li")).not_to_have_count(0)
        visitor.keep("duty-shift-tablet")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 1024
        visitor.clean()
