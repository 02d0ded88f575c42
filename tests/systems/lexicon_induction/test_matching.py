"""Words are matched by vectors, whatever offset a script has, and hubs are nobody's translation."""

from __future__ import annotations

import numpy as np
import pytest

from massive_kit.errors import UsageError
from massive_kit.systems.lexicon_induction import matching
from massive_kit.systems.lexicon_induction.matching import Matching, Vectors, matches


def drawn(count: int, seed: int) -> Vectors:
    return np.random.default_rng(seed).normal(size=(count, 48)).astype(np.float32)


@pytest.fixture
def words() -> Vectors:
    return drawn(60, 0)


def test_a_shifted_and_noisy_copy_is_matched_word_by_word(words: Vectors) -> None:
    order = np.random.default_rng(1).permutation(len(words))
    others = words[order] + np.float32(0.3) * drawn(len(words), 2) + np.float32(5)
    matched = matches(words, others, Matching(margin=0.2, most=1))
    assert [(match.word, int(order[match.translation])) for match in matched] == [
        (word, word) for word in range(len(words))
    ]
    assert all(match.margin > 0.2 for match in matched)


def test_what_is_near_to_many_words_translates_none(words: Vectors) -> None:
    topic = 1.5 * drawn(1, 6)
    words[:20] += topic
    others = np.vstack([words + 0.1 * drawn(len(words), 3), topic])
    by_cosine = matches(words, others, Matching(margin=-9.0, cosine=0.7))
    hub = len(words)
    assert hub in {match.translation for match in by_cosine}
    kept = matches(words, others, Matching(margin=0.2))
    assert hub not in {match.translation for match in kept}
    # Each word has its copy.
    assert {(match.word, match.translation) for match in kept} >= {(n, n) for n in range(hub)}


def test_the_nearest_come_first_and_no_more_than_asked(words: Vectors) -> None:
    noise = drawn(len(words), 4)
    others = np.vstack([words + 0.6 * noise, words + 0.1 * noise])
    both = matches(words, others, Matching(margin=-1.0, most=2))
    of_first = [match.translation for match in both if match.word == 0]
    assert of_first == [60, 0]
    assert len(matches(words, others, Matching(margin=-9.0, cosine=-1.0, most=1))) == len(words)


def test_blocks_change_nothing(words: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    others = words[::-1] + 0.3 * drawn(len(words), 5)
    whole = matches(words, others, Matching(margin=-0.5, cosine=0.0))
    monkeypatch.setattr(matching, "_MOST_SCORES", 7 * len(words))
    pieces = matches(words, others, Matching(margin=-0.5, cosine=0.0))
    assert [(m.word, m.translation) for m in pieces] == [(m.word, m.translation) for m in whole]
    assert np.allclose([m.margin for m in pieces], [m.margin for m in whole], atol=1e-5)


def test_numbers_out_of_range_are_told_together() -> None:
    with pytest.raises(UsageError) as caught:
        Matching(margin=float("nan"), cosine=3.0, most=0)
    for part in ("--margin nan is not a finite", "--cosine 3 is not between", "--most 0 is not"):
        assert part in str(caught.value)


def test_few_or_no_words(words: Vectors) -> None:
    assert matches(words, words[:0], Matching()) == []
    assert matches(words[:0], words, Matching()) == []
    few = matches(words[:4], words[:3], Matching(margin=-9.0, cosine=0.9))
    assert [(match.word, match.translation) for match in few] == [(0, 0), (1, 1), (2, 2)]
