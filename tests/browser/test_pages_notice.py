"""A notice of many alarms: its SMS names the worst few, its page every one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.integration.serving import Site


@pytest.fixture(scope="module")
def notice(site: Site) -> int:
    """The county's first order, about every open alarm."""
    with site.connection() as connection, connection.transaction():
        found = connection.execute("select min(id) from orders where state = 'issued'").fetchone()
        assert found is not None
        connection.execute(
            "insert into order_alarm (order_id, alarm, severity, position)"
            " select %s, id, coalesce(severity, 'yellow'), 1 from alarm where closed_at is null and exercise is null"
            " on conflict do nothing",
            (found[0],),
        )
        return int(found[0])


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
def test_every_alarm_of_a_notice_stands_on_its_page(
    browser: Browser, site: Site, notice: int, size: tuple[int, int]
) -> None:
    with site.connection() as connection:
        counted = connection.execute(
            "select count(*) from order_alarm where order_id = %s", (notice,)
        ).fetchone()
    assert counted is not None and counted[0] > 1
    with visit(browser, site, "chen", size=size) as visitor:
        visitor.open(f"/orders/{notice}")
        box = visitor.page.locator("#order-alarms")
        expect(box.locator("summary")).to_contain_text(str(counted[0]))
        box.locator("details").evaluate("node => { node.open = true; }")
        expect(box.locator("li")).to_have_count(counted[0])
        box.scroll_into_view_if_needed()
        visitor.keep(f"notice-{size[0]}")
        visitor.clean()
