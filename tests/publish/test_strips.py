"""Small multiples of groups on the pages of systems."""

from __future__ import annotations

import re
from pathlib import Path

from massive_kit.publish.strips import StripGroup, shared_ticks, strips
from massive_kit.publish.svg import Axis

AXIS = Axis(0.0, 1.0)


def dots(drawing: str) -> list[int]:
    """How many languages each strip shows."""
    return [path.count("M") for path in re.findall(r'class="dots" d="([^"]*)"', drawing)]


def test_groups_of_one_language_share_a_strip() -> None:
    groups = [
        StripGroup("<b>", [0.2, 0.4, 0.9], 0.5),
        StripGroup("one", [0.1], 0.1),
        StripGroup("two", [0.3, 0.3], None),
        StripGroup("another", [0.6], 0.6),
    ]
    drawing = strips(AXIS, groups, "c")
    assert dots(drawing) == [3, 2, 2]
    assert "<b>" not in drawing
    assert drawing.count('class="mean"') == 1
    assert strips(AXIS, groups[1:2], "c") == ""


def test_of_many_groups_the_largest_are_drawn() -> None:
    groups = [StripGroup(f"g{i}", [0.5] * (i + 1), 0.5) for i in range(40)]
    drawing = strips(AXIS, groups, "c.")
    assert len(dots(drawing)) == 25
    assert "The 24 largest groups are drawn." in drawing


def test_each_page_has_the_ticks_once(site: Path) -> None:
    html = (site / "systems/xlm-r-base-zero-shot/acl2023.html").read_text()
    assert html.count('id="all-languages"') == 1
    assert html.count('class="strips"') == 3
    ticks = re.findall(r'class="all" d="([^"]*)"', html)
    # English, which the averages leave out, is in none.
    assert [path.count("M") for path in ticks] == [50]
    genera, _, scripts = html.split('class="strips"')[1:]
    assert sum(dots(genera.split("<table")[0])) == sum(dots(scripts.split("<table")[0])) == 50
    assert html.index('id="all-languages"') < html.index('class="strips"')


def test_no_score_draws_nothing() -> None:
    assert "M" not in re.findall(r' d="([^"]*)"', shared_ticks(AXIS, {}))[0]
