"""A headless Chromium, and pages in it that may talk to one host only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

VARIABLE = "PROFILES_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
INSTALL = (sys.executable, "-m", "playwright", "install", "chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed at the end. Never gives up silently."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_executable(playwright), args=ARGUMENTS
        )
        try:
            yield browser
        finally:
            browser.close()


def _executable(playwright: Playwright) -> str:
    """The first of: the one that the environment names, one on the path, Playwright's own."""
    own = playwright.chromium.executable_path
    found = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and not Path(own).exists():
        subprocess.run(INSTALL, check=False, capture_output=True, timeout=280)
    executable = found or own
    assert Path(executable).exists(), (
        f"There is no Chromium at {executable}: install one, or name its path in {VARIABLE}."
    )
    return executable


class Watched:
    """A page, and all that went wrong in it."""

    def __init__(self, page: Page, host: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        """Errors in the console and in scripts, breaches of the policy, other hosts."""
        self._host = host
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.route("**/*", self._let_through)

    def _hear(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" or "Content Security Policy" in text:
            self.wrong.append(f"console: {text}")

    def _let_through(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.netloc == self._host or url.scheme == "data":
            route.continue_()
        else:
            self.wrong.append(f"asked {url.netloc} for {url.path}")
            route.abort()
