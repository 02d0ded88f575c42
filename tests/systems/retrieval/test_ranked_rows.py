"""The best rows of each utterance, in an order that nothing but scores and rows decide."""

from __future__ import annotations

import numpy as np

from massive_kit.systems.retrieval.ranked_rows import best_rows


def test_the_best_come_first_and_of_equal_ones_the_first() -> None:
    scores = np.array([[0.5, 0.9, 0.5, 0.9, 0.1], [0.0, 0.0, 0.0, 0.0, 0.0]], np.float32)
    ranked = best_rows(scores, 3)
    assert ranked.rows.tolist() == [[1, 3, 0], [0, 1, 2]]
    assert ranked.scores[0].tolist() == [np.float32(0.9), np.float32(0.9), np.float32(0.5)]


def test_fewer_rows_than_asked_for_leave_places_empty() -> None:
    ranked = best_rows(np.array([[0.2, -np.inf, 0.4]], np.float32), 5)
    assert ranked.rows.tolist() == [[2, 0, -1, -1, -1]]
    assert ranked.of(0) == [2, 0]
    assert len(best_rows(np.zeros((0, 4), np.float32), 2)) == 0
    assert best_rows(np.zeros((2, 0), np.float32), 2).rows.tolist() == [[-1, -1], [-1, -1]]
