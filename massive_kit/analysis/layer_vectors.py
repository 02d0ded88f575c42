"""Mean vectors of texts at every layer of an encoder, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.ragged import flat
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.base_models import most_positions
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.pair_texts import text_batch
from massive_kit.engine.precision import autocast
from massive_kit.engine.sentence_vectors import mean_vectors
from massive_kit.engine.texts import Texts
from massive_kit.engine.transfers import Computed, brought_back, on_device
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

LayerVectors = NDArray[np.float32]

# Most subwords of a batch, padding included: the states of all layers of one are held at once.
_BUDGET = 4096
_NO_TEXT = -1


def encoded(encoder: SentenceEncoder, texts: Sequence[str]) -> Texts:
    """Texts as subwords, the encoder's prefix before each; neither it nor specials are words.

    Args:
        encoder: The encoder.
        texts: Of one language.
    """
    prefix = encoder.settings.prefix
    most = min(
        encoder.settings.max_length, most_positions(encoder.body) or encoder.settings.max_length
    )
    batch: dict[str, list[list[Any]]] = (
        encoder.tokenizer(
            [prefix + text for text in texts],
            truncation=True,
            max_length=most,
            return_attention_mask=False,
            return_special_tokens_mask=True,
        )
        if texts
        else {"input_ids": [], "special_tokens_mask": []}
    )
    pad = int(encoder.tokenizer.pad_token_id or 0)
    # A tokenizer without special subwords makes nothing of an empty text.
    subwords, offsets = flat([row or [pad] for row in batch["input_ids"]])
    special, _ = flat([row or [1] for row in batch["special_tokens_mask"]])
    nothing = np.zeros(0, np.int32)
    return Texts(
        locales=("",),
        locale=np.zeros(len(texts), np.int16),
        subwords=subwords,
        words=np.where(special, _NO_TEXT, 0).astype(np.int32),
        offsets=offsets,
        special=nothing,
        alphabet=nothing,
        pad=pad,
    )


@torch.inference_mode()
def layer_vectors(
    encoder: SentenceEncoder,
    texts: Texts,
    layers: Sequence[int],
    passed: Callable[[int], None] = lambda _: None,
) -> LayerVectors:
    """The mean over the subwords of each text at some layers; longest computed with longest.

    Args:
        encoder: The encoder.
        texts: What `encoded` gave.
        layers: Counted from 0, which is the embeddings.
        passed: Called with how many more texts are through.

    Returns:
        Shape (layers, texts, width).
    """
    body = encoder.body
    device = next(body.parameters()).device
    made = np.zeros((len(layers), len(texts), int(body.config.hidden_size)), np.float32)
    order = np.argsort(texts.lengths, kind="stable")

    def computed() -> Iterator[Computed]:
        for rows in length_batches(texts.lengths, order, _BUDGET):
            batch = text_batch(texts, rows)
            there = on_device(batch, device)
            with known_padding(batch):
                states = body(
                    input_ids=there["input_ids"],
                    attention_mask=there["attention_mask"].long(),
                    output_hidden_states=True,
                ).hidden_states
            means = (mean_vectors(states[layer], there["text_mask"]) for layer in layers)
            yield Computed(rows, tuple(means))

    with autocast(device, encoder.precision):
        for read in brought_back(computed()):
            for position, means in enumerate(read.values):
                made[position, read.rows] = means
            passed(len(read.rows))
    return made
