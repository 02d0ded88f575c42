"""Trimmed tokenizers cut the text that their subwords are from as the whole ones do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from massive_kit.engine.tokenizer_trimming import trimmed_tokenizer
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import ConfigError

TEXTS = [
    "wake me up at five",
    "weck mich um fünf",
    "play some jazz in the kitchen",
    "turn the lights off please",
    "五時に起こして",
    "what is the weather like in london tomorrow",
]
READ, OTHER = TEXTS[:3], TEXTS[3:]
SPECIAL = ["<pad>", "<unk>", "<s>", "</s>", "<mask>"]
UNKNOWN: dict[str, Any] = {"unk_token": "<unk>"}


def _around() -> Any:
    return processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )


def unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=90, special_tokens=SPECIAL, **UNKNOWN, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS * 9, trainer)
    tokenizer.post_processor = _around()
    return tokenizer


def byte_pairs() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS * 9, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 3), ("<s>", 2))
    return tokenizer


def word_pieces() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(**UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordPieceTrainer(vocab_size=160, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(TEXTS * 9, trainer)
    tokenizer.post_processor = processors.Sequence([_around()])
    return tokenizer


def whole(make: Any) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=make(),
        **{
            f"{name}_token": text
            for name, text in zip(("pad", "unk", "bos", "eos", "mask"), SPECIAL, strict=True)
        },
        additional_special_tokens=["<extra>"],
        model_max_length=64,
    )


@pytest.mark.parametrize("make", [unigram, byte_pairs, word_pieces])
def test_of_a_few_the_most_frequent_stay(make: Any) -> None:
    full = whole(make)
    ids, counts = np.unique(ids_of(full, READ), return_counts=True)
    often = ids[np.argsort(-counts, kind="stable")]
    least = len(trimmed_tokenizer(full, often[:0]).full_ids)
    few = trimmed_tokenizer(full, often, least + 6)
    assert least < len(few.full_ids) <= least + 6
    assert {*few.full_ids.tolist()} <= {*trimmed_tokenizer(full, often).full_ids.tolist()}
    cut = ids_of(few.tokenizer, READ)
    assert len(cut) > len(ids_of(full, READ))
    assert (cut == few.tokenizer.unk_token_id).sum() == 0
    with pytest.raises(ConfigError, match=rf"vocabulary is 6, and letters alone are {least}"):
        trimmed_tokenizer(full, often, 6)


def ids_of(tokenizer: Any, texts: list[str]) -> NDArray[np.int32]:
    return np.array([number for row in tokenizer(texts)["input_ids"] for number in row], np.int32)


@pytest.mark.parametrize("make", [unigram, byte_pairs, word_pieces])
def test_text_is_cut_as_before_and_other_text_is_still_read(make: Any, tmp_path: Path) -> None:
    full = whole(make)
    before = ids_of(full, READ)
    trimmed = trimmed_tokenizer(full, before)
    assert len(trimmed.tokenizer) == len(trimmed.full_ids) < len(full)
    assert np.array_equal(trimmed.full_ids[ids_of(trimmed.tokenizer, READ)], before)
    # Letters are left for what was not read.
    unknown = full.unk_token_id
    expected = int((ids_of(full, OTHER) == unknown).sum())
    assert (ids_of(trimmed.tokenizer, OTHER) == trimmed.tokenizer.unk_token_id).sum() == expected
    assert len(ids_of(trimmed.tokenizer, OTHER)) > len(ids_of(full, OTHER))
    trimmed.tokenizer.save_pretrained(tmp_path)
    again = load_tokenizer(tmp_path)
    assert np.array_equal(ids_of(again, TEXTS), ids_of(trimmed.tokenizer, TEXTS))
    assert again.pad_token_id == full.pad_token_id
    for name in ("<mask>", "<extra>", "<s>"):
        new = again.convert_tokens_to_ids(name)
        assert trimmed.full_ids[new] == full.convert_tokens_to_ids(name)
    # A trimmed one may be trimmed again.
    twice = trimmed_tokenizer(again, ids_of(again, READ[:1]))
    assert len(twice.full_ids) < len(trimmed.full_ids)
    cut = trimmed.full_ids[twice.full_ids][ids_of(twice.tokenizer, READ[:1])]
    assert np.array_equal(cut, ids_of(full, READ[:1]))
