"""Rows that are the same for every utterance: drawn at random, or named."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from massive_kit.data.split import draw_rank
from massive_kit.errors import ConfigError, Problem


def balanced_draw(ids: Sequence[str], classes: Sequence[Hashable], k: int, seed: int) -> list[int]:
    """Rows of as many classes as possible: one of each, then a second one of each, and so on.

    The order is random; it follows from the seed and the ids alone. So a larger draw begins with a
    smaller one, and the same ids are drawn in every locale of a parallel corpus.

    Args:
        ids: Of all rows.
        classes: Of all rows: their intents.
        k: How many; fewer where there are no more.
        seed: Of the draw.
    """
    ranks = [draw_rank(seed, "draw", identity) for identity in ids]
    before: dict[Hashable, int] = {}
    turns = {}
    for row in sorted(range(len(ids)), key=ranks.__getitem__):
        turns[row] = before.get(classes[row], 0)
        before[classes[row]] = turns[row] + 1
    return sorted(turns, key=lambda row: (turns[row], ranks[row]))[:k]


def fixed_rows(ids: Sequence[str], named: Sequence[str], where: str) -> list[int]:
    """The rows of the ids that a recipe names, in the order named.

    Args:
        ids: Of all rows.
        named: The ids.
        where: The recipe's key that names them, for messages.

    Raises:
        ConfigError: An id is not among the rows.
    """
    row_of = {identity: row for row, identity in reversed([*enumerate(ids)])}
    missing = [identity for identity in named if identity not in row_of]
    if missing:
        problem = Problem("recipe", f"{where}: {', '.join(missing[:10])}", "ids of training rows")
        raise ConfigError("the recipe does not fit the data", [problem])
    return [row_of[identity] for identity in named]
