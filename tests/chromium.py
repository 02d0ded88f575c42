"""A real browser, and axe in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")


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


# All that hangs on the theme; whatever else is wrong with a page is so in both.
COLOUR_RULES = ("color-contrast", "link-in-text-block")


def violations(page: Any, axe: str, rules: Sequence[str] | None = None) -> list[str]:
    # All rows of a table are made alike, and axe takes seconds for a thousand cells.
    page.evaluate(
        "document.querySelectorAll('tbody tr:nth-child(n+9)').forEach((row) => row.remove())"
    )
    # Run by the debugger, so that the page's policy need not let it in.
    page.evaluate(axe)
    broken = page.evaluate(
        # Axe would fetch the stylesheets once more, which the page's policy forbids.
        "(rules) => axe.run(document, { resultTypes: ['violations'], preload: false,"
        " ...(rules && { runOnly: { type: 'rule', values: rules } }) })"
        ".then((r) => r.violations)",
        None if rules is None else [*rules],
    )
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in broken]
