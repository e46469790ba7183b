"""The cameras: a mosaic with ages, why one is off in words, and a patrol that moves on the map."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from core.cameras import Position
from store import camera_reports, patrols
from store.camera_reports import CameraState
from tests.browser.visit import visit
from tests.integration.serving import Site


def report(site: Site, camera: str, online: bool, battery: float | None = None) -> None:
    at = datetime.now(UTC)
    with site.connection() as connection:
        camera_reports.save_state(
            connection, [camera], CameraState(online, at, at, "camera", battery=battery), None
        )


@pytest.fixture(scope="module")
def patrol(site: Site) -> str:
    """Patrol P1 in the town of the first camera, with a battery and a place; P2 that was never heard."""
    with site.connection() as connection:
        for code, name in (("P1", "单兵一号"), ("P2", "单兵二号")):
            connection.execute(
                "insert into camera (code, name, name_en, area, lon, lat, kind)"
                " select %s, %s, %s, area, lon, lat, 'patrol' from camera order by code limit 1"
                " on conflict do nothing",
                (code, name, f"Patrol {code}"),
            )
        now = datetime.now(UTC)
        for ago, lon, lat in ((90, 121.5, 29.4), (40, 121.84, 29.4), (20, 121.87, 29.5), (5, 121.9, 29.41)):
            at = now - timedelta(minutes=ago)
            patrols.save_position(
                connection, "P1", None, Position(at, lon, lat, 5, 1.4), at, keep=timedelta(days=1)
            )
    report(site, "P1", True, battery=64)
    return "P1"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (1280, 800), (800, 1280)])
def test_the_page_is_whole_at_every_size(
    browser: Browser, site: Site, patrol: str, language: str, size: tuple[int, int]
) -> None:
    with visit(browser, site, "wang", language=language, size=size) as visitor:
        visitor.open("/cameras")
        expect(visitor.page.locator("#mosaic .tile")).not_to_have_count(0)
        visitor.page.wait_for_timeout(700)
        visitor.keep(f"cameras-{language}-{size[0]}")
        assert visitor.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
        visitor.clean()


def test_filters_search_and_one_camera_large(browser: Browser, site: Site, patrol: str) -> None:
    with visit(browser, site, "wang", size=(1920, 1080)) as visitor:
        page = visitor.page
        visitor.open("/cameras")
        tiles = page.locator("#mosaic .tile")
        page.click("[data-shown='patrols']")
        expect(tiles).to_have_count(2)
        expect(page.locator("#mosaic .tile", has_text="单兵二号").locator(".flag")).to_have_text("从未上线")
        page.fill("#camera-search", "patrol p1")
        expect(tiles).to_have_count(1)
        tiles.first.press("Enter")
        facts = page.locator(".one-camera .facts")
        expect(facts).to_contain_text("64 %")
        expect(facts).to_contain_text("29.41000°, 121.90000°")
        visitor.keep("camera-one")
        report(site, "P1", True, battery=63)
        expect(facts).to_contain_text("63 %")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        assert page.input_value("#camera-search") == "patrol p1"
        page.fill("#camera-search", "nothing like it")
        expect(page.locator("#mosaic-none")).to_have_text("没有符合条件的摄像机")
        visitor.clean()


def test_a_camera_that_fell_silent_says_since_when(browser: Browser, site: Site, patrol: str) -> None:
    with site.connection() as connection:
        connection.execute(
            "update camera_state set received_at = now() - interval '20 minutes', since = now() - interval '1 hour',"
            " online = true, settled = true where camera = 'P1'"
        )
    with visit(browser, site, "wang") as visitor:
        visitor.open("/cameras")
        flag = visitor.page.locator("#mosaic .tile", has_text="单兵一号").locator(".flag")
        expect(flag).to_have_text("静默 20 分钟")
        report(site, "P1", True)
        with site.connection() as connection:
            connection.execute("update camera_state set since = now() - interval '31 s' where camera = 'P1'")
        expect(flag).to_be_hidden()
        visitor.clean()


def test_the_way_of_a_patrol_goes_along_on_the_map(browser: Browser, site: Site, patrol: str) -> None:
    with visit(browser, site, "wang", size=(1920, 1080)) as visitor:
        visitor.open("/wall")
        way = visitor.page.frame_locator("#map").locator("path.trail")
        expect(way).to_have_count(0)
        visitor.page.click("[data-layer=cameras]")
        expect(way).to_have_count(1)
        assert way.evaluate("e => e.getAttribute('d').split(/[ML]/).length - 1") == 3, (
            "what is over an hour old is not drawn"
        )
        before = way.get_attribute("d")
        visitor.keep("wall-patrol")
        now = datetime.now(UTC)
        with site.connection() as connection:
            patrols.save_position(
                connection, "P1", None, Position(now, 121.91, 29.42), now, keep=timedelta(days=1)
            )
        report(site, "P1", True)
        expect(way).not_to_have_attribute("d", before or "")
        visitor.page.click("[data-layer=cameras]")
        expect(way).to_have_count(0)
        visitor.clean()
