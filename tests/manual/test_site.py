"""The manual as it is built: every link leads somewhere, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

from manual.building import all_pages, build
from tests.chromium import DESK, PHONE, violations

# A page of each kind.
KINDS = [
    "index.html",
    "tutorials/first_board.html",
    "numbers.html",
    "corpora.html",
    "zero_shot.html",
    "recipes.html",
    "cards/massive.html",
    "cards/languages/km-KH.html",
    "cards/languages/ar-SA.html",
    "reference/commands/index.html",
    "reference/commands/data-import.html",
    "reference/files/recipe-encoder.html",
    "reference/python.html",
    "reference/rules.html",
    "reference/glossary.html",
    "search.html",
]
_LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Parts(HTMLParser):
    """What a page loads, what it links to, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif _LOADS.get(tag) in values and values.get("rel") not in {"next", "prev", "canonical"}:
            self.loaded.append(values[_LOADS[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sphinx", reason="the extra `docs` is not installed")
    folder = tmp_path_factory.mktemp("manual")
    assert build(folder / "site", folder / "work") == 0
    return folder / "site"


@pytest.fixture(scope="module")
def parts(site: Path) -> dict[Path, Parts]:
    return {path: Parts(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


@pytest.mark.slow
def test_every_page_is_built(site: Path) -> None:
    for page in all_pages():
        assert (site / page.path).with_suffix(".html").is_file(), page.path


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site: Path, parts: dict[Path, Parts]) -> None:
    for path, page in parts.items():
        assert [name for name in page.loaded if "//" in name] == [], path
    for path in site.rglob("*.css"):
        addresses = re.findall(r"(?:url\(|@import) *[\"']?([^\"') ]+)", path.read_text("utf-8"))
        assert [name for name in addresses if name.startswith(("http", "//"))] == [], path


@pytest.mark.slow
def test_every_link_and_anchor_leads_somewhere(parts: dict[Path, Parts]) -> None:
    dead = []
    for path, page in parts.items():
        for link in (*page.links, *page.loaded):
            if re.match(r"[a-z]+:", link):
                continue
            name, anchor = urldefrag(link)
            target = (path.parent / unquote(name.partition("?")[0])).resolve() if name else path
            known = parts.get(target)
            if not target.exists() or (anchor and known and unquote(anchor) not in known.anchors):
                dead.append(f"{path.name}: {link}")
    assert dead == []


@pytest.fixture(scope="module")
def opened(browser: Any, site: Path) -> Callable[..., Iterator[Any]]:
    def pages(theme: str, size: dict[str, int], names: list[str]) -> Iterator[Any]:
        context = browser.new_context(color_scheme=theme, viewport=size)
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith("file:") else None)
        for name in names:
            page.goto((site / name).as_uri())
            yield page
            assert wrong == [], name
        context.close()

    return pages


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_can_be_read_by_all_without_anything_from_elsewhere(
    theme: str, opened: Callable[..., Iterator[Any]], axe: str
) -> None:
    broken = {}
    for page in opened(theme, DESK, KINDS):
        if rules := violations(page, axe):
            broken[page.url.rpartition("/site/")[2]] = rules
    assert broken == {}


@pytest.mark.browser
def test_pages_fit_a_phone(opened: Callable[..., Iterator[Any]]) -> None:
    for page in opened("light", PHONE, KINDS):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], page.url


@pytest.mark.browser
def test_the_search_finds_a_command_from_the_disk(browser: Any, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + "?q=pseudo-label")
    page.wait_for_selector("#search-results li a")
    texts = page.locator("#search-results li a").all_text_contents()
    assert any("pseudo-label" in text for text in texts)
    page.close()
