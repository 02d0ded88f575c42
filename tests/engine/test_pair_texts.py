"""Pairs are two texts of one id, drawn the same way each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from massive_kit.data.lineage import Lineage
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.engine.pair_texts import LanguageBatches, PairBatches, PairTexts, encode_pairs
from massive_kit.engine.texts import encode_texts
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import TrainingError

LOCALES = ("de-DE", "en-US", "ja-JP")


@pytest.fixture(scope="module")
def split(demo_store: Store) -> DataSplit:
    return DataSplit(demo_store, "dev", LOCALES)


def pairs(split: DataSplit, base: Path, pivot: str | None = "en-US") -> PairTexts:
    return encode_pairs(split, pivot, load_tokenizer(base), max_length=32)


def test_a_pair_is_one_id_in_two_languages(split: DataSplit, small_encoder: Path) -> None:
    made = pairs(split, small_encoder)
    ids = [part.read(["id"]).column("id").to_pylist() for part in split.by_locale()]
    flat_ids = [identity for of_locale in ids for identity in of_locale]
    assert len(made) == len(ids[0])
    numbers = np.arange(5 * len(made))
    one_side, other_side = made.drawn(numbers, 0)
    assert all(flat_ids[a] == flat_ids[b] for a, b in zip(one_side, other_side, strict=True))
    assert {*made.texts.locale[one_side]} == {LOCALES.index("en-US")}
    # Each other language comes about as often.
    others = np.bincount(made.texts.locale[other_side], minlength=3)
    assert others[1] == 0
    assert min(others[[0, 2]]) > 0.4 * len(numbers)
    assert np.array_equal(made.drawn(numbers, 0), made.drawn(numbers, 0))
    assert not np.array_equal(made.drawn(numbers, 0), made.drawn(numbers, 1))
    # What is drawn for a pair does not hang on those beside it.
    assert np.array_equal(made.drawn(numbers[7:9], 0), made.drawn(numbers, 0)[:, 7:9])


def test_without_a_pivot_any_two_are_a_pair(split: DataSplit, small_encoder: Path) -> None:
    made = pairs(split, small_encoder, None)
    one_side, other_side = made.texts.locale[made.drawn(np.arange(4 * len(made)), 0)]
    assert not (one_side == other_side).any()
    assert len({*zip(one_side.tolist(), other_side.tolist(), strict=True)}) == 6


def test_ids_that_lack_a_language_are_passed_over(demo_store: Store, small_encoder: Path) -> None:
    made = pairs(DataSplit(demo_store, "dev", LOCALES), small_encoder)
    rows = made.rows.copy()
    rows[3, 2] = -1
    holed = PairTexts(made.texts, rows, made.pivot, made.same)
    drawn = holed.drawn(np.full(40, 3), 0)
    assert {*made.texts.locale[drawn[1]].tolist()} == {0}
    with pytest.raises(TrainingError, match="too few to tell pairs apart; rows of two languages"):
        encode_pairs(
            DataSplit(demo_store, "dev", ("en-US",)),
            "en-US",
            load_tokenizer(small_encoder),
            max_length=32,
        )


def test_a_batch_has_both_sides_and_knows_the_same_texts(
    split: DataSplit, small_encoder: Path
) -> None:
    made = pairs(split, small_encoder)
    batches = PairBatches(made, 0)
    batch = batches.__getitems__(np.array([4, 9, 4]))
    assert batch["input_ids"].shape[0] == batch["same"].shape[0] == 6
    assert batch["same"][0] == batch["same"][2] != batch["same"][1]
    lengths = batch["attention_mask"].sum(dim=1)
    # The tokenizer puts one subword before a text and one after it.
    assert torch.equal(batch["text_mask"].sum(dim=1), lengths - 2)
    assert not (batch["text_mask"] & ~batch["attention_mask"]).any()
    text = made.texts
    row = int(made.drawn(np.array([9]), 0)[1, 0])
    expected = text.subwords[text.offsets[row] : text.offsets[row + 1]]
    assert batch["input_ids"][4, : len(expected)].tolist() == expected.tolist()


def test_texts_come_with_their_languages(split: DataSplit, small_encoder: Path) -> None:
    texts = encode_texts(split, load_tokenizer(small_encoder), max_length=32)
    batches = LanguageBatches(texts)
    rows = np.array([0, len(texts) - 1, len(texts)])
    assert batches.__getitems__(rows)["languages"].tolist() == [0, 2, 0]


def test_rows_that_were_made_of_others_are_told_from_translations(
    demo_store: Store, small_encoder: Path
) -> None:
    made = replace(demo_store, lineage=Lineage("translate_words", labels_from={"de-DE": "en-US"}))
    with pytest.raises(TrainingError, match="rows of de-DE were made of others") as caught:
        encode_pairs(
            DataSplit(made, "dev", ("de-DE",)), None, load_tokenizer(small_encoder), max_length=32
        )
    assert "take the data that they were made of" in str(caught.value)
