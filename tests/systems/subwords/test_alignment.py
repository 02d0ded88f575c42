"""Every token gets a subword that covers it, under each placement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.store import Store
from massive_kit.data.tokens import split
from massive_kit.engine.tokenizers import backend_of, train_tokenizer
from massive_kit.systems.subwords.alignment import AlignedSubwords, align_tokens
from massive_kit.systems.subwords.placement import Placement

TEXTS = ["wake me up at five", "ปลุก ฉัน ตอน เช้า", "明日の朝五時に起こして", "播放 hello 这首歌"] * 3
BACKEND = backend_of(train_tokenizer(TEXTS, 400))


def spoken(aligned: AlignedSubwords, row: int) -> list[str]:
    """The subword that speaks for each token of a row."""
    subwords = aligned.subwords[aligned.subword_offsets[row] : aligned.subword_offsets[row + 1]]
    positions = aligned.positions[aligned.token_offsets[row] : aligned.token_offsets[row + 1]]
    return [str(BACKEND.id_to_token(subwords[i])) for i in positions]


def test_a_space_of_its_own_speaks_for_a_character_only_in_the_reference_way() -> None:
    tokens = [["播", "放"]]
    backend = backend_of(train_tokenizer(["播放 x", "放 播"] * 3, 300))
    backend.add_tokens([])
    first = align_tokens(BACKEND, ["播放"], tokens, placement=Placement.first)
    text = align_tokens(BACKEND, ["播放"], tokens, placement=Placement.first_with_text)
    assert all(subword.startswith("▁") for subword in spoken(first, 0))
    assert all(subword.strip("▁") for subword in spoken(text, 0))


def test_raw_text_gives_characters_the_piece_that_covers_them() -> None:
    text = "播放 hello 这首歌"
    tokens = split(text, characters=True)
    aligned = align_tokens(BACKEND, [text], [tokens], placement=Placement.raw_text)
    for token, subword in zip(tokens, spoken(aligned, 0), strict=True):
        assert subword == "<unk>" or token in subword or subword.strip("▁") in token


def test_text_that_differs_from_its_tokens_falls_back_on_the_tokens() -> None:
    aligned = align_tokens(
        BACKEND, ["something else"], [["wake", "me"]], placement=Placement.raw_text
    )
    joined = align_tokens(BACKEND, ["wake me"], [["wake", "me"]], placement=Placement.raw_text)
    assert aligned.subwords.tolist() == joined.subwords.tolist()


def test_rows_over_the_limit_are_counted_and_keep_their_end() -> None:
    tokens = ["wake"] * 50
    aligned = align_tokens(
        BACKEND, [" ".join(tokens)], [tokens], placement=Placement.raw_text, max_length=12
    )
    assert aligned.truncated == 1
    assert len(aligned.subwords) == 12
    assert BACKEND.id_to_token(aligned.subwords[-1]) == "</s>"
    assert aligned.positions.max() < 11


@pytest.mark.parametrize("placement", Placement)
def test_a_row_is_read_alike_beside_others(placement: Placement) -> None:
    texts = ["wake", "播放 hello 这首歌", "wake me up at five", "wake  me", "", "明日の朝"]
    tokens = [split(text, characters=True) for text in texts]
    together = align_tokens(BACKEND, texts, tokens, placement=placement, max_length=6)
    alone = [
        align_tokens(BACKEND, [text], [row], placement=placement, max_length=6)
        for text, row in zip(texts, tokens, strict=True)
    ]
    for name in ("subwords", "positions", "owners"):
        values = np.concatenate([getattr(aligned, name) for aligned in alone])
        assert getattr(together, name).tolist() == values.tolist()
    assert together.truncated == sum(aligned.truncated for aligned in alone) > 0


def test_every_piece_knows_its_token() -> None:
    text = "播放 hello 这首歌"
    tokens = split(text, characters=True)
    aligned = align_tokens(BACKEND, [text], [tokens], placement=Placement.raw_text)
    owned: dict[int, str] = {}
    for subword, owner in zip(aligned.subwords, aligned.owners, strict=True):
        written = str(BACKEND.id_to_token(subword))
        if owner < 0:
            assert written in {"<s>", "</s>", "▁"}
        else:
            owned[owner] = owned.get(owner, "") + written.strip("▁")
    assert owned[tokens.index("hello")] == "hello"


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=6
).filter(lambda word: len(word.split()) == 1)


@given(st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=4), st.booleans())
def test_positions_are_within_the_row_and_never_go_back(rows: list[list[str]], raw: bool) -> None:
    for placement in Placement:
        texts = [("" if raw else " ").join(row) for row in rows]
        aligned = align_tokens(BACKEND, texts, rows, placement=placement)
        for i, row in enumerate(rows):
            length = aligned.subword_offsets[i + 1] - aligned.subword_offsets[i]
            row_positions = aligned.positions[
                aligned.token_offsets[i] : aligned.token_offsets[i + 1]
            ]
            assert len(row_positions) == len(row)
            assert ((row_positions >= 0) & (row_positions < length)).all()
            assert (np.diff(row_positions) >= 0).all()
            owners = aligned.owners[aligned.subword_offsets[i] : aligned.subword_offsets[i + 1]]
            assert owners.max(initial=-1) < len(row)
            assert (np.diff(owners[owners >= 0]) >= 0).all()


@pytest.mark.parametrize("placement", list(Placement))
def test_every_token_of_the_demo_corpus_has_a_text_piece(
    placement: Placement, demo_store: Store
) -> None:
    for locale in demo_store.locales:
        table = demo_store.read("test", [locale], ["utt", "tokens"])
        tokens = table.column("tokens").to_pylist()
        aligned = align_tokens(
            BACKEND, table.column("utt").to_pylist(), tokens, placement=placement
        )
        lengths = np.repeat(np.diff(aligned.subword_offsets), np.diff(aligned.token_offsets))
        assert aligned.truncated == 0
        assert (aligned.positions > 0).all()
        assert (aligned.positions < lengths - 1).all()


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("placement", list(Placement))
def test_every_token_of_the_real_test_split_has_a_position(
    placement: Placement, real_store: Store
) -> None:
    english = real_store.read("train", ["en-US"], ["utt"]).column("utt").to_pylist()
    backend = backend_of(train_tokenizer(english, 2000))
    for locale in real_store.locales:
        table = real_store.read("test", [locale], ["utt", "tokens"])
        tokens = table.column("tokens").to_pylist()
        aligned = align_tokens(
            backend, table.column("utt").to_pylist(), tokens, placement=placement
        )
        lengths = np.repeat(np.diff(aligned.subword_offsets), np.diff(aligned.token_offsets))
        assert aligned.truncated == 0
        assert ((aligned.positions > 0) & (aligned.positions < lengths - 1)).all()
