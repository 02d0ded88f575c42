"""The map in a real browser, as wide as a telephone, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.analysis.coverage.choosing import Wish, choose
from massive_kit.analysis.pictures.world_map import world_map
from massive_kit.languages import LanguageTable
from massive_kit.languages.world.table import WorldTable

pytestmark = pytest.mark.browser


def test_the_map_fits_a_telephone_and_follows_the_theme(browser: Any, tmp_path: Path) -> None:
    world, table = WorldTable.shipped(), LanguageTable.shipped()
    benchmark = Benchmark.of("MASSIVE", table.languages, world, table)
    choices = choose(world, [*benchmark.languages.values()], Wish(10))
    picture = tmp_path / "map.svg"
    picture.write_text(world_map(benchmark, world, choices), encoding="utf-8")
    colours, asked = set(), []
    for theme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 390, "height": 700}, color_scheme=theme)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(picture.as_uri())
        assert page.evaluate("document.documentElement.getBoundingClientRect().width") <= 390
        colours.add(page.evaluate("getComputedStyle(document.querySelector('.land')).fill"))
        # Names beside the ranks end before the edge.
        ends = page.evaluate(
            "[...document.querySelectorAll('text')].map((t) => t.getBoundingClientRect().right)"
        )
        assert max(ends) <= 390
        page.close()
    assert len(colours) == 2
    assert {*asked} == {picture.as_uri()}
