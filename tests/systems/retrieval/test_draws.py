"""Rows that are the same for every utterance."""

from __future__ import annotations

import pytest

from massive_kit.errors import ConfigError
from massive_kit.systems.retrieval.draws import balanced_draw, fixed_rows

IDS = [str(number) for number in range(60)]
INTENTS = ["common"] * 50 + ["rare"] * 6 + ["once"] + ["seldom"] * 3


def test_a_balanced_draw_takes_one_of_each_class_before_a_second() -> None:
    drawn = balanced_draw(IDS, INTENTS, 7, seed=1)
    assert {INTENTS[row] for row in drawn[:4]} == {*INTENTS}
    assert {INTENTS[row] for row in drawn[4:]} == {"common", "rare", "seldom"}
    assert len({*balanced_draw(IDS, INTENTS, 100, seed=1)}) == 60


def test_a_draw_is_repeatable_nested_and_of_ids_alone() -> None:
    drawn = balanced_draw(IDS, INTENTS, 12, seed=1)
    assert balanced_draw(IDS, INTENTS, 5, seed=1) == drawn[:5]
    assert balanced_draw(IDS, INTENTS, 12, seed=2) != drawn
    backwards = balanced_draw(IDS[::-1], INTENTS[::-1], 12, seed=1)
    assert [IDS[::-1][row] for row in backwards] == [IDS[row] for row in drawn]


def test_named_rows_keep_their_order_and_unknown_ids_are_told() -> None:
    assert fixed_rows(IDS, ["7", "3"], "demonstrations.ids") == [7, 3]
    with pytest.raises(ConfigError, match=r"demonstrations\.ids: 99, x"):
        fixed_rows(IDS, ["7", "99", "x"], "demonstrations.ids")
