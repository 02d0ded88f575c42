"""Tokens and labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.store import Store
from massive_kit.data.tokens import OTHER, alexa_labels, annotate, split, tokenise

_token = st.text(st.characters(exclude_characters="[]", exclude_categories=("Z", "C")), min_size=1)
_label = st.sampled_from([OTHER, "time", "date", "artist_name"])


def test_words() -> None:
    got = tokenise("wake me at [time : five am]", characters=False)
    assert got.tokens == ["wake", "me", "at", "five", "am"]
    assert got.labels == [OTHER, OTHER, OTHER, "time", "time"]


def test_characters_split_but_ascii_pieces_stay_whole() -> None:
    got = tokenise("播放 [song_name : hello] 这首歌", characters=True)
    assert got.tokens == ["播", "放", "hello", "这", "首", "歌"]
    assert got.labels == [OTHER, OTHER, "song_name", OTHER, OTHER, OTHER]


def test_the_original_lets_the_slot_run_on() -> None:
    assert alexa_labels("播放 [song_name : hello] 这首歌") == [OTHER] * 2 + ["song_name"] * 4


def test_text_after_a_bracket_is_outside() -> None:
    got = tokenise("put [food : five].", characters=False)
    assert got.tokens == ["put", "five", "."]
    assert got.labels == [OTHER, "food", OTHER]


def test_zero_width_space_does_not_split() -> None:
    assert split("ខ្ញុំ\u200bនៅ ទី", characters=False) == ["ខ្ញុំ\u200bនៅ", "ទី"]


@given(st.lists(st.tuples(_token, _label), min_size=1, max_size=12))
def test_annotate_and_tokenise_are_inverse(pairs: list[tuple[str, str]]) -> None:
    tokens = [token for token, _ in pairs]
    labels = [label for _, label in pairs]
    # A lone colon outside brackets is text; inside a slot's value the notation allows it, too.
    got = tokenise(annotate(tokens, labels), characters=False)
    assert got.tokens == tokens
    assert got.labels == labels


@pytest.mark.realdata
def test_the_defect_shows_in_163_test_rows(real_store: Store) -> None:
    locales = ("ja-JP", "zh-CN", "zh-TW", "de-DE")
    right = real_store.label_columns("test", locales)
    original = real_store.label_columns("test", locales, compat="alexa")
    differing = dict.fromkeys(locales, 0)
    for row in range(len(right)):
        if right.row_labels(row) != original.row_labels(row):
            differing[locales[right.locale[row]]] += 1
    assert differing == {"ja-JP": 117, "zh-CN": 4, "zh-TW": 42, "de-DE": 0}
