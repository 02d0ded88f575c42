"""The commands of tutorials and how-to pages work as they stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shown_blocks import Block, blocks, commands, run_page

DOCS = Path(__file__).resolve().parent.parent / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
PAGES = [*TUTORIALS, DOCS / "data.md", DOCS / "train_and_evaluate.md"]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_works_from_its_first_command_to_its_last(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(home))
    (tmp_path / "here").mkdir()
    assert run_page(page, tmp_path / "here") >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_command_is_left_out_of_what_runs(page: Path) -> None:
    shown = page.read_text(encoding="utf-8").count("\n$ ")
    assert shown == sum(len(commands(block)) for block in blocks(page) if block.file is None)


def test_dots_stand_for_lines_and_numbers_are_kept_where_they_count() -> None:
    block = Block(
        None, "console", "$ massive-kit ls \\\n  tasks\na 1\n...\nb 2\n$ true\n", exact=True
    )
    assert commands(block) == [("massive-kit ls    tasks", ["a 1", "b 2"]), ("true", [])]
