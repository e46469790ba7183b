"""Visits of pages by Debian's Chromium, with everything counted that should not happen."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, Route

from tests.integration.serving import Site

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def chromium(playwright: Playwright) -> Browser:
    """Debian's Chromium; Playwright downloads no browser of its own."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@dataclass
class Visit:
    """One person at one open page. `foreign` are requests to other hosts, `faults` what went wrong."""

    page: Page
    url: str
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def until(self, expression: str, timeout_s: float = 30) -> None:
        """Waits until the expression holds. (Playwright's own wait evaluates strings, which the pages'
        content security policy forbids.)"""
        end = time.monotonic() + timeout_s
        while not self.page.evaluate(f"() => Boolean({expression})"):
            assert time.monotonic() < end, f"within {timeout_s} s never: {expression}"
            self.page.wait_for_timeout(20)

    def open(self, path: str) -> None:
        """Goes to a page and waits until its live data is there."""
        self.page.goto(self.url + path)
        self.until("window.anlan && window.anlan.ready && document.querySelector('[data-page]')")

    def keep(self, name: str) -> None:
        """Keeps a screenshot where ANLAN_SCREENSHOTS says, if it says so."""
        folder = os.environ.get("ANLAN_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def whole(self, name: str) -> None:
        """Keeps a screenshot; nothing sticks out of the page or of its head."""
        self.keep(name)
        assert self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert self.page.locator(".top").evaluate("e => e.scrollWidth - e.clientWidth") <= 0

    def clean(self) -> None:
        """Nothing left for another host, and no script failed."""
        assert self.foreign == []
        assert self.faults == []


@contextmanager
def visit(
    browser: Browser, site: Site, user: str, *, size: tuple[int, int] = (1440, 900), language: str = "zh"
) -> Iterator[Visit]:
    """A signed-in person; requests to other hosts are blocked and counted."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": "anlan_language", "value": language, "url": site.url}])
    for cookie, value in site.signed_in(user).cookies.items():
        context.add_cookies([{"name": cookie, "value": value, "url": site.url, "httpOnly": True}])
    page = context.new_page()
    visitor = Visit(page, site.url)

    def pass_on(route: Route) -> None:
        if route.request.url.startswith((site.url, "data:", "blob:")):
            route.continue_()
        else:
            visitor.foreign.append(route.request.url)
            route.abort()

    context.route("**/*", pass_on)
    page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    page.on("console", lambda line: visitor.faults.append(line.text) if line.type == "error" else None)
    try:
        yield visitor
    finally:
        context.close()
