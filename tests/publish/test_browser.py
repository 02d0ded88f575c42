"""The site in a real browser, opened from the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from massive_kit.breakdown.replicate_comparison import load_replicates, paired_differences
from massive_kit.schema.metrics import MAIN_METRICS
from tests.chromium import PHONE, Opener, Watched

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: outside of git."""
    named = os.environ.get("MASSIVE_KIT_ARTIFACTS")
    folder = Path(named) / "board" if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_no_page_scrolls_sideways_on_a_phone(opened: Opener, offline_site: Path) -> None:
    watched = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    wide = {}
    for path in sorted(offline_site.rglob("*.html")):
        name = path.relative_to(offline_site).as_posix()
        page = watched.open(name)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[name] = width
    assert wide == {}


def names(page: Any, table: str = "full") -> list[str]:
    shown: list[str] = page.evaluate(
        """(name) => [...document.querySelectorAll(`[data-table="${name}"] tbody tr`)]
        .filter((row) => !row.hidden).map((row) => row.querySelector("th").textContent.trim())""",
        table,
    )
    return shown


def test_sorts_by_keyboard_and_keeps_it_in_the_address(opened: Opener) -> None:
    page = opened().open("index.html")
    before = names(page)
    button = page.locator("[data-table=full] th[data-key=intent_accuracy] button")
    button.focus()
    page.keyboard.press("Enter")
    after = names(page)
    assert after != before
    assert after[0].startswith("mT5 Base, encoder only")
    head = page.locator("[data-table=full] th[data-key=intent_accuracy]")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.locator("[data-table=full] th[aria-sort]").count() == 1
    page.reload()
    assert names(page) == after
    page.locator("[data-table=full] th[data-key=intent_accuracy] button").focus()
    page.keyboard.press("Space")
    assert names(page) == after[::-1]
    assert "full.sort=intent_accuracy:ascending" in page.url


def test_filters_by_keyboard_and_keeps_it_in_the_address(opened: Opener) -> None:
    page = opened().open("index.html")
    search = page.locator("[data-table=full] [data-search]")
    search.focus()
    page.keyboard.type("xlm")
    assert len(names(page)) == 1
    assert page.locator("[data-table=full] [data-count]").text_content() == "1 of 3 rows"
    page.reload()
    assert [name[:10] for name in names(page)] == ["XLM-R Base"]
    page = opened().open("languages.html")
    page.locator("[data-facet=genus]").select_option("Germanic")
    assert len(names(page, "languages")) == 8
    page.locator("[data-facet=script]").select_option("Cyrl")
    assert names(page, "languages") == []
    page.reload()
    assert page.locator("[data-facet=genus]").input_value() == "Germanic"


def test_counter_knows_the_singular(browser: Any, lone_site: Path) -> None:
    page = Watched(browser.new_page(), lone_site).open("index.html")
    count = page.locator("[data-table=task-demo-full-full] [data-count]")
    assert count.text_content() == "1 row"
    page.locator("[data-table=task-demo-full-full] [data-search]").fill("none such")
    assert count.text_content() == "0 of 1 row"
    page.close()


def test_filters_by_size_and_open_weights(opened: Opener) -> None:
    page = opened().open("index.html")
    table = "demo-full"
    page.locator(f'[data-table="{table}"] [data-facet=weights]').select_option("open")
    assert [name.split()[1] for name in names(page, table)] == ["good"]
    page.locator(f'[data-table="{table}"] [data-facet=weights]').select_option("")
    page.locator(f'[data-table="{table}"] [data-facet=size]').select_option("1 B to 10 B")
    assert [name.split()[1] for name in names(page, table)] == ["bare"]


def test_heat_map_sorts_by_typology(opened: Opener) -> None:
    page = opened().open("heatmap/full.exact_match.html")
    page.locator("th[data-key=family] button").click()
    families = page.evaluate(
        """() => [...document.querySelectorAll("tbody tr")].map((row) => row.dataset.family)"""
    )
    assert families == sorted(families, key=str.casefold)


