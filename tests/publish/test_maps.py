"""Maps of scores and of gaps, and what the colours of both mean."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.publish.colour_scale import ColourScale, GapScale
from massive_kit.publish.language_places import FRAME, apart, places_of
from massive_kit.publish.site import build, load_model
from tests.publish.boards import HOSTILE, shipped

COORDINATES = st.tuples(st.integers(0, 200), st.integers(0, 100))


@given(st.lists(COORDINATES, min_size=1, max_size=40))
def test_circles_are_moved_apart(points: list[tuple[int, int]]) -> None:
    moved = apart(np.array(points, float), 6.0)
    assert moved.shape == (len(points), 2)
    assert np.isfinite(moved).all()
    if len(points) <= 12:
        far = np.sqrt(((moved[:, None] - moved[None]) ** 2).sum(-1)) + 99 * np.eye(len(points))
        assert far.min() > 5


def test_circles_that_do_not_meet_stay() -> None:
    points = np.array([[0.0, 0.0], [50.0, 0.0]])
    assert apart(points, 6.0) == pytest.approx(points, abs=0.02)


def test_colours_begin_where_the_legend_says() -> None:
    colours = ColourScale.of([0.1, 0.55, 1.0])
    assert [colours.step(value) for value in (0.1, 0.55, 1.0)] == [0, 4, 8]
    assert colours.legend()[0] == (0, "10.0")
    assert ColourScale.of([0.5]).step(0.5) == 4
    gaps = GapScale(0.4)
    assert [gaps.step(gap) for gap in (-0.4, -0.04, 0.0, 0.06, 0.4)] == [0, 4, 4, 5, 8]
    assert gaps.legend()[4] == (4, "0.0")
    assert GapScale(0.0).step(0.0) == 4


def test_all_languages_of_massive_have_a_place() -> None:
    model = load_model(shipped())
    places = places_of(model)
    assert set(places.at) == set(model.locales)
    left, top, width, height = places.box
    assert all(left < x < left + width and top < y < top + height for x, y in places.at.values())
    # Far from where it is spoken, a circle would mislead.
    x, y = FRAME.places(105.0, 12.1)[0]
    assert places.at["km-KH"] == pytest.approx((x, y), abs=20)
    assert places.at["zh-CN"] != places.at["zh-TW"]


def circles(html: str) -> list[str]:
    return re.findall(r"<circle class=\"([^\"]*)\" cx", html)


def test_system_pages_have_both_maps(site: Path) -> None:
    html = (site / "systems/poor/1.0.html").read_text()
    assert html.count('<figure class="world">') == 2
    assert "Difference to System good, place 1" in html
    first = (site / "systems/good/1.0.html").read_text()
    assert "place 1</figcaption>" not in first
    assert "place 2</figcaption>" in first
    assert 'href="../../assets/land.svg"' in html
    assert (site / "assets/land.svg").stat().st_size < 40_000
    # Worse than the best in every language.
    assert {css for css in circles(html) if css.startswith("d")} <= {"d0", "d1", "d2", "d3"}


def test_a_map_says_what_it_is_and_hides_nothing_from_a_table(site: Path) -> None:
    html = (site / "languages.html").read_text()
    assert html.count('role="img" aria-label="Map: ') == html.count('<figure class="world">') == 4
    assert "1 of 53 languages have no known place" in html
    for text in HOSTILE.values():
        assert text not in html
    HTMLParser().feed(html)


def test_pairs_show_rings_where_no_test_tells_them_apart(site: Path) -> None:
    same = (site / "compare/middle@1.0/also-middle@1.0.html").read_text()
    assert any("open" in css for css in circles(same))
    apart_page = (site / "compare/good@1.0/poor@1.0.html").read_text()
    assert not any("open" in css for css in circles(apart_page))
    untested = (site / "compare/good@1.0/bare@1.html").read_text()
    assert not any("open" in css for css in circles(untested))
    assert "points; not tested" in untested


def test_a_language_table_may_say_where_languages_are(tmp_path: Path, lone_root: Path) -> None:
    root = tmp_path / "leaderboard"
    root.mkdir()
    (root / "results").symlink_to(lone_root / "results")
    rows = ["locale,language,longitude,latitude", "de-DE,German,0,0", "sw-KE,Swahili,500,0"]
    (root / "languages.csv").write_text("\n".join(rows) + "\n")
    (root / "board.yaml").write_text("title: Places\nlanguages: languages.csv\n")
    places = places_of(load_model(root))
    assert places.at["de-DE"] == pytest.approx(FRAME.places(0, 0)[0], abs=12)
    assert "sw-KE" in places.at
    build(root, tmp_path / "site")
