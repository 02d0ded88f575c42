"""The order of systems in a section."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.publish.model import Entry, Standing
from massive_kit.schema.board import Board


def order_key(entry: Entry, board: Board) -> tuple[float | str, ...]:
    """What a section is sorted by: the score, the tie-breaks, the name."""
    keys: list[float | str] = [-_score(entry, board, board.metric)]
    for rule in board.tie_break:
        if rule == "date":
            keys.append(entry.manifest.date.isoformat())
        elif rule == "parameters":
            keys.append(float(entry.manifest.parameters.total or float("inf")))
        else:
            keys.append(-_score(entry, board, rule))
    return (*keys, entry.key)


def _score(entry: Entry, board: Board, metric: str) -> float:
    found = entry.headline(board, metric)
    return -1.0 if found is None else found.value


def rank(entries: Sequence[Entry], board: Board) -> tuple[Standing, ...]:
    """The entries of a section, best first, with ranks."""
    ordered = sorted(entries, key=lambda entry: order_key(entry, board))
    return tuple(Standing(entry, place, place) for place, entry in enumerate(ordered, 1))
