"""A real browser, and axe in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        made = tools.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield made
        made.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


class Watched:
    """A page of the browser, and all that went wrong on it."""

    def __init__(self, page: Any, site: Path) -> None:
        self.page = page
        self.site = site
        self.wrong: list[str] = []
        page.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("requestfailed", self._failed)

    def open(self, path: str, query: str = "") -> Any:
        """Opens a page of the site and waits for its scripts."""
        self.page.goto((self.site / path).as_uri() + query)
        return self.page

    def _request(self, request: Any) -> None:
        if not request.url.startswith(self.site.as_uri()):
            self.wrong.append(f"left the folder: {request.url}")

    def _failed(self, request: Any) -> None:
        # An icon that is still loading when the next page opens is dropped.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.url}: {request.failure}")

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()


# Makes pages of a site, each with the options of a browser context.
Opener = Callable[..., Watched]

# All that hangs on the theme; whatever else is wrong with a page is so in both.
COLOUR_RULES = ("color-contrast", "link-in-text-block")


def violations(page: Any, axe: str, rules: Sequence[str] | None = None) -> list[str]:
    # All rows of a table are made alike, and axe takes seconds for a thousand cells.
    page.evaluate(
        "document.querySelectorAll('tbody tr:nth-child(n+9)').forEach((row) => row.remove())"
    )
    # Run by the debugger, so that the page's policy need not let it in.
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    broken = page.evaluate(
        # Axe would fetch the stylesheets once more, which the page's policy forbids.
        "(rules) => axe.run(document, { resultTypes: ['violations'], preload: false,"
        " ...(rules && { runOnly: { type: 'rule', values: rules } }) })"
        ".then((r) => r.violations)",
        None if rules is None else [*rules],
    )
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in broken]
