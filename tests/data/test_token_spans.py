"""Where tokens lie in many texts is what is found one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.ragged import offsets_of
from massive_kit.data.text_spans import token_places
from massive_kit.data.token_spans import token_spans

ROWS = [
    ("wake me up", ["wake", "me", "up"]),
    ("起きて", ["起", "き", "て"]),
    ("播放 hello 歌", ["播", "放", "hello", "歌"]),
    ("two  spaces\u00a0and ", ["two", "spaces", "and"]),
    ("aa a", ["aa", "a"]),
    ("", []),
]


def lengths(rows: list[tuple[str, list[str]]]) -> list[int]:
    return [len(tokens) for _, tokens in rows]


@given(st.lists(st.sampled_from(ROWS), max_size=12), st.sampled_from([list, tuple]))
def test_places_are_those_of_each_row(rows: list[tuple[str, list[str]]], kind: type) -> None:
    texts = [text for text, _ in rows]
    starts, stops = token_spans(
        texts, [kind(tokens) for _, tokens in rows], offsets_of(lengths(rows))
    )
    expected = [place for text, tokens in rows for place in token_places(text, tokens)]
    assert [*zip(starts.tolist(), stops.tolist(), strict=True)] == expected
    assert texts == [text for text, _ in rows]


def test_a_text_that_holds_more_than_its_tokens_becomes_them() -> None:
    rows = [("wake me, up", ["wake", "me", "up"]), ("other", ["wake", "me"]), ("up", ["up"])]
    texts = [text for text, _ in rows]
    starts, stops = token_spans(texts, [tokens for _, tokens in rows], offsets_of(lengths(rows)))
    assert texts == ["wake me up", "wake me", "up"]
    assert starts.tolist() == [0, 5, 8, 0, 5, 0]
    assert stops.dtype == starts.dtype == np.int64
