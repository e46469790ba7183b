"""While ingest takes up what an outage held back, the desk and the wall say so, and how far it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from psycopg.types.json import Jsonb

from tests.browser.visit import visit
from tests.integration.serving import Site

SAID = {
    "zh": ("正在补收，已到", "约剩 12,000 条，4 分钟"),
    "en": ("catching up, at", "about 12,000 messages left, 4 min"),
}


def tell(site: Site, **detail: float) -> None:
    with site.connection() as connection:
        connection.execute(
            "insert into heartbeat (role, instance, at, detail) values ('ingest', 'behind', now() + interval '1 min',"
            " %s) on conflict (role, instance) do update set at = excluded.at, detail = excluded.detail",
            (Jsonb(detail),),
        )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("path", "name"), [("/", "desk"), ("/wall", "wall")])
def test_the_screens_say_that_a_backlog_is_taken_up_and_when_it_is_over(
    browser: Browser, site: Site, path: str, name: str, language: str
) -> None:
    reached = (datetime.now(UTC) - timedelta(minutes=50)).timestamp()
    tell(site, catching_up=1, backlog_reached=reached, backlog_left=12_000, backlog_left_s=200)
    with visit(browser, site, "wang", language=language) as visitor:
        visitor.open(path)
        place = visitor.page.locator(".catching-up")
        short, whole = SAID[language]
        expect(place).to_be_visible()
        expect(place).to_contain_text(short)
        expect(place).to_have_attribute("title", re.compile(re.escape(whole)))
        box = visitor.page.locator(".top, .wall-head").first
        assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        visitor.keep(f"catching-up-{name}-{language}")
        tell(site, catching_up=0)
        expect(place).to_be_hidden(timeout=15_000)
        visitor.clean()
