"""A board with one system: nothing is plural, and no place waits for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.counted import counted
from massive_kit.publish.board_model import Standing
from massive_kit.publish.shared_columns import UNTESTED_NOTE, notes
from massive_kit.publish.site import load_model

DAGGER = "\u2020"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 systems"), (1, "1 system"), (2, "2 systems"), (1234, "1,234 systems")],
)
def test_numbers_of_things_in_words(number: int, text: str) -> None:
    assert counted(number, "system") == text


def test_captions_of_one_system_are_singular(lone_site: Path) -> None:
    index = (lone_site / "index.html").read_text()
    assert "demo-full (full): 1 system on" in index
    for page in lone_site.rglob("*.html"):
        text = page.read_text()
        for noun in ("rows", "systems", "languages", "groups", "pairs", "intents", "slots"):
            assert f">1 {noun}" not in text, page
            assert f" 1 {noun}" not in text, page


def test_a_lone_system_has_no_dagger(lone_root: Path, lone_site: Path) -> None:
    for ranked in load_model(lone_root).sections:
        (standing,) = ranked.standings
        assert standing.alone
        assert not standing.by_score_alone
        assert not standing.tested
    pages = ["index.html", "languages/de-DE.html", "averages.html", "systems/good/1.0.html"]
    for name in pages:
        text = (lone_site / name).read_text()
        assert DAGGER not in text, name
        assert "by score alone" not in text, name


def test_published_systems_beside_each_other_keep_it(board_root: Path) -> None:
    (ranked,) = (r for r in load_model(board_root).sections if r.section.id == "full")
    assert all(standing.by_score_alone for standing in ranked.standings)
    assert UNTESTED_NOTE in notes(ranked.standings)


def test_notes_of_a_lone_standing(board_root: Path) -> None:
    entry = load_model(board_root).versions[0]
    assert notes([Standing(entry, 1, alone=True)]) == []
    assert notes([Standing(entry, 1)]) == [UNTESTED_NOTE]
