"""Visits of pages by Debian's Chromium, with everything counted that should not happen."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request

from tests.integration.serving import Site

CHROMIUM = "/usr/lib/chromium/chromium-headless-shell"
"""The shell without a window: a page costs half the processor time of the full browser."""

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


def chromium(playwright: Playwright) -> Browser:
    """Debian's Chromium; Playwright downloads no browser of its own."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


def note_foreign(context: BrowserContext, url: str, foreign: list[str]) -> None:
    """Adds to `foreign` what the pages ask of other hosts than the one of `url`."""

    def note(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            foreign.append(request.url)

    context.on("request", note)


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
    """A signed-in person; requests to other hosts find no address and are counted."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": "anlan_language", "value": language, "url": site.url}])
    for cookie, value in site.signed_in(user).cookies.items():
        context.add_cookies([{"name": cookie, "value": value, "url": site.url, "httpOnly": True}])
    page = context.new_page()
    visitor = Visit(page, site.url)

    note_foreign(context, site.url, visitor.foreign)
    page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    page.on("console", lambda line: visitor.faults.append(line.text) if line.type == "error" else None)
    try:
        yield visitor
    finally:
        context.close()
