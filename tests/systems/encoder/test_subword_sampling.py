"""Subword regularisation draws by the probability of subwords, repeats from a seed, keeps text."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.engine.tokenizers import backend_of, load_tokenizer, train_tokenizer
from massive_kit.errors import ConfigError
from massive_kit.systems.encoder.dataset import encode_sampled, encode_split
from massive_kit.systems.encoder.subword_sampling import CutSampling, SegmentationSampler
from massive_kit.systems.subwords.placement import Placement

PIECES = [
    ("<s>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    *((subword, -2.0 - 0.1 * i) for i, subword in enumerate("▁abcd")),
    ("▁ab", -2.5),
    ("ab", -2.7),
    ("abc", -4.0),
    ("cd", -3.0),
]


def unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(PIECES, unk_id=2))
    tokenizer.add_special_tokens(["<s>", "</s>", "<unk>"])
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    return tokenizer


BACKEND = unigram()


def sampler(smoothing: float, seed: int = 0) -> SegmentationSampler:
    return SegmentationSampler(BACKEND, smoothing, np.random.default_rng(seed))


texts = st.text("abcd ", min_size=1, max_size=20)


@given(st.lists(texts, max_size=5))
def test_a_high_power_gives_the_best_segmentation(rows: list[str]) -> None:
    best = BACKEND.encode_batch(rows)
    for sampled, usual in zip(sampler(1000.0).encode_batch(rows), best, strict=True):
        assert sampled.ids == usual.ids
        assert sampled.special_tokens_mask == usual.special_tokens_mask


@given(texts, st.floats(0.1, 2))
@settings(deadline=None)
def test_pieces_spell_the_text_and_offsets_cut_it(text: str, smoothing: float) -> None:
    (own,) = sampler(smoothing).encode_batch([text])
    assert own.special_tokens_mask == [1, *[0] * (len(own.ids) - 2), 1]
    for subword, (start, end) in list(zip(own.ids, own.offsets, strict=True))[1:-1]:
        written = str(BACKEND.id_to_token(subword)).replace("▁", " ")
        assert text[start:end] in {written, written.lstrip()}


def test_cuts_are_drawn_by_their_probability() -> None:
    smoothing = 0.5
    drawn = sampler(smoothing)
    score = dict(PIECES)
    cuts = [["▁", "a", "b"], ["▁", "ab"], ["▁ab"]]
    weights = [math.exp(smoothing * sum(score[subword] for subword in cut)) for cut in cuts]
    # ▁a is no subword, so that there is no fourth way.
    count = 20_000
    counts = Counter(
        tuple(BACKEND.id_to_token(i) for i in encoding.ids[1:-1])
        for encoding in drawn.encode_batch(["ab"] * count)
    )
    assert set(counts) == {tuple(cut) for cut in cuts}
    for cut, weight in zip(cuts, weights, strict=True):
        share = weight / sum(weights)
        spread = math.sqrt(share * (1 - share) / count)
        assert counts[tuple(cut)] / count == pytest.approx(share, abs=4 * spread)


def test_text_that_is_normalised_or_unknown_keeps_its_ordinary_segmentation() -> None:
    rows = ["ａｂ ab", "ab 愛"]
    for sampled, usual in zip(
        sampler(0.1).encode_batch(rows), BACKEND.encode_batch(rows), strict=True
    ):
        assert sampled.ids == usual.ids
        assert sampled.offsets == usual.offsets


def test_a_seed_repeats_and_another_does_not() -> None:
    rows = ["abcd abc dcba"] * 20
    assert sampler(0.3).encode_batch(rows) == sampler(0.3).encode_batch(rows)
    assert sampler(0.3).encode_batch(rows) != sampler(0.3, seed=1).encode_batch(rows)


def test_of_the_words_a_share_is_drawn() -> None:
    rows = ["abcd abc dcba"] * 500
    (best,) = BACKEND.encode_batch(rows[:1])
    some = SegmentationSampler(BACKEND, 0.1, np.random.default_rng(0), share=0.3)
    everything = sampler(0.1).encode_batch(rows)
    differ = [
        sum(encoding.ids != best.ids for encoding in encodings)
        for encodings in (some.encode_batch(rows), everything)
    ]
    # Each of three words stays with 0.7, or is drawn as it was.
    assert 0.25 * 500 < differ[0] < (1 - 0.7**3) * 500 < differ[1]
    none = SegmentationSampler(BACKEND, 0.1, np.random.default_rng(0), share=1e-9)
    for encoding, usual in zip(
        none.encode_batch(["ab abcd", "", "  a"]),
        BACKEND.encode_batch(["ab abcd", "", "  a"]),
        strict=True,
    ):
        assert (encoding.ids, encoding.offsets) == (usual.ids, usual.offsets)


def test_a_tokenizer_without_probabilities_is_refused() -> None:
    backend = backend_of(train_tokenizer(["wake me up"] * 3, 300))
    with pytest.raises(ConfigError, match="BPE tokenizer"):
        SegmentationSampler(backend, 0.5, np.random.default_rng(0))


def test_copies_of_a_store_stand_one_behind_the_other(
    demo_store: Store, unigram_tokenizer: Path
) -> None:
    tokenizer = load_tokenizer(unigram_tokenizer)
    split = DataSplit(demo_store, "train", ("en-US",))
    plain = encode_split(split, tokenizer, placement=Placement.raw_text, max_length=512)
    drawn = encode_sampled(
        split,
        tokenizer,
        placement=Placement.raw_text,
        max_length=512,
        sampling=CutSampling(0.5, seed=0),
        copies=3,
    )
    rows = len(plain)
    assert len(drawn) == 3 * rows
    tokens = len(plain.labels)
    for copy in range(3):
        copy_tokens = slice(copy * tokens, (copy + 1) * tokens)
        assert (drawn.labels[copy_tokens] == plain.labels).all()
        assert (drawn.intents[copy * rows : (copy + 1) * rows] == plain.intents).all()
    lengths = drawn.lengths.reshape(3, rows)
    assert (lengths[0] != lengths[1]).any()
    # Every token still has a subword of its own.
    assert (drawn.positions >= 0).all()
    assert drawn.lengths.mean() > plain.lengths.mean()
