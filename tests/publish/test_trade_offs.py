"""Scores against costs: which systems none outdoes, and columns that a board makes itself."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.errors import ConfigError
from massive_kit.publish.pages.trade_offs import PATH
from massive_kit.publish.site import build
from massive_kit.publish.trade_off import CostedSystem, front, plot
from massive_kit.schema.board import Section, load_board
from massive_kit.schema.config import check
from massive_kit.schema.scores import Estimate
from tests.publish.boards import HOSTILE, shipped

COSTED = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=12)


def system(cost: float, score: float, name: str = "x") -> CostedSystem:
    return CostedSystem(name, cost, Estimate(value=score, low=None, high=None))


@given(COSTED)
def test_the_front_is_what_no_other_outdoes(pairs: list[tuple[int, int]]) -> None:
    systems = [system(cost, score / 10) for cost, score in pairs]

    def outdone(cost: int, score: int) -> bool:
        return any(c <= cost and s >= score and (c, s) != (cost, score) for c, s in pairs)

    wanted = {i for i, pair in enumerate(pairs) if not outdone(*pair)}
    kept = front(systems, lambda score: score)
    assert set(kept) == wanted
    costs = [systems[i].cost for i in kept]
    assert costs == sorted(costs)


def test_where_less_is_better_the_front_is_turned() -> None:
    systems = [system(1, 0.9), system(2, 0.5), system(3, 0.7)]
    assert front(systems, lambda score: -score) == [0, 1]


def test_one_cost_and_one_score_can_be_drawn() -> None:
    drawing = plot(
        [system(5, 1.0, "<b>"), system(5, 1.0)],
        [0, 1],
        caption="c",
        cost="MB",
        score="EM",
        shown=str,
    )
    assert "<b>" not in drawing
    assert "nan" not in drawing


def board(root: Path, **manifests: dict[str, Any]) -> Path:
    """The shipped results, some manifests with more in them."""
    shutil.copytree(shipped() / "results", root / "results")
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    for name, more in manifests.items():
        (path,) = (root / "results" / name.replace("_", "-")).glob("*/manifest.yaml")
        values = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump(values | more, sort_keys=False, allow_unicode=True))
    return root


MEASURED = {"machine": "one <core>", "latency_p50_ms": 4.25, "model_bytes": 39_400_000}


def test_a_section_shows_what_its_systems_take(tmp_path: Path) -> None:
    root = board(
        tmp_path / "leaderboard",
        xlm_r_base_full={"measured": MEASURED, "facts": {"gpu_hours": 12}} | HOSTILE,
        mt5_base_encoder_full={"measured": MEASURED | {"machine": "another"}},
    )
    board_file = root / "board.yaml"
    values = yaml.safe_load(board_file.read_text())
    values["sections"][0]["columns"] = [
        *("parameters", "body", "bytes", "latency"),
        {"name": "gpu_hours", "title": "GPU hours", "hint": "As declared"},
        {"name": "seeds", "title": "Seeds", "of": "seeds", "form": "text"},
    ]
    board_file.write_text(yaml.safe_dump(values))
    build(root, tmp_path / "site")
    html = (tmp_path / "site" / PATH).read_text()
    assert "Exact match against parameters</figcaption>" in html
    # Of two machines, one system each: nothing to compare.
    assert "against latency" not in html
    assert "<script>alert" not in html
    assert re.search(
        r'<a href="trade-offs.html">Size and speed</a>', html.replace(' aria-current="page"', "")
    )
    index = (tmp_path / "site" / "index.html").read_text()
    assert "39.4\u00a0MB" in index
    assert "4.25\u00a0ms" in index
    rows = json.loads((tmp_path / "site" / "index.full.json").read_text())["rows"]
    hours = {row["system"]: row["gpu_hours"] for row in rows}
    assert hours["xlm-r-base-full@acl2023"] == 12
    assert set(hours.values()) == {12, None}


def test_without_costs_there_is_no_page(tmp_path: Path) -> None:
    root = board(tmp_path / "leaderboard")
    for path in (root / "results").glob("*/*/manifest.yaml"):
        values = yaml.safe_load(path.read_text())
        values.pop("parameters", None)
        path.write_text(yaml.safe_dump(values, sort_keys=False))
    build(root, tmp_path / "site")
    assert not (tmp_path / "site" / PATH).exists()
    assert PATH not in (tmp_path / "site" / "index.html").read_text()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"name": "x", "title": "X", "of": "measured.nothing"}, "'nothing' is none of backend"),
        ({"name": "x", "title": "X", "of": "parameters"}, "parameters is no single value"),
        ({"name": "x", "title": "X", "of": "title.more"}, "title has no keys"),
        ({"name": "x", "title": "X", "of": "facts"}, "facts is followed by one key"),
        ({"name": "rank", "title": "X"}, "every table has a column called rank"),
        ({"name": "date", "title": "X"}, "each column once"),
    ],
)
def test_a_column_that_no_manifest_has_is_told(column: dict[str, str], message: str) -> None:
    values = {"id": "a", "title": "A", "tasks": ["*"], "columns": ["date", column]}
    with pytest.raises(ConfigError) as caught:
        check(Section, values, "board.yaml")
    assert message in str(caught.value)


def test_the_shipped_board_has_a_page_of_sizes(site: Path) -> None:
    assert load_board(shipped() / "board.yaml").sections
    assert (site / PATH).is_file()
