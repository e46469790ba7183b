"""Forecasts as people see them: after "now", dashed, named, dated; old ones not as if they were new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.settings import Settings
from ingest.derive import derived
from ingest.derive.forecasts import issue
from tests.browser.visit import Visit, visit
from tests.integration.serving import Site


@pytest.fixture(scope="module")
def rising(site: Site) -> Iterator[Site]:
    """Z02 rises fast towards its limits; Z03 has none; scores of thirty days."""
    with site.connection() as connection:
        found = connection.execute("select max(time) from latest").fetchone()
        assert found is not None
        now = found[0] + timedelta(seconds=30)
        for code, level in (("Z02", 2.3), ("Z03", 0.9)):
            for step in range(12, -1, -1):
                connection.execute(
                    "update observation set value = %s from series where series.id = series and station = %s"
                    " and property = 'water_level' and time between %s and %s",
                    (
                        round(level - 0.05 * step, 2),
                        code,
                        now - timedelta(minutes=5 * step + 4),
                        now - timedelta(minutes=5 * step - 1),
                    ),
                )
            connection.execute(
                "update latest set value = %s, usable_value = %s from series where series.id = series and station = %s"
                " and property = 'water_level'",
                (level, level, code),
            )
        connection.execute(
            "insert into mark (consumer, series, from_time, to_time)"
            " select 'derived', series, time, time from latest join series on series.id = series"
            " where station in ('Z02', 'Z03')"
        )
        while derived.step(connection, Settings(), now) + issue.step(connection, Settings(), now):
            pass
        connection.execute(
            "insert into forecast_skill select series.id, current_date - n, source, lead, 250,"
            " 250 * 0.004 * lead / 3600, 250 * 0.05 * lead / 3600, 250 * 0.006 * lead / 3600,"
            " 250 * 0.86 - lead / 250, 250 * 0.08 * lead / 3600"
            " from series, generate_series(0, 5) n, unnest(array['trend', 'upstream']) source,"
            " unnest(array[1800, 3600, 7200, 10800]) lead where station in ('Z01', 'Z02')"
            " and property = 'water_level'"
        )
    yield site


def station(visitor: Visit, code: str) -> Page:
    visitor.open(f"/stations/{code}?hours=6")
    visitor.page.wait_for_selector("#picture-station .main-svg", state="attached")
    return visitor.page


def traces(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "() => document.querySelector('#picture-station .js-plotly-plot').data"
        ".map(one => ({dash: one.line && one.line.dash, fill: one.fill, x: one.x, y: one.y}))"
    )
    return found


def test_the_level_goes_on_dashed_after_now_with_its_range_and_a_sentence(
    browser: Browser, rising: Site
) -> None:
    with visit(browser, rising, "chen", size=(1920, 1080)) as visitor:
        page = station(visitor, "Z02")
        expect(page.locator("#station-forecast")).to_be_visible()
        expect(page.locator("#station-forecast [data-part=said]")).to_contain_text("达到保证 3.20 m")
        expect(page.locator("#station-forecast [data-part=before]")).to_contain_text("警戒 2.60 m 约在")
        expect(page.locator("#station-forecast [data-part=basis]")).to_contain_text("水位趋势")
        expect(page.locator("#station-forecast [data-part=basis]")).to_contain_text("前")
        expect(page.locator("#station-forecast [data-part=skill]")).to_contain_text("平均误差 0.05 m")
        (dashed,) = [one for one in traces(page) if one["dash"] == "dash"]
        assert dashed["y"][0] == 2.3
        assert dashed["y"][-1] > 3.2
        assert any(one["fill"] == "tonexty" for one in traces(page))
        expect(page.locator("#picture-station .annotation", has_text="趋势推算")).to_be_visible()
        visitor.whole("station-forecast-zh-1920")
        page.set_viewport_size({"width": 1024, "height": 768})
        visitor.until("document.documentElement.scrollWidth <= window.innerWidth")
        visitor.whole("station-forecast-zh-1024")
        visitor.clean()


def test_a_station_without_limits_tells_where_it_will_stand(browser: Browser, rising: Site) -> None:
    with visit(browser, rising, "chen", language="en") as visitor:
        page = station(visitor, "Z03")
        expect(page.locator("#station-forecast [data-part=said]")).to_contain_text("in 3 h ")
        visitor.clean()


def test_what_is_too_old_is_not_drawn_and_said_to_be_old(browser: Browser, rising: Site) -> None:
    with visit(browser, rising, "chen", language="en") as visitor:
        page = station(visitor, "R02")
        expect(page.locator("#station-forecast [data-part=said]")).to_contain_text("too old to be shown")
        assert [one for one in traces(page) if one["dash"] == "dash"] == []
        page.locator("#series").wait_for()
        visitor.clean()


def test_a_tide_without_constants_says_what_it_needs(browser: Browser, rising: Site) -> None:
    with visit(browser, rising, "chen", language="en") as visitor:
        page = station(visitor, "T01")
        expect(page.locator("#station-forecast [data-part=basis]")).to_contain_text("harmonic constants")
        visitor.clean()


def test_a_rain_gauge_has_no_forecast(browser: Browser, rising: Site) -> None:
    with visit(browser, rising, "chen") as visitor:
        page = station(visitor, "P01")
        expect(page.locator("#value-rows tr").first).to_be_visible()
        expect(page.locator("#station-forecast")).to_be_hidden()


@pytest.mark.parametrize(("language", "size"), [("zh", (1920, 1080)), ("en", (1280, 800))])
def test_the_page_tells_what_comes_and_how_good_such_words_were(
    browser: Browser, rising: Site, language: str, size: tuple[int, int]
) -> None:
    with visit(browser, rising, "chen", language=language, size=size) as visitor:
        page = visitor.page
        visitor.open("/forecasts")
        expect(page.locator("#coming-list li")).to_have_count(1)
        expect(page.locator("#coming-list li")).to_contain_text("西溪" if language == "zh" else "Xixi")
        expect(page.locator("#skill-rows tr")).to_have_count(8)
        first = page.locator("#skill-rows tr").nth(1)
        expect(first.locator("[data-part=error]")).to_have_text("0.050 m")
        expect(first.locator("[data-part=within]")).to_have_text("80 %")
        expect(first.locator("[data-part=unchanged]")).to_contain_text("38 %")
        visitor.whole(f"forecasts-{language}-{size[0]}")
        across = page.locator(".skill .scroll").evaluate("e => e.scrollWidth - e.clientWidth")
        assert across <= 0, "no column is cut off"
        page.locator("#skill-station").select_option("Z01")
        expect(first.locator("[data-part=count]")).to_contain_text("1500")
        page.locator('#skill-days [data-days="1"]').click()
        expect(first.locator("[data-part=count]")).to_contain_text("250")
        page.locator("#skill-station").select_option("R01")
        expect(page.locator("#skill-none")).to_be_visible()
        page.set_viewport_size({"width": 1024, "height": 768})
        visitor.until("document.documentElement.scrollWidth <= window.innerWidth")
        visitor.whole(f"forecasts-{language}-1024")
        visitor.clean()


def test_an_exercise_has_forecasts_of_its_own(browser: Browser, rising: Site) -> None:
    with visit(browser, rising, "chen") as visitor:
        visitor.open("/forecasts?exercise=drill-1")
        expect(visitor.page.locator("#coming-none")).to_contain_text("没有测站")
        expect(visitor.page.locator("#skill-none")).to_contain_text("还没有可以对照的推算")
        visitor.open("/forecasts?station=Z01&days=7")
        expect(visitor.page.locator("#skill-station")).to_have_value("Z01")
        expect(visitor.page.locator('#skill-days [data-days="7"]')).to_have_attribute("aria-pressed", "true")
