"""Tokens and labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.notation import Segment, render
from massive_kit.data.span_schemes import runs_of, scheme_labels
from massive_kit.data.store import Store
from massive_kit.data.tokens import OTHER, alexa_labels, annotate, split, tokenise
from massive_kit.errors import NotationError

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


def test_a_slot_that_ends_within_a_token_is_widened_to_it() -> None:
    got = tokenise("put [food : five].", characters=False)
    assert got.tokens == ["put", "five."] == split("put five.", characters=False)
    assert got.labels == [OTHER, "food"]
    assert got.widened == (1,)


def test_tokens_are_those_of_the_utterance_where_only_white_space_differs() -> None:
    got = tokenise("put [food : five] .", characters=False, text="put five.")
    assert (got.tokens, got.labels, got.widened) == (["put", "five."], [OTHER, "food"], (1,))
    apart = tokenise("put[food : five].", characters=False, text="put five .")
    assert (apart.tokens, apart.widened) == (["put", "five", "."], ())


def test_a_word_that_a_slot_shares_with_text_is_split_into_characters_as_a_whole() -> None:
    got = tokenise("[device : tv]を消して", characters=True)
    assert got.tokens == ["t", "v", "を", "消", "し", "て"] == split("tvを消して", characters=True)
    assert got.labels == ["device"] * 2 + [OTHER] * 4


def test_two_slots_in_one_token_are_refused() -> None:
    with pytest.raises(NotationError, match=r"share the token 'mon-fri'") as caught:
        tokenise("from [date : mon][time : -fri]", characters=False)
    assert caught.value.kind == "shared"


def test_touching_spans_have_a_boundary() -> None:
    got = tokenise("play [song : a] [song : b c] [artist : d]", characters=False)
    assert got.labels == [OTHER, "song", "song", "song", "artist"]
    assert got.boundaries == (2,)
    assert scheme_labels(got.labels, got.boundaries, "brackets") == [
        *(OTHER, "B-song", "B-song", "I-song", "B-artist")
    ]
    assert scheme_labels(got.labels, got.boundaries, "runs") == got.labels


_slots = st.sampled_from(["time", "SL:DATE_TIME", "time.start", "music item"])
_stretches = st.lists(
    st.tuples(
        st.text(st.sampled_from("ab灯 []\\.:'\u200b"), min_size=1), st.one_of(st.none(), _slots)
    ),
    max_size=6,
)


@given(_stretches, st.booleans())
def test_slots_do_not_shape_the_tokens(
    stretches: list[tuple[str, str | None]], characters: bool
) -> None:
    segments = [Segment(text if slot is None else text.strip(), slot) for text, slot in stretches]
    segments = [segment for segment in segments if segment.text]
    annotated = render(segments)
    text = "".join(segment.text for segment in segments)
    try:
        got = tokenise(annotated, characters=characters)
    except NotationError:
        with pytest.raises(NotationError, match="share the token"):
            tokenise(annotated, characters=characters)
        return
    assert got.tokens == split(text, characters=characters)
    assert len(got.labels) == len(got.tokens)


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


@given(st.lists(st.tuples(_token, _label, st.booleans()), min_size=1, max_size=12))
def test_spans_in_are_spans_out_under_brackets(triples: list[tuple[str, str, bool]]) -> None:
    tokens = [token for token, _, _ in triples]
    slots = [label for _, label, _ in triples]
    boundaries = [
        i
        for i, (_, label, begins) in enumerate(triples)
        if i and begins and label != OTHER and label == slots[i - 1]
    ]
    labels = scheme_labels(slots, boundaries, "brackets")
    got = tokenise(annotate(tokens, labels, "brackets"), characters=False)
    assert (got.tokens, got.labels, list(got.boundaries)) == (tokens, slots, boundaries)
    spans = [run for run in runs_of(labels, "brackets") if run.label != OTHER]
    assert len(spans) == sum(label.startswith("B-") for label in labels)


def test_an_inside_label_alone_begins_a_span() -> None:
    labels = ["I-a", "I-a", "Other", "I-b", "I-a", "B-a"]
    assert annotate(list("uvwxyz"), labels, "brackets") == "[a : u v] w [b : x] [a : y] [a : z]"


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
