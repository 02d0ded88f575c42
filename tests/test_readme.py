"""The README's commands work as they stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shown_blocks import run_page

README = Path(__file__).resolve().parent.parent / "README.md"


@pytest.mark.slow
def test_every_block_runs_and_prints_what_it_says(tmp_path: Path) -> None:
    assert run_page(README, tmp_path) >= 8
