"""Rows that share characters, against the same computed plainly and by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from massive_kit.systems.retrieval import lexical_index
from massive_kit.systems.retrieval.lexical_index import LexicalIndex

TEXTS = [
    "wake me up at seven",
    "wake me up at nine tomorrow",
    "play some jazz",
    "turn off the lights in the kitchen",
    "Wecke mich um sieben",
    "明日 の 天気",
    "今日の天気はどう",
    "",
]


def test_cosines_are_those_of_another_implementation() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    vectoriser = text.TfidfVectorizer(
        analyzer=lambda said: [
            f" {word} "[i : i + n]
            for word in said.casefold().split()
            for n in (2, 3, 4)
            for i in range(len(word) + 3 - n)
        ],
        # Its weight is ln(rows / rows with it) + 1 as well.
        smooth_idf=False,
        sublinear_tf=True,
    )
    filled = TEXTS[:-1]
    expected = (vectoriser.fit_transform(filled) @ vectoriser.transform(filled).T).T.toarray()
    index = LexicalIndex.of(filled)
    scores = np.stack([index._scores(said) for said in filled])
    assert np.allclose(scores, expected, atol=1e-5)


def test_rows_that_share_nothing_are_not_near() -> None:
    index = LexicalIndex.of(TEXTS)
    ranked = index.nearest(["WAKE me at seven", "天気", "qqq", ""], 3)
    assert ranked.of(0)[:2] == [0, 1]
    assert sorted(ranked.of(1)) == [5, 6]
    assert ranked.of(2) == []
    assert ranked.of(3) == []
    assert len(index) == len(TEXTS)


def test_block_by_block_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    index = LexicalIndex.of(TEXTS)
    whole = index.nearest(TEXTS, 4)
    monkeypatch.setattr(lexical_index, "_MOST_SCORES", 10)
    assert (index.nearest(TEXTS, 4).rows == whole.rows).all()
    assert len(index.nearest([], 4)) == 0
    assert LexicalIndex.of([]).nearest(["a word"], 2).rows.tolist() == [[-1, -1]]
