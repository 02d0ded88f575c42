"""What the objectives on text make of it, row by row."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from massive_kit.data.ragged import flat, offsets_of
from massive_kit.engine.chance import ranks, uniform
from massive_kit.engine.corruption import Corrupted, Corrupter, Words, ended
from massive_kit.engine.objectives.causal import Continuing
from massive_kit.engine.objectives.denoising import Cutting
from massive_kit.engine.objectives.denoising import Settings as DenoisingSettings
from massive_kit.engine.objectives.deshuffling import Shuffling
from massive_kit.engine.objectives.mlm import Masking
from massive_kit.engine.objectives.mlm import Settings as MaskSettings
from massive_kit.engine.text_rows import NO_LABEL, TextRows
from massive_kit.engine.texts import words_of_subwords

BEGIN, END, MASK, FIRST_SENTINEL = 1, 2, 3, 1_000_000
SENTINELS = np.arange(FIRST_SENTINEL, FIRST_SENTINEL + 20, dtype=np.int32)
# Of each row, how many subwords each of its words has.
ROWS = st.lists(st.lists(st.integers(1, 4), max_size=12), min_size=1, max_size=6)


def text_rows(shapes: list[list[int]], numbers: list[int] | None = None) -> TextRows:
    """Rows with special subwords around; the subwords of text count up from 10."""
    subwords, words = [], []
    next_subword = 10
    for sizes in shapes:
        ids = range(next_subword, next_subword + sum(sizes))
        next_subword += sum(sizes)
        subwords.append([BEGIN, *ids, END])
        words.append([-1, *(n for n, size in enumerate(sizes) for _ in range(size)), -1])
    values, offsets = flat(subwords)
    alphabet = np.arange(10, 800, dtype=np.int32)
    order = np.array(numbers if numbers is not None else range(len(shapes)), np.int64)
    return TextRows(order, values, flat(words)[0], offsets, alphabet)


def split(values: NDArray[np.int32], offsets: NDArray[np.int64]) -> list[list[int]]:
    return [part.tolist() for part in np.split(values, offsets[1:-1])]


def inputs(made: Corrupted) -> list[list[int]]:
    return split(made.inputs, made.input_offsets)


def labels(made: Corrupted) -> list[list[int]]:
    return split(made.labels, made.label_offsets)


def texts(rows: TextRows) -> list[list[int]]:
    return split(rows.subwords, rows.offsets)


def test_chance_hangs_on_seed_and_names_alone() -> None:
    names = np.arange(20_000)
    drawn = uniform(7, 0, names)
    assert np.array_equal(uniform(7, 0, names[5:10]), drawn[5:10])
    assert not np.isin(uniform(8, 0, names), drawn).any()
    assert not np.isin(uniform(7, 1, names), drawn).any()
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
    counts = np.histogram(drawn, 10, (0, 1))[0]
    assert counts.min() > 1800
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.03


def test_ranks_count_within_rows() -> None:
    keys = np.array([0.3, 0.1, 0.9, 0.5, 0.4])
    assert ranks(keys, offsets_of([3, 0, 2])).tolist() == [1, 0, 2, 1, 0]


@given(ROWS, st.integers(0, 1000))
def test_words_are_hidden_whole_and_the_rest_stays(shapes: list[list[int]], seed: int) -> None:
    rows = text_rows(shapes)
    made = Masking(MaskSettings(rate=0.3, masked=1, replaced=0), MASK)(rows, seed)
    for sizes, row, read, said in zip(shapes, texts(rows), inputs(made), labels(made), strict=True):
        hidden = [label != NO_LABEL for label in said]
        words = np.repeat(np.arange(len(sizes)), sizes)
        for word in range(len(sizes)):
            assert len({hidden[1:-1][place] for place in np.flatnonzero(words == word)}) == 1
        assert read == [MASK if h else s for h, s in zip(hidden, row, strict=True)]
        assert [s for h, s in zip(hidden, row, strict=True) if h] == [s for s in said if s >= 0]
        assert any(hidden) == bool(sizes)
        # No more than the rate, but for a first word that is longer than that.
        assert sum(hidden) <= max(1, round(0.3 * sum(sizes)), max(sizes, default=0))


def test_of_what_is_hidden_four_fifths_are_masked_and_a_tenth_is_replaced() -> None:
    rows = text_rows([[1] * 40] * 500)
    made = Masking(MaskSettings(rate=0.25), MASK)(rows, 0)
    hidden = made.labels != NO_LABEL
    assert hidden.sum() == 500 * 10
    read, gold = made.inputs[hidden], made.labels[hidden]
    assert (read == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (read == gold).mean() == pytest.approx(0.1, abs=0.02)
    replaced = read[(read != MASK) & (read != gold)]
    assert {*replaced.tolist()} <= {*rows.alphabet.tolist()}
    # Each place is hidden as often as any other.
    by_place = hidden.reshape(500, 42)[:, 1:-1].sum(axis=0)
    assert by_place.min() > 80


def test_without_whole_words_subwords_are_hidden_one_by_one() -> None:
    rows = text_rows([[4] * 10] * 50)
    made = Masking(MaskSettings(rate=0.2, whole_words=False, masked=1, replaced=0), MASK)(rows, 0)
    hidden = (made.labels != NO_LABEL).reshape(50, 42)
    assert (hidden.sum(axis=1) == 8).all()
    parts = hidden[:, 1:-1].reshape(50, 10, 4).sum(axis=2)
    assert ((parts > 0) & (parts < 4)).any()


@pytest.mark.parametrize(
    "corrupter",
    [
        Masking(MaskSettings(), MASK),
        Cutting(DenoisingSettings(), SENTINELS, END),
        Shuffling(64, None),
        Shuffling(64, END),
        Continuing(END),
    ],
)
def test_a_row_is_the_same_in_whatever_batch(corrupter: Corrupter) -> None:
    shapes = [[1, 2, 3, 1], [2, 2], [1] * 9, []]
    together = corrupter(text_rows(shapes), 5)
    for number in range(len(shapes)):
        rows = text_rows(shapes)
        at = slice(rows.offsets[number], rows.offsets[number + 1])
        alone = TextRows(
            np.array([number]),
            rows.subwords[at],
            rows.words[at],
            np.array([0, at.stop - at.start]),
            rows.alphabet,
        )
        made = corrupter(alone, 5)
        assert inputs(made)[0] == inputs(together)[number]
        assert labels(made)[0] == labels(together)[number]


def put_back(read: list[int], said: list[int]) -> list[int]:
    """The text, from what is left of it and the spans after their sentinels."""
    spans: dict[int, list[int]] = {}
    for subword in said[:-1]:
        if subword >= FIRST_SENTINEL:
            spans[subword] = []
        else:
            spans[[*spans][-1]].append(subword)
    return [part for s in read for part in (spans[s] if s >= FIRST_SENTINEL else [s])]


@given(ROWS, st.integers(0, 1000), st.sampled_from([0.15, 0.5, 0.9]))
def test_spans_and_rest_are_the_text(shapes: list[list[int]], seed: int, rate: float) -> None:
    rows = text_rows(shapes)
    made = Cutting(DenoisingSettings(rate=rate), SENTINELS, END)(rows, seed)
    for row, read, said in zip(texts(rows), inputs(made), labels(made), strict=True):
        assert put_back(read, said) == row
        assert said[-1] == END
        spans = [s for s in said if s >= FIRST_SENTINEL]
        # The last sentinel stands for what comes after all spans.
        assert spans == [*range(FIRST_SENTINEL, FIRST_SENTINEL + len(spans))]
        assert spans[:-1] == [s for s in read if s >= FIRST_SENTINEL]
        text = len(row) - 2
        assert len(said) - 1 - len(spans) == min(text, max(1, round(rate * text)))
        # Two spans never touch.
        assert not any(a >= FIRST_SENTINEL and b >= FIRST_SENTINEL for a, b in pairwise(read))


def test_denoising_by_example() -> None:
    rows = text_rows([[1] * 20])
    made = Cutting(DenoisingSettings(rate=0.3), SENTINELS, END)(rows, 1)
    (read,), (said,) = inputs(made), labels(made)
    # Six of twenty subwords (10 to 29) in two spans.
    first = next(s for s in read if s >= FIRST_SENTINEL)
    assert first == FIRST_SENTINEL
    assert (len(read), len(said)) == (20 + 2 - 6 + 2, 6 + 2 + 1 + 1)
    assert put_back(read, said) == [BEGIN, *range(10, 30), END]


def test_spans_lie_anywhere() -> None:
    rows = text_rows([[1] * 10] * 3000)
    made = Cutting(DenoisingSettings(rate=0.3), SENTINELS, END)(rows, 0)
    hidden = made.labels[(made.labels >= 10) & (made.labels < FIRST_SENTINEL)]
    at = np.bincount((hidden - 10) % 10, minlength=10) / 3000
    # One span of three in ten, at each of eight places as often.
    assert at[[0, -1]] == pytest.approx([1 / 8, 1 / 8], abs=0.03)
    assert at[4:6] == pytest.approx([3 / 8, 3 / 8], abs=0.03)


@given(ROWS, st.integers(0, 1000))
def test_words_out_of_order_stay_whole_and_are_told_where_they_stood(
    shapes: list[list[int]], seed: int
) -> None:
    rows = text_rows(shapes)
    made = Shuffling(4, None)(rows, seed)
    for sizes, row, read, said in zip(shapes, texts(rows), inputs(made), labels(made), strict=True):
        assert (read[0], read[-1]) == (BEGIN, END)
        assert sorted(read) == sorted(row)
        starts = 1 + offsets_of(sizes)
        for word, size in enumerate(sizes):
            at = read.index(row[starts[word]])
            assert read[at : at + size] == row[starts[word] : starts[word] + size]
            assert said[at] == (word if word < 4 else NO_LABEL)
        assert sum(label != NO_LABEL for label in said) == min(4, len(sizes))
    back = Shuffling(4, END)(rows, seed)
    assert inputs(back) == inputs(made)
    assert labels(back) == [[*row[1:-1], END] for row in texts(rows)]


def test_order_is_a_matter_of_chance() -> None:
    rows = text_rows([[1] * 4] * 4000)
    made = Shuffling(4, None)(rows, 0)
    stood = made.labels.reshape(4000, 6)[:, 1:-1]
    for place in range(4):
        shares = np.bincount(stood[:, place], minlength=4) / 4000
        assert shares == pytest.approx([0.25] * 4, abs=0.03)


def test_a_text_gets_one_end() -> None:
    values, offsets = flat([[5, 6], [7, END], []])
    with_end = ended(values, offsets, END)
    assert split(with_end.values, with_end.offsets) == [[5, 6, END], [7, END], [END]]


def test_words_of_rows() -> None:
    words = Words.of(text_rows([[2, 1], [], [3]]))
    assert words.of_subword.tolist() == [-1, 0, 0, 1, -1, -1, -1, -1, 2, 2, 2, -1]
    assert words.sizes.tolist() == [2, 1, 3]
    assert words.offsets.tolist() == [0, 2, 2, 3]


@pytest.mark.parametrize(
    ("text", "tokens", "spans", "special", "expected"),
    [
        # A bare mark of a space goes with the word after it.
        ("wake me", ["wake", "me"], [(0, 0), (0, 4), (4, 5), (5, 7)], [1, 0, 0, 0], [-1, 0, 1, 1]),
        ("wake me", ["wake", "me"], [(0, 2), (2, 4), (4, 7)], [0, 0, 0], [0, 0, 1]),
        # Characters are words there; a subword of two goes with its last.
        ("起床 7", ["起", "床", "7"], [(0, 1), (0, 2), (2, 4)], [0, 0, 0], [0, 1, 2]),
        # Tokens that are not those of the text.
        ("a b", ["ab"], [(0, 1), (1, 3), (3, 3)], [0, 0, 1], [0, 1, -1]),
        ("  ", [], [(0, 1)], [0], [-1]),
    ],
)
def test_words_of_subwords(
    text: str,
    tokens: list[str],
    spans: list[tuple[int, int]],
    special: list[int],
    expected: list[int],
) -> None:
    assert words_of_subwords(text, tokens, spans, special) == expected
