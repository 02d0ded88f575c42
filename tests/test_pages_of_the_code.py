"""Pages that say what the code does say all of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from massive_kit.scoring.metrics import METRICS, Ratio

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def _sum(weights: Mapping[str, float]) -> str:
    parts = []
    for name, weight in weights.items():
        parts.append(f"sum({name})" if weight == 1 else f"{weight:g} sum({name})")
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_the_formula_of_a_metric_is_the_one_that_is_computed(metric: Ratio) -> None:
    formula = f"{_sum(metric.above)} / {_sum(metric.below)}"
    assert formula in (DOCS / "numbers.md").read_text(encoding="utf-8")


def test_every_extra_stands_in_the_table_of_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (DOCS / "install.md").read_text(encoding="utf-8")
    assert [name for name in project["optional-dependencies"] if f"| `{name}` |" not in text] == []


def test_the_picture_of_the_board_is_small() -> None:
    assert (DOCS / "images" / "board.png").stat().st_size < 150_000