def test_skip_link_comes_first(opened: Opener) -> None:
    page = opened().open("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_theme_is_kept(opened: Opener) -> None:
    page = opened(color_scheme="light").open("index.html")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("button.theme").click()
    page.locator("button.theme").click()
    assert page.locator("button.theme").text_content() == "Theme: dark"
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert after != before
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_every_number_shows_without_javascript(opened: Opener, board_root: Path) -> None:
    watched = opened(java_script_enabled=False)
    scores = json.loads(
        (board_root / "results/xlm-r-base-zero-shot/acl2023/scores.json").read_text()
    )
    page = watched.open("systems/xlm-r-base-zero-shot/acl2023.html")
    shown = page.locator("[data-table=languages] tbody").inner_text()
    for locale in scores["locales"].values():
        for metric in MAIN_METRICS:
            assert f"{locale[metric]['value'] * 100:.1f}" in shown
    page = watched.open("index.html")
    assert page.locator("[data-table=zero-shot]").inner_text().count("\n") > 3
    assert "38.7" in page.locator("[data-table=zero-shot]").inner_text()
    assert not page.locator(".tools").first.is_visible()
    page = watched.open("compare.html")
    assert "Without JavaScript" in page.locator("main").inner_text()
    page.locator("main a", has_text="System good and System middle").click()
    assert "Pooled over utterances" in page.locator("table").inner_text()


def test_browser_and_python_agree_on_any_pair(opened: Opener, board_root: Path) -> None:
    keys = ("middle@1.0", "poor@1.0")
    page = opened().open("compare.html", f"?a={keys[0]}&b={keys[1]}")
    page.wait_for_selector(f'html[data-compared="{keys[0]} {keys[1]}"]')
    rows = page.evaluate(
        "([a, b]) => massiveKit.compare(massiveKit.loaded.get(a), massiveKit.loaded.get(b)).rows",
        list(keys),
    )
    assert rows is not None
    first, second = (
        load_replicates(board_root / "results" / key.replace("@", "/") / "stats.npz")
        for key in keys
    )
    assert first is not None
    assert second is not None
    in_browser = {row["key"]: row["tests"] for row in rows}
    tests = paired_differences(first, second)
    assert {test.key for test in tests} == set(in_browser)
    for test in tests:
        shown = in_browser[test.key][MAIN_METRICS.index(test.metric)]
        assert shown["gap"] == pytest.approx(test.difference, abs=1e-6)
        assert shown["low"] == pytest.approx(test.low, abs=1e-5)
        assert shown["high"] == pytest.approx(test.high, abs=1e-5)
        assert shown["holm"] == pytest.approx(test.p_holm, abs=2e-3, rel=0.02)


def test_compare_refuses_published_rows(opened: Opener) -> None:
    page = opened().open("compare.html", "?a=xlm-r-base-full@acl2023&b=good@1.0")
    page.wait_for_selector("#outcome .warning")
    text = page.locator("#outcome").inner_text()
    assert "No paired test: XLM-R Base has no statistics" in text
    assert "p\n" not in text
    page.locator("#first").select_option("good@1.0")
    page.locator("#second").select_option("bare@1")
    page.wait_for_selector('html[data-compared="good@1.0 bare@1"]')
    assert "without its stats.npz" in page.locator("#outcome").inner_text()
    assert "a=good@1.0&b=bare@1" in page.url


def test_every_script_has_glyphs(browser: Any, offline_site: Path) -> None:
    # Unwatched: asked for styles, the debugger itself fetches the page once more, which a browser
    # forbids on the disk.
    page = browser.new_page()
    page.goto((offline_site / "languages.html").as_uri())
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    autonyms = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": ".autonym"})
    scripts = set()
    for node in autonyms["nodeIds"]:
        raw = session.send("DOM.getAttributes", {"nodeId": node})["attributes"]
        attributes = dict(zip(raw[::2], raw[1::2], strict=True))
        scripts.add(attributes["lang"].split("-")[-1])
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert sum(font["glyphCount"] for font in fonts) > 0
        assert not any(
            "Unifont" in f["familyName"] or "LastResort" in f["familyName"] for f in fonts
        )
    assert len(scripts) == 21
    assert page.locator(".autonym[dir=rtl]").count() == 4
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(opened: Opener, artifacts: Path, theme: str) -> None:
    wide = opened(color_scheme=theme)
    narrow = opened(color_scheme=theme, viewport=PHONE)
    shots = {
        "index": ("index.html", ""),
        "heatmap": ("heatmap/zero-shot.exact_match.html", ""),
        "language-km-KH": ("languages/km-KH.html", ""),
        "language-ar-SA": ("languages/ar-SA.html", ""),
        "language-ur-PK": ("languages/ur-PK.html", ""),
        "compare": ("compare.html", "?a=good@1.0&b=middle@1.0"),
        "pair": ("compare/good@1.0/middle@1.0.html", ""),
        "system": ("systems/good/1.0.html", ""),
    }
    for name, (path, query) in shots.items():
        for size, watched in (("desk", wide), ("phone", narrow)):
            page = watched.open(path, query)
            if query:
                page.wait_for_selector("#outcome table")
            target = artifacts / f"{name}-{theme}-{size}.png"
            page.screenshot(path=target)
            assert target.stat().st_size > 10_000


def test_prints(opened: Opener, artifacts: Path) -> None:
    page = opened().open("index.html")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    page.pdf(path=artifacts / "index.pdf")
    assert (artifacts / "index.pdf").stat().st_size > 10_000
