"""Rows in flat arrays, and runs of labels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import cut, flat, offsets_of, places, ranges, rows_of, rows_of_lengths
from massive_kit.data.span_schemes import runs_of
from massive_kit.data.spans import find_spans
from massive_kit.data.tokens import OTHER, annotate

rows_of_labels = st.lists(st.lists(st.integers(0, 2), max_size=6), max_size=6)


@given(rows_of_labels)
def test_rows_come_back_from_the_flat_array(rows: list[list[int]]) -> None:
    values, offsets = flat(rows)
    assert [values[a:b].tolist() for a, b in pairwise(offsets)] == rows
    assert rows_of(offsets).tolist() == [i for i, row in enumerate(rows) for _ in row]
    assert rows_of(offsets, np.int16).dtype == np.int16
    assert (rows_of_lengths([len(row) for row in rows]) == rows_of(offsets)).all()
    chosen = np.arange(len(rows))[::-2]
    taken, own_offsets = cut(values, offsets, chosen)
    assert taken.tolist() == [value for i in chosen for value in rows[i]]
    assert own_offsets.tolist() == offsets_of([len(rows[i]) for i in chosen]).tolist()
    assert (values[places(offsets, chosen)] == taken).all()


def test_ranges_may_overlap_and_be_empty() -> None:
    starts, lengths = np.array([5, 0, 4, 2]), np.array([2, 3, 0, 1])
    assert ranges(starts, lengths).tolist() == [5, 6, 0, 1, 2, 2]
    nothing = np.zeros(0, np.int64)
    assert ranges(nothing, nothing).tolist() == []


@given(rows_of_labels)
def test_arrays_and_lists_have_the_same_runs(rows: list[list[int]]) -> None:
    values, offsets = flat(rows)
    spans = find_spans(values, offsets, Inventory((), ("a", "b"), {}))
    listed = [
        (i, int(offsets[i]) + run.start, int(offsets[i]) + run.end, int(run.label))
        for i, row in enumerate(rows)
        for run in runs_of(list(map(str, row)))
        if run.label != "0"
    ]
    columns = (spans.row, spans.start, spans.end, spans.label)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == listed


def test_annotating_needs_a_label_for_each_token() -> None:
    assert annotate(["a", "b", "c"], [OTHER, "x", "x"]) == "a [x : b c]"
    assert annotate([], []) == ""
    with pytest.raises(ValueError, match="2 tokens and 1 labels"):
        annotate(["a", "b"], [OTHER])
