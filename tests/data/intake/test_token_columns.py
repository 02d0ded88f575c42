"""The fast way gives what the plain rule gives, row by row."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.intake.token_columns import split_column, tokenise_column
from massive_kit.data.tokens import split, tokenise
from massive_kit.errors import NotationError

PIECES = st.sampled_from(
    ["a", "bc", " ", "  ", "\u3000", "\u00a0", "\u200b", "灯", "é", "😀", "[", "]", ":", " : ",
     "[x : ", "[a/B.c : ", "[Other : ", "\t", "[x :", "[ x : ", "]]", "[[", "[x : y]", "\x1f", "\\"]
)  # fmt: skip
TEXTS = st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=8)
WELL_FORMED = st.lists(
    st.lists(
        st.sampled_from(
            ["up ", "me", " ", "[t : x] ", "[t : five am]", "[d : 今天 ok]", "灯x ", "[a/B : x]"]
        ),
        max_size=8,
    ).map("".join),
    max_size=8,
)  # fmt: skip


@pytest.mark.parametrize("characters", [False, True])
@given(texts=TEXTS | WELL_FORMED)
def test_tokenise_column_is_tokenise(texts: list[str], characters: bool) -> None:
    columns = tokenise_column(pa.array(texts, pa.string()), characters=characters)
    assert columns.labels is not None
    assert columns.boundaries is not None
    for row, text in enumerate(texts):
        if row in columns.mistakes:
            with pytest.raises(NotationError, match=re.escape(columns.mistakes[row])):
                tokenise(text, characters=characters)
            continue
        expected = tokenise(text, characters=characters)
        assert columns.tokens[row].as_py() == expected.tokens
        assert columns.labels[row].as_py() == expected.labels
        assert tuple(columns.boundaries[row].as_py() or ()) == expected.boundaries
        widened = [expected.tokens[position] for position in expected.widened]
        assert columns.widened.get(row, []) == widened
    columns.tokens.validate(full=True)
    columns.labels.validate(full=True)


@pytest.mark.parametrize("characters", [False, True])
@given(texts=TEXTS)
def test_split_column_is_split(texts: list[str], characters: bool) -> None:
    columns = split_column(pa.array(texts, pa.string()), characters=characters)
    assert columns.tokens.to_pylist() == [split(text, characters=characters) for text in texts]
    assert columns.mistakes == {}


def test_a_slice_of_a_column() -> None:
    column = pa.array(["[x : a] b", "c [y : d e]", "f"]).slice(1, 1)
    columns = tokenise_column(column, characters=False)
    assert columns.tokens.to_pylist() == [["c", "d", "e"]]
    assert columns.labels is not None
    assert columns.labels.to_pylist() == [["Other", "y", "y"]]
