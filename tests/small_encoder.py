"""A pre-trained encoder small enough for tests: random weights, and a tokenizer of the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.store import Store


@pytest.fixture(scope="session")
def small_encoder(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model as it comes from a hub: weights, configuration, tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    from massive_kit.engine.tokenizers import train_tokenizer

    folder = tmp_path_factory.mktemp("small-encoder")
    texts = demo_store.read("train", ["en-US", "de-DE", "ja-JP"], ["utt"]).column("utt").to_pylist()
    tokenizer = train_tokenizer(texts, 1000)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.2,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
