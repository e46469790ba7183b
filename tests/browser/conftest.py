"""The pages, served with a small county in the middle of a flood, and a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.county import fill
from tests.browser.visit import CHROMIUM, chromium
from tests.integration.serving import Site, served

expect.set_options(timeout=20_000)
"""Both cores may be busy with other tests; what is there at once is seen at once."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a module; each visit has its own profile."""
    if not Path(CHROMIUM).exists():
        pytest.fail(
            f"{CHROMIUM} is missing: ./anlan test installs it, or apt-get install chromium-headless-shell"
        )
    with sync_playwright() as playwright:
        opened = chromium(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real pages; users chen (duty), lin (leader), wang (commander), guest (viewer), town (duty of a town)."""
    with served(database, pages=None, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            fill(connection, datetime.now(UTC))
            connection.execute(
                "insert into exercise (code, name, started_by) values ('drill-1', '夏季演练', 'lin')"
            )
        for name, role in (("chen", "duty"), ("lin", "leader"), ("wang", "commander"), ("guest", "viewer")):
            running.add_user(name, role)
        running.add_user("town", "duty", area="330225004")
        yield running
