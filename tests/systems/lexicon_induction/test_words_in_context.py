"""A word's vector is the mean of its hidden states, whatever texts stand beside it in a batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from massive_kit.systems.lexicon_induction import words_in_context
from massive_kit.systems.lexicon_induction.matching import Vectors
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

ROWS = [
    ["wake", "me", "up", "at", "nine"],
    ["Wake", "up"],
    ["play", "it", "!"],
    ["wake\u200b", "the", "7", "\u05d0", "lights", "up"],
]


@pytest.fixture(scope="module")
def encoder(small_encoder: Path) -> SentenceEncoder:
    settings = SentenceEncoderSettings(base=str(small_encoder), prefix="query: ")
    return SentenceEncoder.load(settings, "fp32")


def states(encoder: SentenceEncoder, text: str, layer: int) -> Vectors:
    ids = torch.tensor([encoder.tokenizer("query: " + text)["input_ids"]])
    with torch.inference_mode():
        output = encoder.body(input_ids=ids, output_hidden_states=True)
    return np.asarray(output.hidden_states[layer + 1][0])


def test_a_vector_is_the_mean_over_subwords_and_occurrences(encoder: SentenceEncoder) -> None:
    read = ContextReader(encoder, (0, 1)).words(ROWS)
    # Digits and signs alone are no words; how a word is written does not matter.
    assert read.words == ("at", "it", "lights", "me", "nine", "play", "the", "up", "wake", "\u05d0")
    assert dict(zip(read.words, read.counts.tolist(), strict=True))["wake"] == 3
    means = []
    for word in read.words:
        of_layers = []
        for layer in (0, 1):
            seen = []
            for row in ROWS:
                for place, token in enumerate(row):
                    if token.lower().strip("\u200b") == word:
                        # Each word of these is encoded as it is within the text.
                        counts = [len(encoder.tokenizer.tokenize(t)) for t in row[: place + 1]]
                        start = 1 + len(encoder.tokenizer.tokenize("query:")) + sum(counts[:-1])
                        of_text = states(encoder, " ".join(row), layer)
                        seen.append(of_text[start : start + counts[-1]].mean(axis=0))
            of_layers.append(np.mean(seen, axis=0))
        means.append(of_layers)
    expected: Vectors = np.array(means, np.float32)
    expected -= expected.mean(axis=0)
    expected /= np.linalg.norm(expected, axis=2, keepdims=True)
    assert np.allclose(read.vectors, expected.reshape(len(read.words), -1), atol=1e-4)


def test_batches_change_nothing(encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = ContextReader(encoder, (1,))
    done: list[int] = []
    whole = reader.words(ROWS)
    monkeypatch.setattr(words_in_context, "_BUDGET", 12)
    pieces = reader.words(ROWS, progress=done.append)
    assert sum(done) == len(ROWS)
    assert len(done) > 1
    assert pieces.words == whole.words
    assert np.allclose(pieces.vectors, whole.vectors, atol=1e-5)


def test_where_tokens_are_characters_subwords_are_words(encoder: SentenceEncoder) -> None:
    text = "明日の天気を教えて"
    read = ContextReader(encoder, (1,)).words([[*text]], characters=True)
    pieces = encoder.tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    # As the text has them, unknown to the vocabulary or not.
    assert {*read.words} == {text[start:end] for start, end in pieces["offset_mapping"]}
    assert sum(len(word) for word in read.words) == len(text)
    assert read.counts.tolist() == [1] * len(read.words)


def test_rare_words_are_left_out(encoder: SentenceEncoder) -> None:
    often = ContextReader(encoder, (1,)).words(ROWS).often(3)
    assert often.words == ("up", "wake")
    assert often.vectors.shape == (2, 64)


def test_what_is_past_the_longest_text_is_not_read(small_encoder: Path) -> None:
    settings = SentenceEncoderSettings(base=str(small_encoder), max_length=8)
    encoder = SentenceEncoder.load(settings, "fp32")
    read = ContextReader(encoder, (1,)).words([["up"] * 5 + ["wake"] * 20])
    assert "up" in read.words
    assert read.counts.sum() < 10


def test_layers_are_shares_of_the_depth(encoder: SentenceEncoder) -> None:
    assert ContextReader.at_depths(encoder, (0.4, 0.65, 1.0)).layers == (0, 1)


def test_no_text_has_no_words(encoder: SentenceEncoder) -> None:
    read = ContextReader(encoder, (0, 1)).words([])
    assert read.words == ()
    assert read.vectors.shape == (0, 128)
    assert ContextReader(encoder, (1,)).words([["7"], []]).words == ()
