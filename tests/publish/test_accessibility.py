"""axe finds nothing wrong with any page of the board, in either theme."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.chromium import COLOUR_RULES, Opener, violations

pytestmark = pytest.mark.browser

# One page of each kind, and the hostile one.
KINDS = [
    "index.html",
    "averages.html",
    "averages/weighted-speakers.html",
    "averages/worst-ten.html",
    "averages/seen.html",
    "averages/slot-methods.html",
    "averages/slot-methods/translated.html",
    "trade-offs.html",
    "trend.html",
    "ladder.html",
    "languages.html",
    "languages/km-KH.html",
    "languages/ar-SA.html",
    "languages/ca-ES.html",
    "languages/ja-JP.html",
    "groups.html",
    "groups/genus/germanic.html",
    "groups/genus/bantoid.html",
    "heatmap/full.exact_match.html",
    "heatmap/zero-shot.slot_f1.html",
    "compare.html",
    "changes.html",
    "compare/good@1.0/middle@1.0.html",
    "systems/xlm-r-base-zero-shot/acl2023.html",
    "systems/good/1.0.html",
    "systems/good/0.9.html",
    "systems/hostile/1.html",
    "systems/asked-hostile/1.html",
    "about.html",
    "404.html",
]


def broken(opened: Opener, axe: str, paths: Iterable[str], dark: tuple[str, ...] | None) -> object:
    """What is wrong, by theme and page; in the dark theme by these rules alone, if any."""
    watched = opened(color_scheme="light")
    wrong = {}
    for path in paths:
        page = watched.open(path)
        papers = set()
        for theme, rules in (("light", None), ("dark", dark)):
            page.emulate_media(color_scheme=theme)
            papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            wrong[theme, path] = violations(page, axe, rules)
        assert len(papers) == 2, path
    return {place: rules for place, rules in wrong.items() if rules}


def test_axe_finds_nothing_on_a_page_of_each_kind(opened: Opener, axe: str) -> None:
    assert broken(opened, axe, KINDS, dark=None) == {}


@pytest.mark.slow
def test_axe_finds_nothing_on_any_other_page(opened: Opener, axe: str, offline_site: Path) -> None:
    paths = {path.relative_to(offline_site).as_posix() for path in offline_site.rglob("*.html")}
    assert len(paths) > 150
    assert broken(opened, axe, sorted(paths - {*KINDS}), dark=COLOUR_RULES) == {}
