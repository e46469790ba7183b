"""Areal rain beside the warnings: the county first, then the wettest, of towns, basins or rivers."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.integration.serving import Site

NEWEST = """
select place, mean from area_rain
where kind = %s and window_s = 10800 and exercise is null and time <= now() order by time
"""


def held(site: Site, kind: str) -> dict[str, float]:
    """The newest mean of three hours by place."""
    with site.connection() as connection:
        return dict(connection.execute(NEWEST, (kind,)).fetchall())


def test_towns_stand_under_their_county_and_an_exercise_has_its_own(browser: Browser, site: Site) -> None:
    towns, county = held(site, "town"), held(site, "county")
    assert len(towns) > 1
    with visit(browser, site, "guest", size=(1280, 800), language="en") as visitor:
        page = visitor.page
        visitor.open("/weather")
        rows = page.locator("#area-rain-rows tr")
        expect(rows).to_have_count(len(towns) + 1)
        shown = dict(
            rows.evaluate_all(
                "rows => rows.map(r => [r.dataset.place, Number(r.querySelector('[data-part=three]').textContent)])"
            )
        )
        assert shown == {
            **{f"county {code}": round(mean, 1) for code, mean in county.items()},
            **{f"town {code}": round(mean, 1) for code, mean in towns.items()},
        }
        amounts = list(shown.values())[1:]
        assert next(iter(shown)).startswith("county") and amounts == sorted(amounts, reverse=True)
        visitor.keep("weather-area-rain-en-1280")
        assert page.locator("#area-rain-means").evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        page.click("[data-places='basin']")
        expect(page.locator("#area-rain-none")).to_contain_text("no station names its basin")
        page.click("[data-places='river']")
        expect(rows).to_have_count(len(held(site, "river")) + 1)
        visitor.open("/weather?exercise=drill-1")
        expect(page.locator("#area-rain-none")).to_contain_text("No areal rain of towns")
        visitor.clean()


def test_a_town_without_gauges_is_told_so_and_sees_no_other(browser: Browser, site: Site) -> None:
    with visit(browser, site, "town", size=(1920, 1080)) as visitor:
        visitor.open("/weather")
        expect(visitor.page.locator("#area-rain-none")).to_contain_text("近24小时没有乡镇面雨量")
        assert visitor.page.locator("#area-rain-rows tr").count() == 0
        visitor.clean()


def test_the_limits_to_move_stand_beside_the_means(browser: Browser, site: Site) -> None:
    with site.connection() as connection:
        connection.execute(
            "insert into area (code, name, name_en, kind, parent, lon, lat) select '330225004201801', '溪口老屋',"
            " 'Xikou Hamlet', 'hamlet', '330225004', 121.9, 29.2"
        )
        for soil, share in (("dry", 1.2), ("normal", 1.0), ("wet", 0.8)):
            connection.execute(
                "insert into hamlet_limit (area, window_s, soil, prepare_mm, immediate_mm, gauges, source, set_by)"
                " values ('330225004201801', 10800, %s, %s, %s, '{P01}', 'test', 'test')",
                (soil, 80 * share, 100 * share),
            )
    with visit(browser, site, "guest", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/weather")
        page.click("[data-places='limits']")
        first = page.locator("#rain-limit-rows li").first
        expect(first).to_contain_text("溪口老屋")
        expect(first.locator(".pill")).to_have_text("立即转移")
        expect(first).to_contain_text("资料不足，按一般计")
        expect(page.locator("#area-rain-rows")).to_be_hidden()
        visitor.whole("weather-rain-limits")
        page.click("[data-places='town']")
        expect(page.locator("#area-rain-rows")).to_be_visible()
        visitor.clean()
    with visit(browser, site, "guest", size=(1280, 800), language="en") as visitor:
        visitor.open("/weather")
        visitor.page.click("[data-places='limits']")
        expect(visitor.page.locator("#rain-limit-rows li").first).to_contain_text("Xikou Hamlet")
        visitor.whole("weather-rain-limits-en")
        visitor.clean()
